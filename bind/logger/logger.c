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
    mp_obj_t thousand = MP_OBJ_NEW_SMALL_INT(1000);
    mp_obj_t ns = mp_call_function_n_kw(state->time_ns, 0, 0, NULL);
    mp_obj_t ms = mp_binary_op(MP_BINARY_OP_FLOOR_DIVIDE, ns,
                               MP_OBJ_NEW_SMALL_INT(1000000));
    mp_obj_t left = mp_binary_op(MP_BINARY_OP_MODULO, ms, thousand);
    ms = mp_binary_op(MP_BINARY_OP_FLOOR_DIVIDE, ms, thousand);
    ms = mp_binary_op(MP_BINARY_OP_ADD, ms, state->epoch);
    state->seconds = (uint32_t)mp_obj_get_int_truncated(ms);
    state->milliseconds = (uint32_t)mp_obj_get_int(left);
}

// Without memory for large numbers the time is counted on.
static void set_time(record_object *record) {
    logger_state *state = record->state;
    uint32_t ticks = (uint32_t)mp_obj_get_int_truncated(
        mp_call_function_n_kw(state->ticks_ms, 0, 0, NULL));
    if (blox_catch(read_clock, state) != MP_OBJ_NULL) {
        uint32_t ms =
            state->milliseconds + ((ticks - state->ticks) & BLOX_TICKS_MASK);
        state->seconds += ms / 1000;
        state->milliseconds = ms % 1000;
    }
    state->ticks = ticks;
    record->seconds = state->seconds;
    record->milliseconds = (uint16_t)state->milliseconds;
}

// Gives the record a buffer of size bytes for its text. Returns whether there
// was memory.
static bool get_room(record_object *record, size_t size) {
    char *buffer = blox_malloc_maybe(size);
    if (buffer != NULL) {
        blox_text_init(&record->text, buffer + BLOX_LOGGER_BEFORE,
                       size - BLOX_LOGGER_BEFORE - BLOX_LOGGER_BEHIND);
    }
    return buffer != NULL;
}

// A copy that may be kept beyond the call. Without memory the spare one, whose
// text is in the state's buffer.
static record_object *keep(const record_object *draft) {
    logger_state *state = draft->state;
    record_object *record = blox_malloc_maybe(sizeof *record);
    struct blox_text text = draft->text;
    if (record == NULL) {
        record = &state->spare;
    }
    *record = *draft;
    if (text.data == state->buffer + BLOX_LOGGER_BEFORE &&
        get_room(record,
                 BLOX_LOGGER_BEFORE + text.size + 1 + BLOX_LOGGER_BEHIND)) {
        blox_text_add_span(&record->text, blox_text_span(&text));
    }
    return record;
}

// Writes the draft's text into the state's buffer, or a larger one. A call from
// within another has no use of that one. Returns whether there is a text; *lost
// says that there was no memory.
static bool compose(record_object *draft, const blox_logger_message *message,
                    bool busy, bool *lost) {
    size_t size = LARGER;
    if (!busy) {
        blox_text_init(&draft->text, draft->state->buffer + BLOX_LOGGER_BEFORE,
                       BLOX_LOGGER_KEPT - BLOX_LOGGER_BEFORE -
                           BLOX_LOGGER_BEHIND);
    } else if (!get_room(draft, size)) {
        *lost = true;
        return false;
    }
    mp_obj_t exception = MP_OBJ_NULL;
    do {
        exception = blox_logger_compose(draft, message);
    } while (exception == MP_OBJ_NULL && draft->text.cut && size <= LARGEST &&
             get_room(draft, (size *= 4) / 4));
    *lost = failed(draft->state, exception);
    return exception == MP_OBJ_NULL;
}

// Returns whether it was lost, or by a handler, for want of memory.
static bool hand_out(logger_object *logger, const record_object *draft) {
    logger_object *root = logger->state->root;
    record_object *record = keep(draft);
    if (count_of(root) + count_of(logger) == 0) {
        blox_catch(add_handler, logger->state);
    }
    bool lost = count_of(root) + count_of(logger) == 0;
    lost |= hand_to(logger, record);
    if (logger != root) {
        lost |= hand_to(root, record);
    }
    return lost;
}

static void say_lost(void *argument);

static void log_record(logger_object *logger, mp_int_t level,
                       const blox_logger_message *message, mp_obj_t exc_info) {
    logger_state *state = logger->state;
    bool busy = state->busy;
    record_object draft = {
        .base = {(const mp_obj_type_t *)&blox_logger_record_type},
        .state = state,
        .name = logger->name,
        .exc_info = exc_info,
        .level = (uint8_t)(level > LEVEL_MAX ? LEVEL_MAX : level),
    };
    state->busy = true;
    set_time(&draft);
    bool lost = false;
    if (compose(&draft, message, busy, &lost)) {
        lost = hand_out(logger, &draft);
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
    mp_obj_t msg = mp_obj_new_str(sentence, sizeof sentence - 1);
    const blox_logger_message message = {msg, &count, 1};
    state->lost = 0;
    log_record(state->root, LEVEL_WARNING, &message, mp_const_none);
    if (state->lost > 0) {
        state->lost = (uint32_t)MP_OBJ_SMALL_INT_VALUE(count);
    }
}

// An exception, or sys.exc_info(). True would need that function, which few
// firmwares have.
static mp_obj_t exception_in(mp_obj_t exc_info) {
    if (blox_logger_is(exc_info, MP_QSTR_tuple)) {
        return mp_obj_subscr(exc_info, MP_OBJ_NEW_SMALL_INT(1),
                             MP_OBJ_SENTINEL);
    }
    bool none = exc_info == mp_const_true || exc_info == mp_const_false;
    return none || mp_obj_is_small_int(exc_info) ? mp_const_none : exc_info;
}

static bool is_enabled(const logger_object *self, mp_int_t level) {
    return level >= (self->level ? self->level : self->state->root->level);
}

// args: msg and its arguments
static mp_obj_t log_at(mp_obj_t self_in, size_t count, const mp_obj_t *args,
                       mp_map_t *keywords, mp_int_t level) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    const blox_logger_message message = {args[0], args + 1, count - 1};
    mp_obj_t exc_info = mp_const_none;
    if (!is_enabled(self, level)) {
        return mp_const_none;
    }
    for (size_t i = 0; i < keywords->used; ++i) {
        if (keywords->table[i].key == MP_OBJ_NEW_QSTR(MP_QSTR_exc_info)) {
            exc_info = exception_in(keywords->table[i].value);
        }
    }
    log_record(self, level, &message, exc_info);
    return mp_const_none;
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
    memcpy(&state->new_handler, args, 6 * sizeof *args);
    state->view = blox_view_new();
    state->root = new_logger(state, MP_OBJ_NEW_QSTR(MP_QSTR_root));
    state->root->level = LEVEL_WARNING;
    return MP_OBJ_FROM_PTR(state->root);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(start_obj, 6, 6, start);

BLOX_MODULE(MP_QSTR__blox_logger, blox_logger_module,
            BLOX_TYPES(&blox_logger_type, &blox_logger_record_type),
            BLOX_MEMBER(MP_QSTR_start, start_obj));
