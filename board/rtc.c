// SPDX-License-Identifier: MIT
// machine.RTC
#include "py/runtime.h"

#include "shared/timeutils/timeutils.h"

#include "board/clock.h"
#include "board/machine.h"
#include "board/reset.h"

static const mp_obj_base_t rtc = {&board_rtc_type};

static mp_obj_t rtc_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *args) {
    (void)type;
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    return MP_OBJ_FROM_PTR(&rtc);
}

static mp_obj_t get_datetime(void) {
    int64_t now = board_clock_us();
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time((mp_uint_t)(now / 1000000),
                                                 &tm);
    mp_obj_t items[] = {
        mp_obj_new_int(tm.tm_year), mp_obj_new_int(tm.tm_mon),
        mp_obj_new_int(tm.tm_mday), mp_obj_new_int(tm.tm_wday),
        mp_obj_new_int(tm.tm_hour), mp_obj_new_int(tm.tm_min),
        mp_obj_new_int(tm.tm_sec),  mp_obj_new_int(now % 1000000),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

// hour is the index of the hours: datetime() has the weekday before them,
// init() has not.
static void set_datetime(mp_obj_t tuple, size_t hour) {
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(tuple, 8, &items);
    int64_t seconds = (int64_t)timeutils_seconds_since_epoch(
        (mp_uint_t)mp_obj_get_int(items[0]),
        (mp_uint_t)mp_obj_get_int(items[1]),
        (mp_uint_t)mp_obj_get_int(items[2]),
        (mp_uint_t)mp_obj_get_int(items[hour]),
        (mp_uint_t)mp_obj_get_int(items[hour + 1]),
        (mp_uint_t)mp_obj_get_int(items[hour + 2]));
    board_clock_set_us(seconds * 1000000 + mp_obj_get_int(items[7]));
}

static mp_obj_t rtc_datetime(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        return get_datetime();
    }
    set_datetime(args[1], 4);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_datetime_obj, 1, 2,
                                           rtc_datetime);

static mp_obj_t rtc_init(mp_obj_t self, mp_obj_t date) {
    (void)self;
    set_datetime(date, 3);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(rtc_init_obj, rtc_init);

static mp_obj_t rtc_memory(size_t n_args, const mp_obj_t *args) {
    struct board_always_on *domain = board_always_on();
    if (n_args == 1) {
        return mp_obj_new_bytes(domain->memory, domain->memory_size);
    }
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[1], &buffer, MP_BUFFER_READ);
    if (buffer.len > BOARD_RTC_MEMORY) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer too long"));
    }
    memcpy(domain->memory, buffer.buf, buffer.len);
    domain->memory_size = (uint16_t)buffer.len;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_memory_obj, 1, 2, rtc_memory);

static const mp_rom_map_elem_t rtc_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&rtc_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&rtc_datetime_obj)},
    {MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&rtc_memory_obj)},
};
static MP_DEFINE_CONST_DICT(rtc_locals, rtc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_rtc_type, MP_QSTR_RTC, MP_TYPE_FLAG_NONE,
                         make_new, rtc_make_new, locals_dict, &rtc_locals);
