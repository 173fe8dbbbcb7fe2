// SPDX-License-Identifier: MIT
#include "core/log/record.h"

#include "core/log/calendar.h"

static void add_digits(struct blox_text *text, uint32_t value, uint32_t unit) {
    for (; unit > 0; unit /= 10) {
        blox_text_add_char(text, (char)('0' + value / unit % 10));
    }
}

void blox_log_add_time(struct blox_text *text, uint32_t seconds,
                       uint16_t milliseconds) {
    struct blox_log_calendar at;
    blox_log_calendar(&at, seconds);
    add_digits(text, at.year, 1000);
    blox_text_add_char(text, '-');
    add_digits(text, at.month, 10);
    blox_text_add_char(text, '-');
    add_digits(text, at.day, 10);
    blox_text_add_char(text, 'T');
    add_digits(text, at.hour, 10);
    blox_text_add_char(text, ':');
    add_digits(text, at.minute, 10);
    blox_text_add_char(text, ':');
    add_digits(text, at.second, 10);
    blox_text_add_char(text, '.');
    add_digits(text, milliseconds, 100);
    blox_text_add_char(text, 'Z');
}

void blox_log_add_level(struct blox_text *text, uint8_t level) {
    static const char *const names[] = {"NOTSET",  "DEBUG", "INFO",
                                        "WARNING", "ERROR", "CRITICAL"};
    blox_text_add(text, names[level > 50 ? 5 : level / 10]);
}

void blox_log_plain(struct blox_text *text,
                    const struct blox_log_record *record) {
    struct blox_span message = record->message;
    struct blox_span begin = blox_span_part(message, 0, record->name.size);
    bool named = message.size > record->name.size &&
                 message.data[record->name.size] == ':' &&
                 blox_span_equal(begin, record->name);
    blox_log_add_time(text, record->seconds, record->milliseconds);
    blox_text_add_char(text, ' ');
    blox_log_add_level(text, record->level);
    blox_text_add_char(text, ' ');
    if (!named) {
        blox_text_add_span(text, record->name);
        blox_text_add(text, ": ");
    }
    blox_text_add_span(text, message);
}

static const char *colour(uint8_t level) {
    return level >= 50   ? "1;31"
           : level >= 40 ? "31"
           : level >= 30 ? "33"
           : level <= 10 ? "2"
                         : NULL;
}

void blox_log_coloured(struct blox_text *text,
                       const struct blox_log_record *record) {
    const char *sgr = colour(record->level);
    if (sgr != NULL) {
        blox_text_add(text, "\x1b[");
        blox_text_add(text, sgr);
        blox_text_add_char(text, 'm');
    }
    blox_log_plain(text, record);
    if (sgr != NULL) {
        blox_text_add(text, "\x1b[0m");
    }
}
