// SPDX-License-Identifier: MIT
// The processor itself: frequency, sleep, watchdog.
#include "board/machine.h"

#include <poll.h>

#include "py/mphal.h"
#include "py/runtime.h"

#include "board/console.h"
#include "board/reset.h"
#include "board/world.h"

static mp_int_t frequency = 160000000;

mp_int_t board_machine_frequency(void) {
    return frequency;
}

void board_machine_set_frequency(mp_int_t hertz) {
    mp_int_t mhz = hertz / 1000000;
    if (mhz != 20 && mhz != 40 && mhz != 80 && mhz != 160 && mhz != 240) {
        mp_raise_ValueError(MP_ERROR_TEXT(
            "frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz"));
    }
    frequency = mhz * 1000000;
}

void board_machine_lightsleep(mp_int_t ms) {
    if (ms < 0) {
        for (;;) {
            mp_event_wait_indefinite();
        }
    }
    mp_hal_delay_ms((mp_uint_t)ms);
}

// Nothing but the timer wakes a sleeping board, not even its console.
_Noreturn void board_machine_deepsleep(mp_int_t ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    mp_uint_t passed = 0;
    board_world_pass_us(ms < 0 ? 0 : (uint64_t)ms * 1000);
    while (ms < 0 || passed < (mp_uint_t)ms) {
        poll(NULL, 0, ms < 0 ? -1 : (int)((mp_uint_t)ms - passed));
        passed = mp_hal_ticks_ms() - start;
    }
    board_reset_now(BOARD_RESET_DEEPSLEEP);
}

void board_peripherals_stop(void) {
    board_timer_stop_all();
    board_uart_stop_all();
    board_pwm_stop_all();
    board_i2s_stop_all();
}

static mp_obj_t board_wake_reason(void) {
    enum { TIMER_WAKE = 4 };
    bool woken = board_always_on()->cause == BOARD_RESET_DEEPSLEEP;
    return MP_OBJ_NEW_SMALL_INT(woken ? TIMER_WAKE : 0);
}
MP_DEFINE_CONST_FUN_OBJ_0(board_wake_reason_obj, board_wake_reason);

static void bite(void *unused) {
    (void)unused;
    board_console_print("\r\nTask watchdog got triggered.\r\n");
    board_reset_now(BOARD_RESET_WATCHDOG);
}

static struct sim_alarm watchdog = {.ring = bite};
static uint64_t watchdog_ns;

void board_watchdog_start(mp_int_t timeout_ms) {
    watchdog_ns = (uint64_t)timeout_ms * SIM_MS;
    board_watchdog_feed();
}

void board_watchdog_feed(void) {
    struct sim_world *world = board_world_enter();
    sim_alarm_set(&world->clock, &watchdog, watchdog_ns, 0);
    board_world_leave();
}
