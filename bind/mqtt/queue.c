// SPDX-License-Identifier: MIT
// _blox_mqtt.Queue: what waits to be sent. Its items are any objects.
#include "bind/mqtt/object.h"

#include "core/mqtt/queue.h"

typedef struct {
    mp_obj_base_t base;
    struct mqtt_queue queue; // its entries: memory that the collector sees
} queue_obj;

static struct mqtt_queue *queue_of(mp_obj_t self) {
    return &((queue_obj *)MP_OBJ_TO_PTR(self))->queue;
}

static uint32_t number(mp_obj_t object) {
    mp_int_t value = mp_obj_get_int(object);
    if (value < 0) {
        blox_raise_text(BLOX_ERROR_ARGUMENT, "queue: negative number");
    }
    return (uint32_t)value;
}

static mp_obj_t item(void *message) {
    return message == NULL ? mp_const_none : MP_OBJ_FROM_PTR(message);
}

// Queue(messages, bytes, drop): the limits, and whether the oldest at QoS 0
// goes when they are reached.
static mp_obj_t queue_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 3, 3, false);
    queue_obj *self = blox_object_new(type, sizeof *self);
    struct mqtt_queue_limits limits = {
        .messages = number(arguments[0]),
        .bytes = number(arguments[1]),
        .policy = mp_obj_is_true(arguments[2]) ? BLOX_MQTT_QUEUE_DROP
                                               : BLOX_MQTT_QUEUE_REFUSE,
    };
    blox_mqtt_queue_init(&self->queue, &limits, NULL, 0);
    return MP_OBJ_FROM_PTR(self);
}

static void queue_attr(mp_obj_t self, qstr name, mp_obj_t *dest) {
    struct mqtt_queue *queue = queue_of(self);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_count) {
        dest[0] = mp_obj_new_int_from_uint(queue->count);
    } else if (name == MP_QSTR_bytes) {
        dest[0] = mp_obj_new_int_from_uint(queue->bytes);
    } else if (name == MP_QSTR_dropped) {
        dest[0] = mp_obj_new_int_from_uint(queue->dropped);
    } else if (name == MP_QSTR_refused) {
        dest[0] = mp_obj_new_int_from_uint(queue->refused);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

static void grow(struct mqtt_queue *queue) {
    // One that keeps up holds a message at most.
    uint32_t capacity = queue->capacity + queue->capacity / 2 + 1;
    struct mqtt_queued *entries = m_malloc(capacity * sizeof *entries);
    memset(entries, 0, capacity * sizeof *entries);
    blox_mqtt_queue_grow(queue, entries, capacity);
}

// add(item, qos, size[, force]): False when there is no room for it; force:
// whatever the limits say.
static mp_obj_t queue_add(size_t count, const mp_obj_t *arguments) {
    struct mqtt_queue *queue = queue_of(arguments[0]);
    void *message = MP_OBJ_TO_PTR(arguments[1]);
    uint8_t qos = (uint8_t)number(arguments[2]);
    uint32_t size = number(arguments[3]);
    bool force = count > 4 && mp_obj_is_true(arguments[4]);
    if (queue->count == queue->capacity &&
        (force || queue->count < queue->limits.messages)) {
        grow(queue);
    }
    int error = force ? blox_mqtt_queue_push(queue, message, qos, size)
                      : blox_mqtt_queue_add(queue, message, qos, size);
    return mp_obj_new_bool(error == BLOX_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(queue_add_obj, 4, 5, queue_add);

// fits(size): whether nothing needs to go for it.
static mp_obj_t queue_fits(mp_obj_t self, mp_obj_t size) {
    return mp_obj_new_bool(blox_mqtt_queue_fits(queue_of(self), number(size)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_fits_obj, queue_fits);

// next(): the oldest item that was not sent, or None.
static mp_obj_t queue_next(mp_obj_t self) {
    return item(blox_mqtt_queue_next(queue_of(self)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(queue_next_obj, queue_next);

// sent(packet_identifier): that item is sent; with 0 it is over.
static mp_obj_t queue_sent(mp_obj_t self, mp_obj_t identifier) {
    blox_mqtt_queue_sent(queue_of(self), (uint16_t)number(identifier));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_sent_obj, queue_sent);

// discard(): that item goes.
static mp_obj_t queue_discard(mp_obj_t self) {
    blox_mqtt_queue_fail(queue_of(self));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(queue_discard_obj, queue_discard);

// find(packet_identifier), done(packet_identifier): the item sent so, or
// None; done takes it out.
static mp_obj_t queue_find(mp_obj_t self, mp_obj_t identifier) {
    return item(
        blox_mqtt_queue_find(queue_of(self), (uint16_t)number(identifier)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_find_obj, queue_find);

static mp_obj_t queue_done(mp_obj_t self, mp_obj_t identifier) {
    return item(
        blox_mqtt_queue_done(queue_of(self), (uint16_t)number(identifier)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(queue_done_obj, queue_done);

// restart(): what was sent and is not done is sent anew.
static mp_obj_t queue_restart(mp_obj_t self) {
    blox_mqtt_queue_restart(queue_of(self));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(queue_restart_obj, queue_restart);

// pop(): takes the oldest item out, or None.
static mp_obj_t queue_pop(mp_obj_t self) {
    return item(blox_mqtt_queue_take(queue_of(self)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(queue_pop_obj, queue_pop);

static const mp_rom_map_elem_t queue_table[] = {
    BLOX_METHOD(MP_QSTR_add, queue_add_obj),
    BLOX_METHOD(MP_QSTR_next, queue_next_obj),
    BLOX_METHOD(MP_QSTR_sent, queue_sent_obj),
    BLOX_METHOD(MP_QSTR_discard, queue_discard_obj),
    BLOX_METHOD(MP_QSTR_find, queue_find_obj),
    BLOX_METHOD(MP_QSTR_done, queue_done_obj),
    BLOX_METHOD(MP_QSTR_restart, queue_restart_obj),
    BLOX_METHOD(MP_QSTR_pop, queue_pop_obj),
    BLOX_METHOD(MP_QSTR_fits, queue_fits_obj),
};
static MP_DEFINE_CONST_DICT(queue_dict, queue_table);

BLOX_TYPE(blox_mqtt_queue_type, MP_QSTR_Queue, MP_TYPE_FLAG_NONE, make_new,
          queue_make_new, attr, queue_attr, locals_dict, &queue_dict);
