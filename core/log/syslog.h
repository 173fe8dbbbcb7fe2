// SPDX-License-Identifier: MIT
// Log records as syslog datagrams (UDP, RFC 5426): in the form of RFC 3164 or
// of RFC 5424. Each line of a record is a datagram of its own, and a long line
// is several, cut between characters of UTF-8.
#ifndef CORE_LOG_SYSLOG_H
#define CORE_LOG_SYSLOG_H

#include "core/log/record.h"

enum {
    // RFC 3164, section 4.1: a packet has at most 1024 bytes.
    BLOX_SYSLOG_MAX = 1024,
    // So many hold any header, and something of a message.
    BLOX_SYSLOG_MIN = 400,
    BLOX_SYSLOG_USER = 1, // the facility: user-level messages
};

struct blox_syslog {
    bool rfc5424;
    struct blox_span hostname; // "kitchen"; a blank in it becomes '-'

    // Private.
    const struct blox_log_record *record;
    uint32_t at; // of the message
};

// Starts with a record; both must stay until next() returns false.
void blox_syslog_begin(struct blox_syslog *syslog,
                       const struct blox_log_record *record);

// Writes the next datagram into the empty text, which has a capacity of at
// least BLOX_SYSLOG_MIN + 1 bytes; at most BLOX_SYSLOG_MAX are used. Returns
// false when there is none: every record has at least one.
bool blox_syslog_next(struct blox_syslog *syslog, struct blox_text *text);

#endif
