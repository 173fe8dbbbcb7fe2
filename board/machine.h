// SPDX-License-Identifier: MIT
// The classes of the module machine, and what its functions do.
#ifndef BOARD_MACHINE_H
#define BOARD_MACHINE_H

#include "py/obj.h"

extern const mp_obj_type_t board_pin_type;
// Whether an ESP32's GPIO cannot be an output.
bool board_pin_is_input_only(int number);

extern const mp_obj_type_t board_rtc_type;
extern const mp_obj_type_t board_timer_type;

// machine.wake_reason()
MP_DECLARE_CONST_FUN_OBJ_0(board_wake_reason_obj);

mp_int_t board_machine_frequency(void);
void board_machine_set_frequency(mp_int_t hertz);

// Sleeps ms, for ever when that is negative; deep sleep ends with a reset.
void board_machine_lightsleep(mp_int_t ms);
_Noreturn void board_machine_deepsleep(mp_int_t ms);

// The one watchdog: resets the board timeout_ms after it was last fed.
void board_watchdog_start(mp_int_t timeout_ms);
void board_watchdog_feed(void);

// At a soft reset: lets go of all pins, and stops what drives them.
void board_pin_reset_all(void);
void board_peripherals_stop(void);
void board_timer_stop_all(void);
void board_uart_stop_all(void);
void board_pwm_stop_all(void);
void board_i2s_stop_all(void);

#endif
