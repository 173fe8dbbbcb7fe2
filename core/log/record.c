// SPDX-License-Identifier: MIT
#include "core/log/record.h"

#include <string.h>

#include "core/base/bytes.h"
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

static const char *const names[] = {"NOTSET",  "DEBUG", "INFO",
                                    "WARNING", "ERROR", "CRITICAL"};

void blox_log_add_level(struct blox_text *text, uint8_t level) {
    blox_text_add(text, names[level > 50 ? 5 : level / 10]);
}

int blox_log_level(struct blox_span name) {
    int level = 50;
    while (level >= 0 &&
           !blox_span_equal(blox_span_text(names[level / 10]), name)) {
        level -= 10;
    }
    return level >= 0 ? level : -1;
}

bool blox_log_says_name(const struct blox_log_record *record) {
    size_t size = record->name.size;
    struct blox_span begin = blox_span_part(record->message, 0, size);
    return record->message.size > size && record->message.data[size] == ':' &&
           blox_span_equal(begin, record->name);
}

void blox_log_plain(struct blox_text *text,
                    const struct blox_log_record *record) {
    blox_log_add_time(text, record->seconds, record->milliseconds);
    blox_text_add_char(text, ' ');
    blox_log_add_level(text, record->level);
    blox_text_add_char(text, ' ');
    if (!blox_log_says_name(record)) {
        blox_text_add_span(text, record->name);
        blox_text_add(text, ": ");
    }
    blox_text_add_span(text, record->message);
}

bool blox_log_add_colour(struct blox_text *text, uint8_t level) {
    static const char *const sgr[] = {"\x1b[2m",  "",         "",
                                      "\x1b[33m", "\x1b[31m", "\x1b[1;31m"};
    const char *own = sgr[level <= 10 ? 0 : level > 50 ? 5 : level / 10];
    blox_text_add(text, own);
    return *own != '\0';
}

void blox_log_coloured(struct blox_text *text,
                       const struct blox_log_record *record) {
    bool coloured = blox_log_add_colour(text, record->level);
    blox_log_plain(text, record);
    if (coloured) {
        blox_text_add(text, BLOX_LOG_NO_COLOUR);
    }
}

void blox_log_put_head(uint8_t *at, const struct blox_log_record *record) {
    size_t size = BLOX_LOG_HEAD + record->name.size + record->message.size;
    blox_put_le16(at, (uint16_t)size);
    at[2] = record->level;
    at[3] = (uint8_t)record->name.size;
    blox_put_le32(at + 4, record->seconds);
    blox_put_le16(at + 8, record->milliseconds);
    if (record->name.size > 0) {
        memcpy(at + BLOX_LOG_HEAD, record->name.data, record->name.size);
    }
}

void blox_log_read(const uint8_t *at, struct blox_log_record *record) {
    *record = (struct blox_log_record){
        .level = at[2],
        .milliseconds = blox_le16(at + 8),
        .seconds = blox_le32(at + 4),
        .name = blox_span(at + BLOX_LOG_HEAD, at[3]),
        .message = blox_span(at + BLOX_LOG_HEAD + at[3],
                             (size_t)blox_le16(at) - BLOX_LOG_HEAD - at[3]),
    };
}
