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

// Adds "<time> <LEVEL> <name>: <message>", without a line end. A message that
// begins with the name itself does not say it twice.
void blox_log_plain(struct blox_text *text,
                    const struct blox_log_record *record);

// The same for a terminal that knows colours (ECMA-48, SGR): dim below info,
// yellow from warning, red from error, bold red from critical.
void blox_log_coloured(struct blox_text *text,
                       const struct blox_log_record *record);

#endif
