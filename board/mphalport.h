// SPDX-License-Identifier: MIT
// What py/mphal.h asks of a port: waiting, time, the console, retried calls.
#ifndef BOARD_MPHALPORT_H
#define BOARD_MPHALPORT_H

#include <errno.h>
#include <unistd.h>

#include "shared/runtime/interrupt_char.h"

#include "board/hardware.h"

#define MICROPY_BEGIN_ATOMIC_SECTION()                                         \
    (mp_thread_unix_begin_atomic_section(), 0xffffffff)
#define MICROPY_END_ATOMIC_SECTION(x)                                          \
    (void)x;                                                                   \
    mp_thread_unix_end_atomic_section()

// Sleeps until the next interrupt, at most ms (-1: for ever).
#define MICROPY_INTERNAL_WFE(ms) board_hardware_wait((int)(ms))

#define mp_hal_ticks_cpu() mp_hal_ticks_us()
void mp_hal_delay_us(mp_uint_t us);
#define mp_hal_delay_us_fast(us) board_delay_us_fast(us)
void board_delay_us_fast(mp_uint_t us);

// Pins are known by their GPIO's number.
#define MP_HAL_PIN_FMT "%u"
#define mp_hal_pin_obj_t int
#define mp_hal_get_pin_obj(pin) board_pin_number(pin)
#define mp_hal_pin_name(pin) ((unsigned)(pin))
#define mp_hal_pin_input(pin) board_pin_input(pin)
#define mp_hal_pin_output(pin) board_pin_output(pin)
#define mp_hal_pin_open_drain(pin) board_pin_open_drain(pin)
#define mp_hal_pin_read(pin) board_pin_read(pin)
#define mp_hal_pin_write(pin, level) board_pin_write(pin, level)
#define mp_hal_pin_od_low(pin) board_pin_write(pin, 0)
#define mp_hal_pin_od_high(pin) board_pin_write(pin, 1)
int board_pin_number(void *pin);
void board_pin_input(int pin);
void board_pin_output(int pin);
void board_pin_open_drain(int pin);
int board_pin_read(int pin);
void board_pin_write(int pin, int level);

void mp_hal_get_random(size_t size, void *data);

// Repeats a system call that a signal interrupted, running what is pending.
#define MP_HAL_RETRY_SYSCALL(ret, syscall, raise)                              \
    {                                                                          \
        for (;;) {                                                             \
            MP_THREAD_GIL_EXIT();                                              \
            ret = syscall;                                                     \
            MP_THREAD_GIL_ENTER();                                             \
            if (ret == -1) {                                                   \
                int err = errno;                                               \
                if (err == EINTR) {                                            \
                    mp_handle_pending(true);                                   \
                    continue;                                                  \
                }                                                              \
                raise;                                                         \
            }                                                                  \
            break;                                                             \
        }                                                                      \
    }

#define RAISE_ERRNO(err_flag, error_val)                                       \
    {                                                                          \
        if (err_flag == -1) {                                                  \
            mp_raise_OSError(error_val);                                       \
        }                                                                      \
    }

#endif
