// SPDX-License-Identifier: MIT
// MicroPython's clocks, all of the one that target_microseconds() reads.
#include "py/mphal.h"
#include "py/runtime.h"

#include "targets/common/port.h"

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)target_microseconds();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return (mp_uint_t)(target_microseconds() / 1000);
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return mp_hal_ticks_us();
}

uint64_t mp_hal_time_ns(void) {
    return TARGET_START * UINT64_C(1000000000) + target_microseconds() * 1000;
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = target_microseconds() + us;
    while (target_microseconds() < end) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = target_microseconds() + (uint64_t)ms * 1000;
    while (target_microseconds() < end) {
        mp_event_handle_nowait();
    }
}
