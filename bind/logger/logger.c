// SPDX-License-Identifier: MIT
// _blox_logger: loggers whose calls never raise, driven by logging/__init__.py.
// What is short of memory is written as far as that goes; a record that a
// handler could not take is counted, and said when there is memory again.
#include "bind/logger/record.h"
#include "core/base/compiler.h"

// One block of the heap, on 32 and on 64 bits.
typedef struct logger_object {
    mp_obj_base_t base;
    mp_obj_t name;
    logger_settings *settings;
    struct logger_object *next;
} logger_object;

enum {
    LEVEL_ERROR = 40,
    LEVEL_WARNING = 30,
    LEVEL_MAX = 255,
    EPOCH_2000 = 946684800, // s from 1970
    LARGER = 1024,  // bytes of a buffer for what does not fit the kept one
    LARGEST = 4096, // and the last try
};

extern const mp_obj_type_t blox_logger_type;

static mp_obj_t handlers_of(logger_settings *settings) {
    if (settings->handlers == MP_OBJ_NULL) {
        settings->handlers = mp_obj_new_list(0, NULL);
    }
    return settings->handlers;
}

static size_t count_of(const logger_settings *settings) {
    const mp_obj_list_t *list = MP_OBJ_TO_PTR(settings->handlers);
    return list == NULL ? 0 : list->len;
}

