// SPDX-License-Identifier: MIT
// What extmod/modtime.c includes: the clock of qemu's machine `virt`, the
// 10 MHz counter of its interrupt controller (CLINT, register mtime).
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/timeutils/timeutils.c" // no source of that port

#define MTIME ((volatile uint32_t *)0x0200bff8)

static uint64_t clock_ticks(void) {
    uint32_t high, low;
    do {
        high = MTIME[1];
        low = MTIME[0];
    } while (high != MTIME[1]);
    return (uint64_t)high << 32 | low;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return clock_ticks() / 10000;
}

mp_uint_t mp_hal_ticks_us(void) {
    return clock_ticks() / 10;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return clock_ticks();
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t end = clock_ticks() + (uint64_t)us * 10;
    while (clock_ticks() < end) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = clock_ticks() + (uint64_t)ms * 10000;
    while (clock_ticks() < end) {
        mp_event_handle_nowait();
    }
}

uint64_t mp_hal_time_ns(void) {
    return clock_ticks() * 100;
}

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_uint(clock_ticks() / 10000000);
}

static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(clock_ticks() / 10000000, &tm);
    mp_obj_t parts[] = {
        MP_OBJ_NEW_SMALL_INT(tm.tm_year), MP_OBJ_NEW_SMALL_INT(tm.tm_mon),
        MP_OBJ_NEW_SMALL_INT(tm.tm_mday), MP_OBJ_NEW_SMALL_INT(tm.tm_hour),
        MP_OBJ_NEW_SMALL_INT(tm.tm_min),  MP_OBJ_NEW_SMALL_INT(tm.tm_sec),
        MP_OBJ_NEW_SMALL_INT(tm.tm_wday), MP_OBJ_NEW_SMALL_INT(tm.tm_yday),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(parts), parts);
}
