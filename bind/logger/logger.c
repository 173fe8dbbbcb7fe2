// SPDX-License-Identifier: MIT
// _blox_logger: loggers whose calls never raise, driven by logging/__init__.py.
// What is short of memory is written as far as that goes; a record that a
// handler could not take is counted, and said when there is memory again.
#include "bind/logger/record.h"

struct logger_object {
    mp_obj_base_t base;
    logger_state *state;
    logger_object *next;
    mp_obj_t name;
    mp_obj_t handlers; // a list, or MP_OBJ_NULL while nobody asked for it
    mp_int_t level;
};

enum {
    LEVEL_ERROR = 40,
    LEVEL_WARNING = 30,
    LEVEL_MAX = 255,
    LARGER = 1024,  // bytes of a buffer for what does not fit the kept one
    LARGEST = 4096, // and the last try
};

extern const mp_obj_type_t blox_logger_type;

static mp_obj_t handlers_of(logger_object *self) {
    if (self->handlers == MP_OBJ_NULL) {
        self->handlers = mp_obj_new_list(0, NULL);
    }
    return self->handlers;
}

static size_t count_of(const logger_object *self) {
    const mp_obj_list_t *list = MP_OBJ_TO_PTR(self->handlers);
    return list == NULL ? 0 : list->len;
}

// A handler and a record, or two other objects.
static void deliver(void *argument) {
    mp_obj_t *pair = argument;
    const record_object *record = MP_OBJ_TO_PTR(pair[1]);
    mp_obj_t least = mp_load_attr(pair[0], MP_QSTR_level);
    if (record->level >= mp_obj_get_int(least)) {
        blox_call(pair[0], MP_QSTR_emit, pair[1]);
    }
}

static void print_exception(void *argument) {
    mp_obj_t *pair = argument;
    const logger_state *state = MP_OBJ_TO_PTR(pair[1]);
    pair[1] = state->stderr;
    mp_call_function_n_kw(state->print_exception, 2, 0, pair);
}

// Says what went wrong, unless it is want of memory. Returns whether it was.
// Ctrl-C goes on.
static bool failed(logger_state *state, mp_obj_t exception) {
    if (exception == MP_OBJ_NULL) {
        return false;
    }
    if (blox_logger_is(exception, MP_QSTR_KeyboardInterrupt)) {
        state->busy = false;
        nlr_raise(exception);
    }
    if (blox_logger_is(exception, MP_QSTR_MemoryError)) {
        return true;
    }
    mp_obj_t pair[2] = {exception, MP_OBJ_FROM_PTR(state)};
    blox_catch(print_exception, pair);
    return false;
}

// Returns whether a handler had no memory for it.
static bool hand_to(const logger_object *logger, record_object *record) {
    bool lost = false;
    for (size_t i = 0; i < count_of(logger); ++i) {
        const mp_obj_list_t *list = MP_OBJ_TO_PTR(logger->handlers);
        mp_obj_t pair[2] = {list->items[i], MP_OBJ_FROM_PTR(record)};
        lost |= failed(record->state, blox_catch(deliver, pair));
    }
    return lost;
}

// Nobody said where records go: to standard error.
static void add_handler(void *argument) {
    const logger_state *state = argument;
    mp_obj_t handler = mp_call_function_n_kw(state->new_handler, 0, 0, NULL);
    mp_obj_list_append(handlers_of(state->root), handler);
}

static void read_clock(void *argument) {
    logger_state *state = argument;
    mp_obj_t second = MP_OBJ_NEW_SMALL_INT(1000000000);
    mp_obj_t ns = mp_call_function_n_kw(state->time_ns, 0, 0, NULL);
    mp_obj_t seconds = mp_binary_op(MP_BINARY_OP_FLOOR_DIVIDE, ns, second);
    ns = mp_binary_op(MP_BINARY_OP_MODULO, ns, second);
    state->seconds = (uint32_t)mp_obj_get_int_truncated(seconds) + state->epoch;
    state->milliseconds = (uint32_t)mp_obj_get_int(ns) / 1000000;
}

