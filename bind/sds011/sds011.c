// SPDX-License-Identifier: MIT
// _blox_sds011: the sensor's commands and frames (core/sense/sds011.h); driven
// by python/mpy_blox/sensor/nova_pm.py.
#include "core/sense/sds011.h"
#include "bind/common/module.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_sds011 sds011;
} stream_obj;

// command(command, value, device_id) -> bytes to send. value None asks.
static mp_obj_t command(mp_obj_t number, mp_obj_t value, mp_obj_t device_id) {
    uint8_t packet[BLOX_SDS011_COMMAND];
    mp_int_t wanted = value == mp_const_none ? -1 : mp_obj_get_int(value);
    if (wanted < 0 && value != mp_const_none) {
        wanted = BLOX_SDS011_ANY_ID; // no command takes it
    }
    int error =
        blox_sds011_command((int)mp_obj_get_int(number), (int)wanted,
                            (uint16_t)mp_obj_get_int(device_id), packet);
    if (error != BLOX_OK) {
        blox_raise(error, blox_span_text("nova_pm: the sensor does not take "
                                         "this value; reporting mode and sleep "
                                         "take 0 and 1, the working period 0 "
                                         "to 30 minutes"));
    }
    return blox_new_bytes(blox_span(packet, sizeof packet));
}
static MP_DEFINE_CONST_FUN_OBJ_3(command_obj, command);

// Stream()
static mp_obj_t stream_make_new(const mp_obj_type_t *type, size_t n_args,
                                size_t n_kw, const mp_obj_t *arguments) {
    (void)arguments;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    stream_obj *self = blox_object_new(type, sizeof *self);
    blox_sds011_init(&self->sds011);
    return MP_OBJ_FROM_PTR(self);
}

// feed(data) -> bytes taken; fewer than given when next() has a frame first.
static mp_obj_t stream_feed(mp_obj_t self_in, mp_obj_t data) {
    stream_obj *self = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(
        blox_sds011_feed(&self->sds011, blox_bind_span(data)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(stream_feed_obj, stream_feed);

// next() -> None, or (kind, device id, two or three numbers): of a measurement
// (kind 0) PM2.5 and PM10 in tenths, of the firmware's reply its date, of
// another reply whether something was set and the value.
static mp_obj_t stream_next(mp_obj_t self_in) {
    stream_obj *self = MP_OBJ_TO_PTR(self_in);
    struct blox_sds011_frame frame;
    if (blox_sds011_next(&self->sds011, &frame) == 0) {
        return mp_const_none;
    }
    int numbers[3] = {frame.year, frame.month, frame.day};
    if (frame.kind == SDS011_MEASUREMENT) {
        numbers[0] = frame.pm2_5;
        numbers[1] = frame.pm10;
    } else if (frame.kind != SDS011_FIRMWARE) {
        numbers[0] = frame.set;
        numbers[1] = frame.value;
    }
    mp_obj_t items[5] = {
        MP_OBJ_NEW_SMALL_INT(frame.kind), MP_OBJ_NEW_SMALL_INT(frame.device_id),
        MP_OBJ_NEW_SMALL_INT(numbers[0]), MP_OBJ_NEW_SMALL_INT(numbers[1]),
        MP_OBJ_NEW_SMALL_INT(numbers[2]),
    };
    return mp_obj_new_tuple(5, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(stream_next_obj, stream_next);

// skipped, damaged: bytes that belonged to no frame, and frames among them.
static void stream_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    stream_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_skipped) {
        dest[0] = mp_obj_new_int_from_uint(self->sds011.skipped);
    } else if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_damaged) {
        dest[0] = mp_obj_new_int_from_uint(self->sds011.damaged);
    } else {
        dest[1] = MP_OBJ_SENTINEL;
    }
}

static const mp_rom_map_elem_t stream_table[] = {
    BLOX_METHOD(MP_QSTR_feed, stream_feed_obj),
    BLOX_METHOD(MP_QSTR_next, stream_next_obj),
};
static MP_DEFINE_CONST_DICT(stream_dict, stream_table);

BLOX_TYPE(blox_sds011_stream_type, MP_QSTR_Stream, MP_TYPE_FLAG_NONE, make_new,
          stream_make_new, attr, stream_attr, locals_dict, &stream_dict);

BLOX_MODULE(MP_QSTR__blox_sds011, blox_sds011_module,
            BLOX_TYPES(&blox_sds011_stream_type),
            BLOX_MEMBER(MP_QSTR_Stream, blox_sds011_stream_type),
            BLOX_MEMBER(MP_QSTR_command, command_obj));
