// SPDX-License-Identifier: MIT
// _blox_ota: Updater. python/mpy_blox/mqtt/update.py drives it.
#include <string.h>

#include "bind/common/crypto.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"
#include "core/ota/updater.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_updater updater;
    struct blox_bind_storage storage;
    struct blox_bind_sha256 sha256;
    mp_obj_t strings[2]; // what the updater's spans point into
    mp_obj_t wake;       // called when there is something to do
    struct blox_clock clock;
} updater_obj;

// Raises what Python raised below the engine, KeyboardInterrupt say.
static void check(updater_obj *self) {
    blox_bind_storage_check(&self->storage);
    blox_bind_raise_kept(&self->sha256.raised);
}

static void configure(updater_obj *self, const mp_obj_t *arguments) {
    struct blox_updater_config config = {
        .storage = &self->storage.ops,
        .sha256 = &self->sha256.ops,
        .node = blox_bind_span(arguments[0]),
        .channel = blox_bind_span(arguments[1]),
        .auto_update = mp_obj_is_true(arguments[2]),
        .fetch_timeout_ms = (uint32_t)mp_obj_get_int(arguments[3]),
        .state = mp_obj_is_true(arguments[4]) ? BLOX_UPDATER_TRIAL
                                              : BLOX_UPDATER_IDLE,
    };
    memcpy(self->strings, arguments, sizeof self->strings);
    self->wake = arguments[5];
    blox_updater_init(&self->updater, &config);
    check(self);
}

// Updater(node, channel, auto_update, fetch_timeout_ms, trial, wake): wake() is
// called when a payload brought something to do
static mp_obj_t updater_make_new(const mp_obj_type_t *type, size_t n_args,
                                 size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 6, 6, false);
    updater_obj *self = blox_object_new(type, sizeof *self);
    blox_bind_storage_init(&self->storage);
    blox_bind_sha256_init(&self->sha256);
    configure(self, arguments);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t text(const char *string) {
    return blox_new_str(blox_span_text(string));
}