// Without memory for large numbers the time is counted on.
static void set_time(logger_state *state) {
    uint32_t ticks = (uint32_t)mp_obj_get_int_truncated(
        mp_call_function_n_kw(state->ticks_ms, 0, 0, NULL));
    if (blox_catch(read_clock, state) != MP_OBJ_NULL) {
        uint32_t ms =
            state->milliseconds + ((ticks - state->ticks) & BLOX_TICKS_MASK);
        state->seconds += ms / 1000;
        state->milliseconds = ms % 1000;
    }
    state->ticks = ticks;
}

// A record with room bytes behind it, or the spare one. Returns NULL without
// memory where that one is not free.
static record_object *new_record(logger_state *state, size_t room, bool spare) {
    record_object *record = blox_malloc_maybe(sizeof *record + room);
    if (record == NULL && spare) {
        record = &state->spare;
        room = BLOX_LOGGER_KEPT;
    }
    if (record != NULL) {
        record->base.type = &blox_logger_record_type;
        record->state = state;
        record->seconds = state->seconds;
        record->milliseconds = (uint16_t)state->milliseconds;
        blox_text_init(&record->text, (char *)(record + 1) + BLOX_LOGGER_BEFORE,
                       room - BLOX_LOGGER_BEFORE - BLOX_LOGGER_BEHIND);
    }
    return record;
}

// Gives back what the text has no need of.
static void shrink(record_object *record) {
    record->text.capacity = record->text.size + 1;
    if (record != &record->state->spare) {
        blox_shrink(record, sizeof *record + BLOX_LOGGER_BEFORE +
                                record->text.size + BLOX_LOGGER_BEHIND);
    }
}

// Returns whether it was lost, or by a handler, for want of memory.
static bool hand_out(logger_object *logger, record_object *record) {
    logger_state *state = logger->state;
    logger_object *root = state->root;
    bool lost = count_of(root) + count_of(logger) == 0 &&
                failed(state, blox_catch(add_handler, state));
    lost |= hand_to(logger, record);
    if (logger != root) {
        lost |= hand_to(root, record);
    }
    return lost;
}

// Returns a record with the message, as far as there is memory for it, or NULL.
static record_object *compose(const logger_object *logger,
                              blox_logger_message *message, bool busy) {
    record_object *record = NULL;
    size_t room = BLOX_LOGGER_KEPT;
    message->exception = MP_OBJ_NULL;
    do {
        bool spare = !busy && record == NULL;
        record_object *larger = new_record(logger->state, room, spare);
        if (larger == NULL) {
            break;
        }
        record = larger;
        record->name = logger->name;
        blox_logger_compose(record, message);
        room = room < LARGER ? LARGER : room * 4;
    } while (record->text.cut && room <= LARGEST);
    return record;
}

static void say_lost(void *argument);

static void log_record(logger_object *logger, blox_logger_message *message) {
    logger_state *state = logger->state;
    bool busy = state->busy;
    state->busy = true;
    set_time(state);
    record_object *record = compose(logger, message, busy);
    bool lost = record == NULL || failed(state, message->exception);
    if (!lost && message->exception == MP_OBJ_NULL) {
        shrink(record);
        lost = hand_out(logger, record);
    }
    state->busy = busy;
    state->lost += lost;
    if (!lost && !busy && state->lost > 0) {
        blox_catch(say_lost, state);
    }
}

static void say_lost(void *argument) {
    static const char sentence[] = "%d log records lost for want of memory";
    logger_state *state = argument;
    mp_obj_t count = MP_OBJ_NEW_SMALL_INT((mp_int_t)state->lost);
    blox_logger_message message;
    message.msg = mp_obj_new_str(sentence, sizeof sentence - 1);
    message.args = &count;
    message.count = 1;
    message.exc_info = mp_const_none;
    message.level = LEVEL_WARNING;
    state->lost = 0;
    log_record(state->root, &message);
    if (state->lost > 0) {
        state->lost = (uint32_t)MP_OBJ_SMALL_INT_VALUE(count);
    }
}

