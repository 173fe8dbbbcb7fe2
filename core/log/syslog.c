// SPDX-License-Identifier: MIT
#include "core/log/syslog.h"

#include "core/log/calendar.h"

enum { PART_MAX = 48 }; // bytes of the host's and of the logger's name

void blox_syslog_begin(struct blox_syslog *syslog,
                       const struct blox_log_record *record) {
    syslog->record = record;
    syslog->at = 0;
}

// RFC 5424, section 6.2.1, table 2.
static uint32_t severity(uint8_t level) {
    return level >= 50   ? 2
           : level >= 40 ? 3
           : level >= 30 ? 4
           : level >= 20 ? 6
                         : 7;
}

// A word of a header: printable ASCII without blanks; "-" when empty.
static void add_word(struct blox_text *text, struct blox_span word) {
    word = blox_span_part(word, 0, PART_MAX);
    for (size_t i = 0; i < word.size; ++i) {
        bool plain = word.data[i] > ' ' && word.data[i] < 0x7f;
        blox_text_add_char(text, plain ? (char)word.data[i] : '-');
    }
    if (word.size == 0) {
        blox_text_add_char(text, '-');
    }
}

static void add_two(struct blox_text *text, uint8_t value, char blank) {
    blox_text_add_char(text, value < 10 ? blank : (char)('0' + value / 10));
    blox_text_add_char(text, (char)('0' + value % 10));
}

// "Nov  5 07:08:09", RFC 3164, section 4.1.2.
static void add_old_time(struct blox_text *text, uint32_t seconds) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct blox_log_calendar at;
    blox_log_calendar(&at, seconds);
    blox_text_add_span(text, blox_span(months + 3 * (at.month - 1), 3));
    blox_text_add_char(text, ' ');
    add_two(text, at.day, ' ');
    blox_text_add_char(text, ' ');
    add_two(text, at.hour, '0');
    blox_text_add_char(text, ':');
    add_two(text, at.minute, '0');
    blox_text_add_char(text, ':');
    add_two(text, at.second, '0');
}

static void add_header(const struct blox_syslog *syslog,
                       struct blox_text *text) {
    const struct blox_log_record *record = syslog->record;
    blox_text_add_char(text, '<');
    blox_text_add_u32(text, BLOX_SYSLOG_USER * 8 + severity(record->level));
    blox_text_add_char(text, '>');
    if (syslog->rfc5424) {
        blox_text_add(text, "1 ");
        blox_log_add_time(text, record->seconds, record->milliseconds);
    } else {
        add_old_time(text, record->seconds);
    }
    blox_text_add_char(text, ' ');
    add_word(text, syslog->hostname);
    blox_text_add_char(text, ' ');
    add_word(text, record->name);
    blox_text_add(text, syslog->rfc5424 ? " - - - " : ": ");
}

// How much of the line goes into the room: all of it, or up to a character's
// end.
static size_t fitting(struct blox_span line, size_t room) {
    if (line.size <= room) {
        return line.size;
    }
    size_t size = room;
    while (size > 0 && (line.data[size] & 0xc0) == 0x80) {
        --size;
    }
    return size > 0 ? size : room; // no UTF-8 at all
}

bool blox_syslog_next(struct blox_syslog *syslog, struct blox_text *text) {
    struct blox_span message = syslog->record->message;
    if (syslog->at > message.size) {
        return false;
    }
    add_header(syslog, text);
    size_t most = text->capacity - 1;
    size_t room =
        (most > BLOX_SYSLOG_MAX ? BLOX_SYSLOG_MAX : most) - text->size;
    struct blox_span rest =
        blox_span_part(message, syslog->at, message.size - syslog->at);
    struct blox_span line = blox_span_part(rest, 0, blox_span_find(rest, '\n'));
    size_t size = fitting(line, room);
    blox_text_add_span(text, blox_span_part(line, 0, size));
    // Behind the line's end, or on in the same line.
    syslog->at += (uint32_t)(size + (size == line.size));
    // A line end at the very end begins no new line.
    if (syslog->at == message.size && size == line.size && size > 0) {
        ++syslog->at;
    }
    return true;
}
