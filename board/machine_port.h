// SPDX-License-Identifier: MIT
// What extmod/modmachine.c includes: a bridge to board/machine.h.
#include <sched.h>

#include "py/mpthread.h"

#include "board/machine.h"
#include "board/options.h"
#include "board/reset.h"

static void mp_machine_idle(void) {
    MP_THREAD_GIL_EXIT();
    sched_yield();
    MP_THREAD_GIL_ENTER();
}

NORETURN static void mp_machine_reset(void) {
    board_reset_now(BOARD_RESET_HARD);
}

static mp_int_t mp_machine_reset_cause(void) {
    return board_reset_cause();
}

static mp_obj_t mp_machine_unique_id(void) {
    return mp_obj_new_bytes(board_options()->unique_id,
                            sizeof(board_options()->unique_id));
}

static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int(board_machine_frequency());
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    board_machine_set_frequency(mp_obj_get_int(args[0]));
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    board_machine_lightsleep(n_args > 0 ? mp_obj_get_int(args[0]) : -1);
}

NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    board_machine_deepsleep(n_args > 0 ? mp_obj_get_int(args[0]) : -1);
}

// clang-format off
#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_sleep), MP_ROM_PTR(&machine_lightsleep_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&board_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&board_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&board_rtc_type) }, \
    { MP_ROM_QSTR(MP_QSTR_SLEEP), MP_ROM_INT(2) }, \
    { MP_ROM_QSTR(MP_QSTR_DEEPSLEEP), MP_ROM_INT(4) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(BOARD_RESET_POWER_ON) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(BOARD_RESET_HARD) }, \
    { MP_ROM_QSTR(MP_QSTR_WDT_RESET), MP_ROM_INT(BOARD_RESET_WATCHDOG) }, \
    { MP_ROM_QSTR(MP_QSTR_DEEPSLEEP_RESET), \
      MP_ROM_INT(BOARD_RESET_DEEPSLEEP) }, \
    { MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(BOARD_RESET_SOFT) }, \
    { MP_ROM_QSTR(MP_QSTR_wake_reason), MP_ROM_PTR(&board_wake_reason_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_PIN_WAKE), MP_ROM_INT(2) }, \
    { MP_ROM_QSTR(MP_QSTR_EXT0_WAKE), MP_ROM_INT(2) }, \
    { MP_ROM_QSTR(MP_QSTR_EXT1_WAKE), MP_ROM_INT(3) }, \
    { MP_ROM_QSTR(MP_QSTR_TIMER_WAKE), MP_ROM_INT(4) }, \
    { MP_ROM_QSTR(MP_QSTR_TOUCHPAD_WAKE), MP_ROM_INT(5) }, \
    { MP_ROM_QSTR(MP_QSTR_ULP_WAKE), MP_ROM_INT(6) },
// clang-format on