static void updater_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    struct blox_updater *updater = &self->updater;
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_state) {
        dest[0] = text(blox_updater_state_name(updater->state));
    } else if (name == MP_QSTR_error) {
        dest[0] =
            updater->error[0] == '\0' ? mp_const_none : text(updater->error);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

static void wake(updater_obj *self) {
    mp_call_function_n_kw(self->wake, 0, 0, NULL);
}

// begin(topic, size, retain) -> whether the payload is wanted
static mp_obj_t updater_begin(size_t count, const mp_obj_t *arguments) {
    (void)count;
    updater_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    bool wanted =
        blox_updater_begin(&self->updater, blox_bind_span(arguments[1]),
                           (uint32_t)mp_obj_get_int_truncated(arguments[2]),
                           mp_obj_is_true(arguments[3]));
    check(self);
    wake(self);
    return mp_obj_new_bool(wanted);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(updater_begin_obj, 4, 4,
                                           updater_begin);

static mp_uint_t updater_write(mp_obj_t self_in, const void *data,
                               mp_uint_t size, int *error) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    (void)error;
    blox_updater_feed(&self->updater, blox_span(data, size));
    check(self);
    return size;
}

static mp_uint_t updater_ioctl(mp_obj_t self_in, mp_uint_t request,
                               uintptr_t argument, int *error) {
    (void)self_in;
    if (request == MP_STREAM_POLL) {
        return argument & MP_STREAM_POLL_WR;
    }
    *error = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_stream_p_t updater_stream = {
    .write = updater_write,
    .ioctl = updater_ioctl,
};

// end(ok)
static mp_obj_t updater_end(mp_obj_t self_in, mp_obj_t ok) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_end(&self->updater, mp_obj_is_true(ok));
    check(self);
    wake(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(updater_end_obj, updater_end);

// connected(online)
static mp_obj_t updater_connected(mp_obj_t self_in, mp_obj_t online) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_connected(&self->updater, mp_obj_is_true(online));
    check(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(updater_connected_obj, updater_connected);

// subscribed(topic): the broker acknowledged it
static mp_obj_t updater_subscribed(mp_obj_t self_in, mp_obj_t topic) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_subscribed(&self->updater, blox_bind_span(topic));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(updater_subscribed_obj, updater_subscribed);

// refused(sentence): the list that was to be checked is not right
static mp_obj_t updater_refused(mp_obj_t self_in, mp_obj_t sentence) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_refused(&self->updater, blox_bind_span(sentence));
    check(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(updater_refused_obj, updater_refused);

// starved(sentence, may_reset) -> whether the next boot must load what reads
// the list before the program: there was no memory for it now
static mp_obj_t updater_starved(mp_obj_t self_in, mp_obj_t sentence,
                                mp_obj_t may_reset) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    bool early = blox_updater_starved(&self->updater, blox_bind_span(sentence),
                                      mp_obj_is_true(may_reset));
    check(self);
    return mp_obj_new_bool(early);
}
static MP_DEFINE_CONST_FUN_OBJ_3(updater_starved_obj, updater_starved);

// command() -> whether what was read, no list but a command, counts
static mp_obj_t updater_command(mp_obj_t self_in) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    bool counts = blox_updater_command(&self->updater);
    check(self);
    return mp_obj_new_bool(counts);
}
static MP_DEFINE_CONST_FUN_OBJ_1(updater_command_obj, updater_command);

// planned(needed, fetched, blocks, set): the list is right and asks for this
static mp_obj_t updater_planned(size_t count, const mp_obj_t *arguments) {
    (void)count;
    updater_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct blox_span set = blox_bind_span(arguments[4]);
    struct blox_updater_plan plan = {
        .needed = (uint32_t)mp_obj_get_int(arguments[1]),
        .fetched = (uint32_t)mp_obj_get_int(arguments[2]),
        .blocks = (uint32_t)mp_obj_get_int(arguments[3]),
        .set = set.data,
    };
    if (set.size != BLOX_SHA256_SIZE) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span(NULL, 0));
    }
    blox_updater_planned(&self->updater, &plan);
    check(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(updater_planned_obj, 5, 5,
                                           updater_planned);

// install(): act on the update that waits
static mp_obj_t updater_install(mp_obj_t self_in) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_install(&self->updater);
    check(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(updater_install_obj, updater_install);

// confirmed(): the set on trial was confirmed
static mp_obj_t updater_confirmed(mp_obj_t self_in) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_updater_confirmed(&self->updater);
    check(self);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(updater_confirmed_obj, updater_confirmed);

// tick(ticks_ms) -> ms until the next call is due
static mp_obj_t updater_tick(mp_obj_t self_in, mp_obj_t ticks_in) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    uint32_t due = blox_updater_tick(&self->updater,
                                     blox_clock_set(&self->clock, ticks_in));
    check(self);
    return MP_OBJ_NEW_SMALL_INT((mp_int_t)due);
}
static MP_DEFINE_CONST_FUN_OBJ_2(updater_tick_obj, updater_tick);

// next() -> (what, text or None), or None when there is nothing to do; what
// is one of the module's constants.
static mp_obj_t updater_next(mp_obj_t self_in) {
    updater_obj *self = MP_OBJ_TO_PTR(self_in);
    struct blox_updater_event event;
    if (!blox_updater_next(&self->updater, &event)) {
        return mp_const_none;
    }
    mp_obj_t items[2] = {
        MP_OBJ_NEW_SMALL_INT(event.kind),
        event.text.size > 0 ? blox_new_str(event.text) : mp_const_none,
    };
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(updater_next_obj, updater_next);

static const mp_rom_map_elem_t updater_table[] = {
    BLOX_METHOD(MP_QSTR_begin, updater_begin_obj),
    BLOX_METHOD(MP_QSTR_write, mp_stream_write_obj),
    BLOX_METHOD(MP_QSTR_end, updater_end_obj),
    BLOX_METHOD(MP_QSTR_connected, updater_connected_obj),
    BLOX_METHOD(MP_QSTR_subscribed, updater_subscribed_obj),
    BLOX_METHOD(MP_QSTR_install, updater_install_obj),
    BLOX_METHOD(MP_QSTR_confirmed, updater_confirmed_obj),
    BLOX_METHOD(MP_QSTR_tick, updater_tick_obj),
    BLOX_METHOD(MP_QSTR_next, updater_next_obj),
    BLOX_METHOD(MP_QSTR_refused, updater_refused_obj),
    BLOX_METHOD(MP_QSTR_starved, updater_starved_obj),
    BLOX_METHOD(MP_QSTR_command, updater_command_obj),
    BLOX_METHOD(MP_QSTR_planned, updater_planned_obj),
};
static MP_DEFINE_CONST_DICT(updater_dict, updater_table);

BLOX_TYPE(blox_ota_updater_type, MP_QSTR_Updater, MP_TYPE_FLAG_NONE, make_new,
          updater_make_new, attr, updater_attr, protocol, &updater_stream,
          locals_dict, &updater_dict);

BLOX_MODULE(MP_QSTR__blox_ota, blox_ota_module,
            BLOX_TYPES(&blox_ota_updater_type),
            BLOX_MEMBER(MP_QSTR_Updater, blox_ota_updater_type));
