// SPDX-License-Identifier: MIT
// _blox_htu21d: what the sensor's bytes mean (core/sense/htu21d.h); driven by
// python/mpy_blox/sensor/htu21d.py. Small on purpose: it is the whole price of
// one sensor.
#include "core/sense/htu21d.h"
#include "bind/common/module.h"

// value(command, answer) -> hundredths of a degree or of a percent, or None
// when the answer is damaged.
static mp_obj_t value(mp_obj_t command, mp_obj_t answer) {
    struct blox_span bytes = blox_bind_span(answer);
    int32_t raw =
        bytes.size < BLOX_HTU21D_ANSWER ? -1 : blox_htu21d_raw(bytes.data);
    if (raw < 0) {
        return mp_const_none;
    }
    return MP_OBJ_NEW_SMALL_INT(mp_obj_get_int(command) == HTU21D_TEMPERATURE
                                    ? blox_htu21d_temperature((uint16_t)raw)
                                    : blox_htu21d_humidity((uint16_t)raw));
}
static MP_DEFINE_CONST_FUN_OBJ_2(value_obj, value);

// time(command, user_register) -> milliseconds that it takes at most.
static mp_obj_t measuring_time(mp_obj_t command, mp_obj_t user_register) {
    return MP_OBJ_NEW_SMALL_INT(blox_htu21d_time(
        (int)mp_obj_get_int(command), (uint8_t)mp_obj_get_int(user_register)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(time_obj, measuring_time);

// resolution(user_register) -> its bits of humidity
static mp_obj_t resolution(mp_obj_t user_register) {
    return MP_OBJ_NEW_SMALL_INT(
        blox_htu21d_resolution((uint8_t)mp_obj_get_int(user_register)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(resolution_obj, resolution);

// with_resolution(user_register, bits) -> the register, or below 0 when there
// is no such resolution.
static mp_obj_t with_resolution(mp_obj_t user_register, mp_obj_t bits) {
    return MP_OBJ_NEW_SMALL_INT(blox_htu21d_with_resolution(
        (uint8_t)mp_obj_get_int(user_register), (int)mp_obj_get_int(bits)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(with_resolution_obj, with_resolution);

BLOX_MODULE(MP_QSTR__blox_htu21d, blox_htu21d_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_value, value_obj),
            BLOX_MEMBER(MP_QSTR_time, time_obj),
            BLOX_MEMBER(MP_QSTR_resolution, resolution_obj),
            BLOX_MEMBER(MP_QSTR_with_resolution, with_resolution_obj));
