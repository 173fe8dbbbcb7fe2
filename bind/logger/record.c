// SPDX-License-Identifier: MIT
// LogRecord.
#include "bind/logger/record.h"

// "INFO", "Level 26", or what addLevelName() said.
static void add_level(const record_object *self, struct blox_text *text) {
    if (self->state->get_level_name != MP_OBJ_NULL) {
        mp_obj_t level = MP_OBJ_NEW_SMALL_INT(self->level);
        blox_text_add_span(text,
                           blox_bind_span(mp_call_function_n_kw(
                               self->state->get_level_name, 1, 0, &level)));
    } else if (self->level <= 50 && self->level % 10 == 0) {
        blox_log_add_level(text, self->level);
    } else {
        blox_text_add(text, "Level ");
        blox_text_add_u32(text, self->level);
    }
}

// Writes the whole line around the record's text: "<time> <LEVEL> <name>: " in
// its colour for a terminal, else "<LEVEL>:<name>:".
static struct blox_span make_line(record_object *self, bool terminal) {
    char buffer[BLOX_LOGGER_BEFORE + 1];
    struct blox_text head;
    const struct blox_log_record record = {
        .name = blox_span_part(blox_bind_span(self->name), 0,
                               BLOX_LOGGER_BEFORE / 2),
        .message = blox_text_span(&self->text),
    };
    bool coloured = false;
    bool named = terminal && blox_log_says_name(&record);
    blox_text_init(&head, buffer, sizeof buffer);
    if (terminal) {
        coloured = blox_log_add_colour(&head, self->level);
        blox_log_add_time(&head, self->seconds, self->milliseconds);
        blox_text_add_char(&head, ' ');
    }
    add_level(self, &head);
    blox_text_add_char(&head, terminal ? ' ' : ':');
    if (!named) {
        blox_text_add_span(&head, record.name);
        blox_text_add(&head, terminal ? ": " : ":");
    }
    if (self->text.data == NULL) {
        return blox_span("", 0);
    }
    char *begin = self->text.data - head.size;
    memcpy(begin, buffer, head.size);
    size_t size = head.size + self->text.size;
    struct blox_text line = {begin, size + BLOX_LOGGER_BEHIND, size, false};
    if (coloured) {
        blox_text_add(&line, BLOX_LOG_NO_COLOUR);
    }
    blox_text_add_char(&line, '\n');
    return blox_text_span(&line);
}

// write(stream, formatter): its line to the stream. formatter None:
// "INFO:name:message", True: with time, level, name and message for a terminal,
// else an object with format(record). Streams that MicroPython brings get
// bytes, those written in Python a str. stream None: returns the line.
static mp_obj_t record_write(mp_obj_t self_in, mp_obj_t stream,
                             mp_obj_t formatter) {
    record_object *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t line = MP_OBJ_NULL;
    if (formatter != mp_const_none && formatter != mp_const_true) {
        line = mp_binary_op(MP_BINARY_OP_ADD,
                            blox_call(formatter, MP_QSTR_format, self_in),
                            mp_obj_new_str("\n", 1));
    } else {
        struct blox_span span = make_line(self, formatter == mp_const_true);
        bool native =
            stream != mp_const_none &&
            !(mp_obj_get_type(stream)->flags & MP_TYPE_FLAG_INSTANCE_TYPE);
        line = native ? blox_view_set(self->state->view, span.data, span.size)
                      : blox_new_str(span);
    }
    return stream == mp_const_none ? line
                                   : blox_call(stream, MP_QSTR_write, line);
}
static MP_DEFINE_CONST_FUN_OBJ_3(record_write_obj, record_write);

void blox_logger_print(record_object *record) {
    const logger_state *state = record->state;
    record_write(MP_OBJ_FROM_PTR(record),
                 mp_load_attr(state->sys, MP_QSTR_stderr), state->console);
}

// getMessage() -> str
static mp_obj_t get_message(mp_obj_t self_in) {
    const record_object *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_str(self->text.data, self->message_size);
}
static MP_DEFINE_CONST_FUN_OBJ_1(get_message_obj, get_message);

static mp_obj_t level_name(const record_object *self) {
    char buffer[32];
    struct blox_text name;
    blox_text_init(&name, buffer, sizeof buffer);
    add_level(self, &name);
    return blox_new_str(blox_text_span(&name));
}

// name, levelno, levelname, created, exc_info
static void record_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    const record_object *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_name) {
        dest[0] = self->name;
    } else if (name == MP_QSTR_levelno) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->level);
    } else if (name == MP_QSTR_levelname) {
        dest[0] = level_name(self);
    } else if (name == MP_QSTR_exc_info) {
        dest[0] = self->exc_info;
    } else if (name == MP_QSTR_created) {
        dest[0] = mp_obj_new_int_from_uint(self->seconds - self->state->epoch);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // a method
    }
}

// As a stream it takes its traceback.
static mp_uint_t take_traceback(mp_obj_t self_in, const void *data,
                                mp_uint_t size, int *error) {
    record_object *self = MP_OBJ_TO_PTR(self_in);
    (void)error;
    if (self->text.data != NULL) {
        blox_text_add_span(&self->text, blox_span(data, size));
    }
    return size;
}

static const mp_stream_p_t stream = {.write = take_traceback, .is_text = true};

static const mp_rom_map_elem_t record_table[] = {
    BLOX_METHOD(MP_QSTR_getMessage, get_message_obj),
    BLOX_METHOD(MP_QSTR_write, record_write_obj),
};
static MP_DEFINE_CONST_DICT(record_dict, record_table);

BLOX_TYPE(blox_logger_record_type, MP_QSTR_LogRecord, MP_TYPE_FLAG_NONE, attr,
          record_attr, protocol, &stream, locals_dict, &record_dict);
