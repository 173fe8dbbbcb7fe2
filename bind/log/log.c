// SPDX-License-Identifier: MIT
// _blox_log: Ring, Reader. Loaded by the log handlers that keep records
// (mpy_blox/log_handlers), not by logging itself.
#include "bind/logger/record.h"
#include "core/log/ring.h"
#include "core/log/syslog.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_log_ring ring;
    uint8_t *data;
} ring_object;

// A reader's line is at most this, the rest of a record is cut.
enum { LINE_SIZE = BLOX_SYSLOG_MAX };

typedef struct {
    mp_obj_base_t base;
    ring_object *ring;
    struct blox_log_reader reader;
    struct blox_log_record record; // the one being sent line by line
    struct blox_syslog syslog;
    mp_obj_t hostname; // keeps the syslog's span alive
    mp_obj_t view;     // a bytearray that shows line
    uint32_t lost;
    uint8_t level;
    uint8_t form; // enum form
    bool inside;
    char line[LINE_SIZE + 1];
} reader_object;

enum form { FORM_PLAIN, FORM_COLOURED, FORM_RFC3164, FORM_RFC5424 };

// Ring(size, max_records): keeps the last records in size bytes
static mp_obj_t ring_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    ring_object *self = blox_object_new(type, sizeof *self);
    mp_int_t size = mp_obj_get_int(arguments[0]);
    mp_int_t max_records = mp_obj_get_int(arguments[1]);
    if (size < BLOX_LOG_RING_MIN || size > BLOX_LOG_RING_MAX ||
        max_records < 0) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("log: a ring has 64 to 65536 bytes"));
    }
    self->data = m_malloc((size_t)size);
    blox_log_ring_init(&self->ring, self->data, (uint32_t)size,
                       (uint32_t)max_records);
    return MP_OBJ_FROM_PTR(self);
}

// What _blox_logger made.
static const record_object *native_record(mp_obj_t object) {
    const mp_obj_type_t *type = mp_obj_get_type(object);
    if (type->name != MP_QSTR_LogRecord ||
        (type->flags & MP_TYPE_FLAG_INSTANCE_TYPE)) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span_text("log: no LogRecord"));
    }
    return MP_OBJ_TO_PTR(object);
}

static void put_record(ring_object *self, const record_object *from) {
    const struct blox_log_record record = {
        .level = from->level,
        .seconds = from->seconds,
        .milliseconds = from->milliseconds,
        .name = blox_bind_span(from->name),
        .message = blox_text_span(&from->text),
    };
    blox_log_ring_put(&self->ring, &record);
}

// put(record): allocates nothing.
// put(level, seconds, milliseconds, name, message); seconds since 1970
static mp_obj_t ring_put(size_t count, const mp_obj_t *arguments) {
    ring_object *self = MP_OBJ_TO_PTR(arguments[0]);
    if (count < 6) {
        put_record(self, native_record(arguments[1]));
        return mp_const_none;
    }
    mp_int_t level = mp_obj_get_int(arguments[1]);
    const struct blox_log_record record = {
        .level = (uint8_t)(level < 0     ? 0
                           : level > 255 ? 255
                                         : level),
        .seconds = (uint32_t)mp_obj_get_int_truncated(arguments[2]),
        .milliseconds = (uint16_t)mp_obj_get_int(arguments[3]),
        .name = blox_bind_span(arguments[4]),
        .message = blox_bind_span(arguments[5]),
    };
    blox_log_ring_put(&self->ring, &record);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ring_put_obj, 2, 6, ring_put);