// An exception, or sys.exc_info(). True would need that function, which few
// firmwares have; nor has it attributes.
static mp_obj_t exception_in(mp_obj_t exc_info) {
    if (blox_logger_is(exc_info, MP_QSTR_tuple)) {
        exc_info =
            mp_obj_subscr(exc_info, MP_OBJ_NEW_SMALL_INT(1), MP_OBJ_SENTINEL);
    }
    const mp_obj_type_t *type = mp_obj_get_type(exc_info);
    return MP_OBJ_TYPE_HAS_SLOT(type, attr) ? exc_info : mp_const_none;
}

static bool is_enabled(const logger_object *self, mp_int_t level) {
    return level >= (self->level ? self->level : self->state->root->level);
}

// args: msg and its arguments
static mp_obj_t log_at(mp_obj_t self_in, size_t count, const mp_obj_t *args,
                       mp_map_t *keywords, mp_int_t level) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t none = mp_const_none;
    if (is_enabled(self, level)) {
        blox_logger_message message;
        message.msg = args[0];
        message.args = args + 1;
        message.count = count - 1;
        message.exc_info = none;
        message.level = (uint8_t)(level > LEVEL_MAX ? LEVEL_MAX : level);
        for (size_t i = 0; i < keywords->used; ++i) {
            if (keywords->table[i].key == MP_OBJ_NEW_QSTR(MP_QSTR_exc_info)) {
                message.exc_info = exception_in(keywords->table[i].value);
            }
        }
        log_record(self, &message);
    }
    return none;
}

static mp_obj_t log_debug(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 1, args + 1, kw, 10);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(debug_obj, 2, log_debug);

static mp_obj_t log_info(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 1, args + 1, kw, 20);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(info_obj, 2, log_info);

static mp_obj_t log_warning(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 1, args + 1, kw, LEVEL_WARNING);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(warning_obj, 2, log_warning);

static mp_obj_t log_error(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 1, args + 1, kw, LEVEL_ERROR);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(error_obj, 2, log_error);

static mp_obj_t log_critical(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 1, args + 1, kw, 50);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(critical_obj, 2, log_critical);

// log(level, msg, *args, exc_info=None)
static mp_obj_t log_log(size_t count, const mp_obj_t *args, mp_map_t *kw) {
    return log_at(args[0], count - 2, args + 2, kw, mp_obj_get_int(args[1]));
}
static MP_DEFINE_CONST_FUN_OBJ_KW(log_obj, 3, log_log);

