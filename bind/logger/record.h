// SPDX-License-Identifier: MIT
// What the files of _blox_logger share, and what Ring.put() of _blox_log knows
// of a record.
//
// A record's text is written once, message and traceback, right behind the
// record, with room before it for what stands at the start of a line and behind
// it for what ends one. So a line goes to a stream in one piece, without memory
// for it.
#ifndef BIND_LOGGER_RECORD_H
#define BIND_LOGGER_RECORD_H

#include "bind/common/module.h"
#include "core/log/record.h"

enum {
    BLOX_LOGGER_BEFORE = 96, // bytes: colour, time, level, name
    BLOX_LOGGER_BEHIND = 6,  // end of colour, end of line, NUL
    BLOX_LOGGER_ROOM = 288,  // all of that and a text
};

typedef struct logger_state logger_state;

typedef struct {
    mp_obj_base_t base;
    logger_state *state;
    mp_obj_t name;
    mp_obj_t exc_info;
    struct blox_text text; // message and traceback; no data: it is gone
    size_t message_size;   // of it
    uint32_t seconds;      // since 1970
    uint16_t milliseconds;
    uint8_t level;
} record_object;

// What is set of a logger. Most have nothing and share the root's.
typedef struct {
    logger_state *state;
    mp_int_t level;
    mp_obj_t handlers; // a list, or MP_OBJ_NULL while there are none
} logger_settings;

// What all loggers share: six blocks of the heap on 32 bits.
struct logger_state {
    logger_settings root;    // first: whoever holds these holds the state
    mp_obj_t time, sys;      // modules
    uint32_t epoch;          // seconds since 1970 of time's 0
    mp_obj_t console;        // sys.stderr is a handler of the root's: None or
                             // True, see record_write; else MP_OBJ_NULL
    mp_obj_t get_level_name; // once levels have names of their own
    mp_obj_t view;           // a bytearray, for streams
    uint32_t ticks;          // ticks_ms when the clock could be read last
    uint32_t seconds;        // what it said
    uint16_t milliseconds;
    bool busy;           // the spare record is in use
    uint32_t lost;       // records not said yet
    record_object spare; // when there is no memory for one
};

extern const mp_obj_type_t blox_logger_record_type;

// A message and its arguments.
typedef struct {
    mp_obj_t name; // of the logger
    mp_obj_t msg;
    const mp_obj_t *args;
    size_t count;
    mp_obj_t exc_info; // or None
    uint8_t level;

    // While it is written.
    record_object *record;
    mp_print_t print;
    mp_obj_t exception;
    struct blox_span format; // what is left of msg
    size_t at;               // the next argument
    bool odd;
} blox_logger_message;

// Writes the text of the record, which is empty. What memory cannot be had for
// is said in its place; the message gets the exception of a format and
// arguments that do not fit, or MP_OBJ_NULL.
void blox_logger_compose(record_object *record, blox_logger_message *message);

// Writes the record's line to sys.stderr.
void blox_logger_print(record_object *record);

// sys.print_exception(exception, stream)
void blox_logger_print_exception(const logger_state *state, mp_obj_t exception,
                                 mp_obj_t stream);

// Whether object is of the builtin type.
bool blox_logger_is(mp_obj_t object, qstr type);

#endif
