// SPDX-License-Identifier: MIT
#include "board/clock.h"

#include <sys/random.h>
#include <time.h>

#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#include "board/hardware.h"
#include "board/reset.h"

static int64_t clock_us(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t board_clock_host_us(void) {
    return clock_us(CLOCK_REALTIME) - (int64_t)BOARD_EPOCH * 1000000;
}

// Between settings the clock follows the host's monotonic one, so that a host
// whose clock jumps does not move the board's.
void board_clock_set_us(int64_t us) {
    board_always_on()->clock_us = us - clock_us(CLOCK_MONOTONIC);
}

void board_clock_power_on(void) {
    board_clock_set_us(0);
}

int64_t board_clock_us(void) {
    return clock_us(CLOCK_MONOTONIC) + board_always_on()->clock_us;
}

static uint64_t uptime_us(void) {
    static int64_t start;
    int64_t now = clock_us(CLOCK_MONOTONIC);
    if (start == 0) {
        start = now;
    }
    return (uint64_t)(now - start);
}

uint64_t board_clock_uptime_ms(void) {
    return uptime_us() / 1000;
}

// The C library's, replaced for the sake of mbedtls: certificates are valid or
// not by the board's clock.
time_t time(time_t *result) {
    time_t now = (time_t)(board_clock_us() / 1000000 + BOARD_EPOCH);
    if (result != NULL) {
        *result = now;
    }
    return now;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return uptime_us() / 1000;
}

mp_uint_t mp_hal_ticks_us(void) {
    return uptime_us();
}

uint64_t mp_hal_time_ns(void) {
    return (uint64_t)board_clock_us() * 1000;
}

void mp_hal_delay_ms(mp_uint_t ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    mp_uint_t passed = 0;
    do {
        mp_event_wait_ms(ms - passed);
        passed = mp_hal_ticks_ms() - start;
    } while (passed < ms);
}

void mp_hal_delay_us(mp_uint_t us) {
    struct timespec left = {
        .tv_sec = (time_t)(us / 1000000),
        .tv_nsec = (long)(us % 1000000) * 1000,
    };
    int result;
    MP_HAL_RETRY_SYSCALL(result, nanosleep(&left, &left), return );
    (void)result;
}

void mp_hal_get_random(size_t size, void *data) {
    ssize_t got;
    MP_HAL_RETRY_SYSCALL(got, getrandom(data, size, 0), mp_raise_OSError(err));
}

unsigned long board_random_seed(void) {
    unsigned long seed;
    mp_hal_get_random(sizeof(seed), &seed);
    return seed;
}