// exc(exception, msg, *args)
static mp_obj_t log_exc(size_t count, const mp_obj_t *args) {
    mp_map_elem_t keyword = {MP_OBJ_NEW_QSTR(MP_QSTR_exc_info), args[1]};
    mp_map_t keywords = {.used = 1, .alloc = 1, .table = &keyword};
    return log_at(args[0], count - 2, args + 2, &keywords, LEVEL_ERROR);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(exc_obj, 3, log_exc);

static mp_obj_t set_level(mp_obj_t self_in, mp_obj_t level) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    self->level = mp_obj_get_int(level);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(set_level_obj, set_level);

static mp_obj_t is_enabled_for(mp_obj_t self_in, mp_obj_t level) {
    return mp_obj_new_bool(
        is_enabled(MP_OBJ_TO_PTR(self_in), mp_obj_get_int(level)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(is_enabled_for_obj, is_enabled_for);

static mp_obj_t add_one_handler(mp_obj_t self_in, mp_obj_t handler) {
    mp_obj_t handlers = handlers_of(MP_OBJ_TO_PTR(self_in));
    if (!mp_obj_is_true(
            mp_binary_op(MP_BINARY_OP_CONTAINS, handlers, handler))) {
        mp_obj_list_append(handlers, handler);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(add_handler_obj, add_one_handler);

static logger_object *new_logger(logger_state *state, mp_obj_t name) {
    logger_object *self = blox_object_new(&blox_logger_type, sizeof *self);
    self->state = state;
    self->name = name;
    return self;
}

// getLogger(name=None): the one of that name; no name is the root
static mp_obj_t get_logger(size_t count, const mp_obj_t *args) {
    logger_object *at = MP_OBJ_TO_PTR(args[0]); // the root
    if (count == 1 || !mp_obj_is_true(args[1])) {
        return args[0];
    }
    while (
        !mp_obj_is_true(mp_binary_op(MP_BINARY_OP_EQUAL, at->name, args[1]))) {
        if (at->next == NULL) {
            at->next = new_logger(at->state, args[1]);
        }
        at = at->next;
    }
    return MP_OBJ_FROM_PTR(at);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(get_logger_obj, 1, 2, get_logger);

// name, level, handlers; setting get_level_name: a function of a level, once
// addLevelName() was called
static void logger_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL) {
        if (name == MP_QSTR_name) {
            dest[0] = self->name;
        } else if (name == MP_QSTR_level) {
            dest[0] = MP_OBJ_NEW_SMALL_INT(self->level);
        } else if (name == MP_QSTR_handlers) {
            dest[0] = handlers_of(self);
        } else {
            dest[1] = MP_OBJ_SENTINEL; // a method
        }
    } else if (dest[1] != MP_OBJ_NULL && name == MP_QSTR_level) {
        set_level(self_in, dest[1]);
        dest[0] = MP_OBJ_NULL;
    } else if (dest[1] != MP_OBJ_NULL && name == MP_QSTR_get_level_name) {
        self->state->get_level_name = dest[1];
        dest[0] = MP_OBJ_NULL;
    }
}

static const mp_rom_map_elem_t logger_table[] = {
    BLOX_METHOD(MP_QSTR_debug, debug_obj),
    BLOX_METHOD(MP_QSTR_info, info_obj),
    BLOX_METHOD(MP_QSTR_warning, warning_obj),
    BLOX_METHOD(MP_QSTR_warn, warning_obj),
    BLOX_METHOD(MP_QSTR_error, error_obj),
    BLOX_METHOD(MP_QSTR_exception, error_obj),
    BLOX_METHOD(MP_QSTR_critical, critical_obj),
    BLOX_METHOD(MP_QSTR_log, log_obj),
    BLOX_METHOD(MP_QSTR_exc, exc_obj),
    BLOX_METHOD(MP_QSTR_setLevel, set_level_obj),
    BLOX_METHOD(MP_QSTR_isEnabledFor, is_enabled_for_obj),
    BLOX_METHOD(MP_QSTR_addHandler, add_handler_obj),
    BLOX_METHOD(MP_QSTR_getLogger, get_logger_obj),
};
static MP_DEFINE_CONST_DICT(logger_dict, logger_table);

BLOX_TYPE(blox_logger_type, MP_QSTR_Logger, MP_TYPE_FLAG_NONE, attr,
          logger_attr, locals_dict, &logger_dict);

// start(StreamHandler, time_ns, ticks_ms, print_exception, stderr, epoch) ->
// the root; epoch: seconds since 1970 of time's 0
static mp_obj_t start(size_t count, const mp_obj_t *args) {
    (void)count;
    logger_state *state = m_malloc(sizeof *state);
    memset(state, 0, sizeof *state);
    memcpy(&state->new_handler, args, 5 * sizeof *args);
    state->epoch = (uint32_t)mp_obj_get_int_truncated(args[5]);
    state->view = blox_view_new();
    state->root = new_logger(state, MP_OBJ_NEW_QSTR(MP_QSTR_root));
    state->root->level = LEVEL_WARNING;
    return MP_OBJ_FROM_PTR(state->root);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(start_obj, 6, 6, start);

BLOX_MODULE(MP_QSTR__blox_logger, blox_logger_module,
            BLOX_TYPES(&blox_logger_type, &blox_logger_record_type),
            BLOX_MEMBER(MP_QSTR_start, start_obj));