// text(record) -> "level seconds milliseconds name\tmessage"
static mp_obj_t ring_text(mp_obj_t self_in, mp_obj_t record_in) {
    const record_object *record = native_record(record_in);
    const uint32_t numbers[3] = {record->level, record->seconds,
                                 record->milliseconds};
    char buffer[128];
    struct blox_text head;
    (void)self_in;
    blox_text_init(&head, buffer, sizeof buffer);
    for (size_t i = 0; i < MP_ARRAY_SIZE(numbers); ++i) {
        blox_text_add_u32(&head, numbers[i]);
        blox_text_add_char(&head, ' ');
    }
    blox_text_add_span(&head,
                       blox_span_part(blox_bind_span(record->name), 0, 64));
    blox_text_add_char(&head, '\t');
    return mp_binary_op(MP_BINARY_OP_ADD, blox_new_str(blox_text_span(&head)),
                        blox_new_str(blox_text_span(&record->text)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(ring_text_obj, ring_text);

// len(ring): the records in it
static mp_obj_t ring_unary(mp_unary_op_t op, mp_obj_t self_in) {
    ring_object *self = MP_OBJ_TO_PTR(self_in);
    if (op != MP_UNARY_OP_LEN) {
        return MP_OBJ_NULL;
    }
    return mp_obj_new_int_from_uint(blox_log_ring_count(&self->ring));
}

// Reader(ring, form, level, hostname): of records of that level and above, from
// the oldest on. form 0: plain, 1: coloured, 2: RFC 3164, 3: RFC 5424
static mp_obj_t reader_make_new(const mp_obj_type_t *type, size_t n_args,
                                size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 4, 4, false);
    reader_object *self = blox_object_new(type, sizeof *self);
    self->ring = MP_OBJ_TO_PTR(arguments[0]);
    self->form = (uint8_t)mp_obj_get_int(arguments[1]);
    self->level = (uint8_t)mp_obj_get_int(arguments[2]);
    self->hostname = arguments[3];
    self->view = blox_view_new();
    self->syslog.rfc5424 = self->form == FORM_RFC5424;
    return MP_OBJ_FROM_PTR(self);
}

// The next record of the reader's level.
static bool next_record(reader_object *self) {
    uint32_t lost;
    bool found;
    do {
        found = blox_log_ring_read(&self->ring->ring, &self->reader,
                                   &self->record, &lost);
        self->lost += lost;
    } while (found && self->record.level < self->level);
    return found;
}

// The rest of the record's datagrams, then those of the next one.
static bool next_datagram(reader_object *self, struct blox_text *text) {
    while (!self->inside || !blox_syslog_next(&self->syslog, text)) {
        self->inside = next_record(self);
        if (!self->inside) {
            return false;
        }
        self->syslog.hostname = blox_bind_span(self->hostname);
        blox_syslog_begin(&self->syslog, &self->record);
    }
    return true;
}

static bool next_line(reader_object *self, struct blox_text *text) {
    if (!next_record(self)) {
        return false;
    }
    if (self->form == FORM_COLOURED) {
        blox_log_coloured(text, &self->record);
    } else {
        blox_log_plain(text, &self->record);
    }
    return true;
}

// next() -> a bytearray with the next line, which the next call changes, or
// None. Plain and coloured lines are whole records; the other forms give a
// datagram each. Take all datagrams before the ring gets another record.
static mp_obj_t reader_next(mp_obj_t self_in) {
    reader_object *self = MP_OBJ_TO_PTR(self_in);
    struct blox_text text;
    blox_text_init(&text, self->line, sizeof self->line);
    bool found = self->form >= FORM_RFC3164 ? next_datagram(self, &text)
                                            : next_line(self, &text);
    return found ? blox_view_set(self->view, self->line, text.size)
                 : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(reader_next_obj, reader_next);

// skip(): what is in the ring now is not read
static mp_obj_t reader_skip(mp_obj_t self_in) {
    reader_object *self = MP_OBJ_TO_PTR(self_in);
    blox_log_ring_skip(&self->ring->ring, &self->reader);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(reader_skip_obj, reader_skip);

// lost() -> how many records were gone before they were read, since the last
// call
static mp_obj_t reader_lost(mp_obj_t self_in) {
    reader_object *self = MP_OBJ_TO_PTR(self_in);
    uint32_t lost = self->lost;
    self->lost = 0;
    return mp_obj_new_int_from_uint(lost);
}
static MP_DEFINE_CONST_FUN_OBJ_1(reader_lost_obj, reader_lost);

static const mp_rom_map_elem_t ring_table[] = {
    BLOX_METHOD(MP_QSTR_put, ring_put_obj),
    BLOX_METHOD(MP_QSTR_text, ring_text_obj),
};
static MP_DEFINE_CONST_DICT(ring_dict, ring_table);

static const mp_rom_map_elem_t reader_table[] = {
    BLOX_METHOD(MP_QSTR_next, reader_next_obj),
    BLOX_METHOD(MP_QSTR_skip, reader_skip_obj),
    BLOX_METHOD(MP_QSTR_lost, reader_lost_obj),
};
static MP_DEFINE_CONST_DICT(reader_dict, reader_table);

BLOX_TYPE(blox_log_ring_type, MP_QSTR_Ring, MP_TYPE_FLAG_NONE, make_new,
          ring_make_new, unary_op, ring_unary, locals_dict, &ring_dict);

BLOX_TYPE(blox_log_reader_type, MP_QSTR_Reader, MP_TYPE_FLAG_NONE, make_new,
          reader_make_new, locals_dict, &reader_dict);

BLOX_MODULE(MP_QSTR__blox_log, blox_log_module,
            BLOX_TYPES(&blox_log_ring_type, &blox_log_reader_type),
            BLOX_MEMBER(MP_QSTR_Ring, blox_log_ring_type),
            BLOX_MEMBER(MP_QSTR_Reader, blox_log_reader_type));
