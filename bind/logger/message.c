// SPDX-License-Identifier: MIT
// A record's text: its %-format with its arguments, and its traceback. Strings
// and numbers are written here; what is odd goes to MicroPython's own %.
#include "bind/logger/record.h"
#include "core/log/format.h"

bool blox_logger_is(mp_obj_t object, qstr type) {
    return MP_OBJ_FROM_PTR(mp_obj_get_type(object)) == mp_load_global(type);
}

typedef blox_logger_message job;

static void print_text(void *text, const char *data, size_t size) {
    blox_text_add_span(text, blox_span(data, size));
}

static void print_object(job *j, mp_obj_t object, mp_print_kind_t kind) {
    const mp_obj_type_t *type = mp_obj_get_type(object);
    if (MP_OBJ_TYPE_HAS_SLOT(type, print)) {
        MP_OBJ_TYPE_GET_SLOT(type, print)(&j->print, object, kind);
    } else {
        mp_printf(&j->print, "<%q>", (qstr)type->name);
    }
}

// Returns false where MicroPython's % is to do it.
static bool add_argument(job *j, struct blox_log_conversion *conversion,
                         mp_obj_t value) {
    char kind = conversion->kind;
    if ((kind == 's' || kind == 'r') && conversion->plain) {
        print_object(j, value, kind == 's' ? PRINT_STR : PRINT_REPR);
        return true;
    }
    if (kind == 's' && mp_obj_get_type(value) == &mp_type_str) {
        mp_printf(&j->print, conversion->spec, mp_obj_str_get_str(value));
        return true;
    }
    if (kind == 'f' || kind == 'g' || kind == 'e') {
        // A double that is only handed on: no arithmetic.
        mp_printf(&j->print, conversion->spec, mp_obj_get_float_to_d(value));
        return true;
    }
    mp_int_t number = MP_OBJ_SMALL_INT_VALUE(value);
    bool fits = mp_obj_is_small_int(value) &&
                (kind == 'd' || ((kind == 'x' || kind == 'X') && number >= 0) ||
                 (kind == 'c' && number >= 0 && number < 0x80));
    if (fits) {
        mp_printf(&j->print, conversion->spec, (long)number);
    }
    return fits;
}

// Goes on behind the argument that there was no memory for.
static void add_formatted(void *argument) {
    job *j = argument;
    struct blox_log_conversion conversion;
    j->odd = true;
    while (blox_log_format_next(&j->format, j->print.data, &conversion)) {
        if (j->at == j->count ||
            !add_argument(j, &conversion, j->args[j->at++])) {
            return;
        }
    }
    j->odd = j->at < j->count;
}

// With MicroPython's own %.
static void add_odd(void *argument) {
    job *j = argument;
    mp_obj_t message = j->msg;
    if (j->count > 0) {
        mp_obj_t values = j->args[0];
        if (j->count != 1 || !blox_logger_is(values, MP_QSTR_dict)) {
            values = mp_obj_new_tuple(j->count, j->args);
        }
        message = mp_binary_op(MP_BINARY_OP_MODULO, message, values);
    }
    print_object(j, message, PRINT_STR);
}

static void add_traceback(void *argument) {
    record_object *record = ((job *)argument)->record;
    blox_logger_print_exception(record->state, record->exc_info,
                                MP_OBJ_FROM_PTR(record));
}

// Keeps what function raises. Returns whether there was no memory, which the
// text says then.
static bool runs_short(void (*function)(void *), job *j) {
    j->exception = blox_catch(function, j);
    if (j->exception == MP_OBJ_NULL ||
        !blox_logger_is(j->exception, MP_QSTR_MemoryError)) {
        return false;
    }
    j->exception = MP_OBJ_NULL;
    blox_text_add(&j->record->text, "<no memory>");
    return true;
}

static void add_message(job *j) {
    j->odd = true;
    if (j->count > 0 && mp_obj_get_type(j->msg) == &mp_type_str) {
        j->format = blox_bind_span(j->msg);
        while (runs_short(add_formatted, j)) {
        }
        if (j->exception != MP_OBJ_NULL) {
            return;
        }
    }
    if (j->odd) {
        blox_text_clear(&j->record->text);
        runs_short(add_odd, j);
    }
}

void blox_logger_compose(record_object *record, blox_logger_message *message) {
    struct blox_text *text = &record->text;
    record->name = message->name;
    record->exc_info = message->exc_info;
    record->level = message->level;
    message->record = record;
    message->print.data = text;
    message->print.print_strn = print_text;
    message->exception = MP_OBJ_NULL;
    message->at = 0;
    add_message(message);
    record->message_size = text->size;
    if (message->exception == MP_OBJ_NULL &&
        record->exc_info != mp_const_none) {
        blox_text_add_char(text, '\n');
        runs_short(add_traceback, message);
        text->size -= text->data[text->size - 1] == '\n';
    }
    if (text->cut) {
        blox_log_end_cut(text);
        if (record->message_size > text->size) {
            record->message_size = text->size;
        }
    }
}