static bool is_own(const logger_settings *settings) {
    return settings != &settings->state->root;
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

void blox_logger_print_exception(const logger_state *state, mp_obj_t exception,
                                 mp_obj_t stream) {
    mp_obj_t values[2] = {exception, stream};
    mp_call_function_n_kw(mp_load_attr(state->sys, MP_QSTR_print_exception), 2,
                          0, values);
}

static void print_exception(void *argument) {
    mp_obj_t *pair = argument;
    const logger_state *state = MP_OBJ_TO_PTR(pair[1]);
    blox_logger_print_exception(state, pair[0],
                                mp_load_attr(state->sys, MP_QSTR_stderr));
}

static void print_record(void *record) {
    blox_logger_print(record);
}

// What was its text is no more.
static void end_spare(logger_state *state) {
    memset(&state->spare.text, 0, sizeof state->spare.text);
    state->spare.message_size = 0;
    state->busy = false;
}

// Says what went wrong, unless it is want of memory. Returns whether it was.
// Ctrl-C goes on.
static bool failed(logger_state *state, mp_obj_t exception) {
    if (exception == MP_OBJ_NULL) {
        return false;
    }
    if (blox_logger_is(exception, MP_QSTR_KeyboardInterrupt)) {
        end_spare(state);
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
static bool hand_to(const logger_settings *settings, record_object *record) {
    bool lost = false;
    for (size_t i = 0; i < count_of(settings); ++i) {
        const mp_obj_list_t *list = MP_OBJ_TO_PTR(settings->handlers);
        mp_obj_t pair[2] = {list->items[i], MP_OBJ_FROM_PTR(record)};
        lost |= failed(record->state, blox_catch(deliver, pair));
    }
    return lost;
}

static void read_clock(void *argument) {
    logger_state *state = argument;
    mp_obj_t second = MP_OBJ_NEW_SMALL_INT(1000000000);
    mp_obj_t ns = blox_call(state->time, MP_QSTR_time_ns, MP_OBJ_NULL);
    mp_obj_t seconds = mp_binary_op(MP_BINARY_OP_FLOOR_DIVIDE, ns, second);
    ns = mp_binary_op(MP_BINARY_OP_MODULO, ns, second);
    state->seconds = (uint32_t)mp_obj_get_int_truncated(seconds) + state->epoch;
    state->milliseconds = (uint16_t)((uint32_t)mp_obj_get_int(ns) / 1000000);
}

// Without memory for large numbers the time is counted on.
static void set_time(logger_state *state) {
    uint32_t ticks = (uint32_t)mp_obj_get_int_truncated(
        blox_call(state->time, MP_QSTR_ticks_ms, MP_OBJ_NULL));
    if (blox_catch(read_clock, state) != MP_OBJ_NULL) {
        uint32_t ms =
            state->milliseconds + ((ticks - state->ticks) & BLOX_TICKS_MASK);
        state->seconds += ms / 1000;
        state->milliseconds = (uint16_t)(ms % 1000);
    }
    state->ticks = ticks;
}

static void begin_record(logger_state *state, record_object *record, char *room,
                         size_t size) {
    record->base.type = &blox_logger_record_type;
    record->state = state;
    record->seconds = state->seconds;
    record->milliseconds = state->milliseconds;
    blox_text_init(&record->text, room + BLOX_LOGGER_BEFORE,
                   size - BLOX_LOGGER_BEFORE - BLOX_LOGGER_BEHIND);
}

// Gives back what the text has no need of.
static void shrink(record_object *record) {
    record->text.capacity = record->text.size + 1;
    blox_shrink(record, sizeof *record + BLOX_LOGGER_BEFORE +
                            record->text.size + BLOX_LOGGER_BEHIND);
}

// Returns a record with the message, as far as there is memory for it, or NULL.
static record_object *new_record(logger_state *state,
                                 blox_logger_message *message) {
    record_object *record = NULL;
    size_t room = BLOX_LOGGER_ROOM;
    do {
        record_object *larger = blox_malloc_maybe(sizeof *record + room);
        if (larger == NULL) {
            break;
        }
        record = larger;
        begin_record(state, record, (char *)(record + 1), room);
        blox_logger_compose(record, message);
        room = room < LARGER ? LARGER : room * 4;
    } while (record->text.cut && room <= LARGEST);
    return record;
}

// Says where records go when nobody has: to standard error. Returns whether it
// was lost, or by a handler, for want of memory.
static bool hand_out(const logger_settings *settings, record_object *record,
                     const blox_logger_message *message) {
    logger_state *state = settings->state;
    bool lost = failed(state, message->exception);
    if (message->exception != MP_OBJ_NULL) {
        return lost;
    }
    if (is_own(settings)) {
        lost = hand_to(settings, record);
    }
    if (state->console == MP_OBJ_NULL &&
        count_of(settings) + count_of(&state->root) == 0) {
        state->console = mp_const_none;
    }
    if (state->console != MP_OBJ_NULL) {
        lost |= failed(state, blox_catch(print_record, record));
    }
    return hand_to(&state->root, record) || lost;
}

// With the spare record, its text on the stack. Returns whether it was lost.
BLOX_NOINLINE static bool hand_out_spare(const logger_settings *settings,
                                         blox_logger_message *message) {
    logger_state *state = settings->state;
    char room[BLOX_LOGGER_ROOM];
    if (state->busy) {
        return true;
    }
    state->busy = true;
    begin_record(state, &state->spare, room, sizeof room);
    blox_logger_compose(&state->spare, message);
    bool lost = hand_out(settings, &state->spare, message);
    end_spare(state);
    return lost;
}

static void say_lost(void *argument);

static void log_record(const logger_settings *settings,
                       blox_logger_message *message) {
    logger_state *state = settings->state;
    set_time(state);
    record_object *record = new_record(state, message);
    bool lost;
    if (record == NULL) {
        lost = hand_out_spare(settings, message);
    } else {
        shrink(record);
        lost = hand_out(settings, record, message);
    }
    state->lost += lost;
    if (!lost && !state->busy && state->lost > 0) {
        failed(state, blox_catch(say_lost, state));
    }
}

static void say_lost(void *argument) {
    static const char sentence[] = "%d log records lost for want of memory";
    logger_state *state = argument;
    mp_obj_t count = MP_OBJ_NEW_SMALL_INT((mp_int_t)state->lost);
    blox_logger_message message;
    message.name = MP_OBJ_NEW_QSTR(MP_QSTR_root);
    message.msg = mp_obj_new_str(sentence, sizeof sentence - 1);
    message.args = &count;
    message.count = 1;
    message.exc_info = mp_const_none;
    message.level = LEVEL_WARNING;
    state->lost = 0;
    log_record(&state->root, &message);
    if (state->lost > 0) {
        state->lost = (uint32_t)MP_OBJ_SMALL_INT_VALUE(count);
    }
}

// An exception, or sys.exc_info(). True would need that function, which few
// firmwares have; nor has it attributes.
static mp_obj_t exception_in(mp_obj_t exc_info) {
    if (blox_logger_is(exc_info, MP_QSTR_tuple)) {
        size_t size = 0;
        mp_obj_t *items = NULL;
        mp_obj_get_array(exc_info, &size, &items);
        exc_info = size > 1 ? items[1] : mp_const_none;
    }
    const mp_obj_type_t *type = mp_obj_get_type(exc_info);
    return MP_OBJ_TYPE_HAS_SLOT(type, attr) ? exc_info : mp_const_none;
}

static bool is_enabled(const logger_object *self, mp_int_t level) {
    const logger_settings *settings = self->settings;
    mp_int_t least = settings->level;
    return level >= (least ? least : settings->state->root.level);
}

// args: msg and its arguments
static mp_obj_t log_at(mp_obj_t self_in, size_t count, const mp_obj_t *args,
                       mp_map_t *keywords, mp_int_t level) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t none = mp_const_none;
    if (is_enabled(self, level)) {
        blox_logger_message message;
        message.name = self->name;
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
        log_record(self->settings, &message);
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

static bool is_root(const logger_object *self) {
    return self->name == MP_OBJ_NEW_QSTR(MP_QSTR_root);
}

// Settings of its own, which a logger gets when there is something to set.
static logger_settings *own_settings(logger_object *self) {
    if (!is_own(self->settings) && !is_root(self)) {
        logger_settings *own = m_malloc(sizeof *own);
        own->state = self->settings->state;
        own->level = 0;
        own->handlers = MP_OBJ_NULL;
        self->settings = own;
    }
    return self->settings;
}

static mp_obj_t set_level(mp_obj_t self_in, mp_obj_t level_in) {
    mp_int_t level = mp_obj_get_int(level_in);
    own_settings(MP_OBJ_TO_PTR(self_in))->level = level;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(set_level_obj, set_level);

static mp_obj_t is_enabled_for(mp_obj_t self_in, mp_obj_t level) {
    return mp_obj_new_bool(
        is_enabled(MP_OBJ_TO_PTR(self_in), mp_obj_get_int(level)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(is_enabled_for_obj, is_enabled_for);

static mp_obj_t add_one_handler(mp_obj_t self_in, mp_obj_t handler) {
    mp_obj_t handlers = handlers_of(own_settings(MP_OBJ_TO_PTR(self_in)));
    if (!mp_obj_is_true(
            mp_binary_op(MP_BINARY_OP_CONTAINS, handlers, handler))) {
        mp_obj_list_append(handlers, handler);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(add_handler_obj, add_one_handler);

static logger_object *new_logger(logger_settings *settings, mp_obj_t name) {
    logger_object *self = blox_object_new(&blox_logger_type, sizeof *self);
    self->settings = settings;
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
            at->next = new_logger(&at->settings->state->root, args[1]);
        }
        at = at->next;
    }
    return MP_OBJ_FROM_PTR(at);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(get_logger_obj, 1, 2, get_logger);

// What logging/handler.py and more.py have.
static mp_obj_t load(mp_obj_t name) {
    static const char path[] = "logging.handler";
    mp_obj_t values[4] = {mp_obj_new_str(path, sizeof path - 1), mp_const_none,
                          mp_const_none, mp_const_true};
    values[0] =
        mp_call_function_n_kw(mp_load_global(MP_QSTR___import__), 4, 0, values);
    values[1] = name;
    return mp_call_function_n_kw(mp_load_global(MP_QSTR_getattr), 2, 0, values);
}

// The console becomes a handler like any other.
static mp_obj_t all_handlers(logger_object *self) {
    logger_settings *settings = own_settings(self);
    mp_obj_t handlers = handlers_of(settings);
    logger_state *state = settings->state;
    if (!is_own(settings) && state->console != MP_OBJ_NULL) {
        mp_obj_t values[2] = {handlers, state->console};
        mp_call_function_n_kw(load(MP_OBJ_NEW_QSTR(MP_QSTR_handlers)), 2, 0,
                              values);
        state->console = MP_OBJ_NULL;
    }
    return handlers;
}

// Writes lines of that format to sys.stderr, unless somebody has said already
// where records go.
static void set_console(const logger_object *self, mp_obj_t format) {
    logger_state *state = self->settings->state;
    if (count_of(&state->root) == 0) {
        state->console = format;
    }
}

static void load_logger_attr(logger_object *self, qstr name, mp_obj_t *dest) {
    const logger_settings *settings = self->settings;
    if (name == MP_QSTR_name) {
        dest[0] = self->name;
    } else if (name == MP_QSTR_level) {
        bool set = is_own(settings) || is_root(self);
        dest[0] = MP_OBJ_NEW_SMALL_INT(set ? settings->level : 0);
    } else if (name == MP_QSTR_handlers) {
        dest[0] = all_handlers(self);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // a method
    }
}

// name, level, handlers; setting get_level_name: a function of a level, once
// addLevelName() was called; setting format: None or True, the console's lines
// (see LogRecord.write)
static void logger_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    logger_object *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL) {
        load_logger_attr(self, name, dest);
    } else if (dest[1] != MP_OBJ_NULL) {
        mp_obj_t value = dest[1];
        dest[0] = MP_OBJ_NULL;
        if (name == MP_QSTR_level) {
            set_level(self_in, value);
        } else if (name == MP_QSTR_get_level_name) {
            self->settings->state->get_level_name = value;
        } else if (name == MP_QSTR_format) {
            set_console(self, value);
        } else {
            dest[0] = MP_OBJ_SENTINEL; // there is none
        }
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

static uint32_t epoch_of(mp_obj_t time) {
    mp_obj_t none = MP_OBJ_NEW_SMALL_INT(0);
    mp_obj_t zero = blox_call(time, MP_QSTR_gmtime, none);
    bool late = mp_obj_subscr(zero, none, MP_OBJ_SENTINEL) ==
                MP_OBJ_NEW_SMALL_INT(2000);
    return late ? EPOCH_2000 : 0;
}

// start() -> the root
static mp_obj_t start(void) {
    logger_state *state = m_malloc(sizeof *state);
    memset(state, 0, sizeof *state);
    state->root.state = state;
    state->root.level = LEVEL_WARNING;
    state->sys = blox_import(MP_QSTR_sys);
    state->time = blox_import(MP_QSTR_time);
    state->epoch = epoch_of(state->time);
    state->view = blox_view_new();
    return MP_OBJ_FROM_PTR(
        new_logger(&state->root, MP_OBJ_NEW_QSTR(MP_QSTR_root)));
}
static MP_DEFINE_CONST_FUN_OBJ_0(start_obj, start);

// getattr(name): a level, or what logging/handler.py and more.py have. It is
// logging's __getattr__; of that name here a firmware would call it when it
// imports this module.
static mp_obj_t get_attr(mp_obj_t name) {
    int level = blox_log_level(blox_bind_span(name));
    return level < 0 ? load(name) : MP_OBJ_NEW_SMALL_INT(level);
}
static MP_DEFINE_CONST_FUN_OBJ_1(get_attr_obj, get_attr);

BLOX_MODULE(MP_QSTR__blox_logger, blox_logger_module,
            BLOX_TYPES(&blox_logger_type, &blox_logger_record_type),
            BLOX_MEMBER(MP_QSTR_getattr, get_attr_obj),
            BLOX_MEMBER(MP_QSTR_start, start_obj));
