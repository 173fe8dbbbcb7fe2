// SPDX-License-Identifier: MIT
// One log record, and the lines that are made of it.
#ifndef CORE_LOG_RECORD_H
#define CORE_LOG_RECORD_H

#include "core/base/text.h"

// As in Python's logging: 10 debug, 20 info, 30 warning, 40 error,
// 50 critical, and whatever a program puts between them.
struct blox_log_record {
    uint8_t level;
    uint16_t milliseconds;
    uint32_t seconds;         // since 1970, UTC
    struct blox_span name;    // of the logger, at most 255 bytes
    struct blox_span message; // may have lines, as a traceback has
};

// Adds "2026-11-22T15:11:19.014Z".
void blox_log_add_time(struct blox_text *text, uint32_t seconds,
                       uint16_t milliseconds);

// Adds the level's name, "WARNING"; for one between two names the lower one's.
void blox_log_add_level(struct blox_text *text, uint8_t level);

// Returns the level of that name, or -1.
int blox_log_level(struct blox_span name);

// Whether the message begins with the logger's name and a colon: a line of it
// need not say that twice.
bool blox_log_says_name(const struct blox_log_record *record);

// Adds what turns a terminal that knows colours (ECMA-48, SGR) to a level's:
// dim below info, yellow from warning, red from error, bold red from critical.
// Returns whether there is one; BLOX_LOG_NO_COLOUR ends it.
bool blox_log_add_colour(struct blox_text *text, uint8_t level);
#define BLOX_LOG_NO_COLOUR "\x1b[0m"

// Adds "<time> <LEVEL> <name>: <message>", without a line end.
void blox_log_plain(struct blox_text *text,
                    const struct blox_log_record *record);

// The same in the level's colour.
void blox_log_coloured(struct blox_text *text,
                       const struct blox_log_record *record);

// A record in one piece, as the ring keeps it and as loggers hand it on: size
// (2), level, size of the name, seconds (4), milliseconds (2), name, message;
// integers little-endian.
enum { BLOX_LOG_HEAD = 10 }; // bytes besides name and message

// Writes all of that but the message; size counts it. The name has at most 255
// bytes, the whole at most 65,535.
void blox_log_put_head(uint8_t *at, const struct blox_log_record *record);

// Reads a record of at[0..its size); its spans point there.
void blox_log_read(const uint8_t *at, struct blox_log_record *record);

#endif
