// SPDX-License-Identifier: MIT
#include "board/clock.h"

#include <sys/random.h>
#include <time.h>

#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#include "board/hardware.h"
#include "board/reset.h"
#include "board/world.h"

static int64_t clock_us(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t board_clock_host_us(void) {
    return clock_us(CLOCK_REALTIME) - (int64_t)BOARD_EPOCH * 1000000;
}

// Between settings the clock follows the world's, which starts at power-on and
// does not jump where the host's does.
void board_clock_set_us(int64_t us) {
    board_always_on()->clock_us = us - (int64_t)board_world_us();
}

int64_t board_clock_us(void) {
    return (int64_t)board_world_us() + board_always_on()->clock_us;
}

uint64_t board_clock_uptime_ms(void) {
    return board_world_uptime_us() / 1000;
}

// Who looks at the clock again and again waits for something.
static uint64_t look(void) {
    board_world_pass_us(1);
    return board_world_uptime_us();
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
    return look() / 1000;
}

mp_uint_t mp_hal_ticks_us(void) {
    return look();
}

uint64_t mp_hal_time_ns(void) {
    return (uint64_t)board_clock_us() * 1000;
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = board_world_us() + (uint64_t)ms * 1000;
    mp_event_handle_nowait();
    for (;;) {
        uint64_t now = board_world_us();
        if (now >= end) {
            return;
        }
        if (end - now >= 1000) {
            mp_event_wait_ms((mp_uint_t)((end - now) / 1000));
        } else {
            mp_hal_delay_us((mp_uint_t)(end - now));
        }
    }
}

// Shorter than the host's scheduler can be trusted with.
void board_delay_us_fast(mp_uint_t us) {
    uint64_t end = board_world_us() + us;
    board_world_pass_us(us);
    while (board_world_us() < end) {
    }
}

void mp_hal_delay_us(mp_uint_t us) {
    if (board_world_is_fast) {
        uint64_t end = board_world_us() + us;
        for (uint64_t now; (now = board_world_us()) < end;) {
            mp_event_handle_nowait();
            board_world_skip(end - now);
        }
        return;
    }
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
