// SPDX-License-Identifier: MIT
// The headers of METADATA and WHEEL (core metadata, PEP 566; PEP 427), read as
// they stream by: bytes in, the few values we use out. Lines end with LF or
// CRLF, a line that begins with a blank goes on the one before, the first
// empty line ends the headers; keys compare without case.
#ifndef CORE_PKG_METADATA_H
#define CORE_PKG_METADATA_H

#include "core/base/text.h"
#include "core/pkg/name.h"

enum { BLOX_METADATA_LINE = 128 }; // bytes of a line that are looked at

struct blox_metadata {
    // Found so far; valid after _end().
    uint8_t window_bits; // 15 without Blox-Window-Bits
    uint8_t tags;        // Tag lines, at most 255
    bool tag_accepted;   // one of them fits the platform
    bool broken;         // a value we use is malformed or too long

    // Private.
    uint8_t size;
    bool cut, over, newline;
    struct blox_span platform;

    // Found so far, NUL-terminated; empty: not there. Valid after _end().
    char wheel_version[8];
    char name[BLOX_NAME_MAX + 1];
    char version[BLOX_VERSION_MAX + 1];

    char line[BLOX_METADATA_LINE]; // private
};

// Starts. platform, for blox_tag_accepted(), must live until _end(); empty
// when tags do not matter.
void blox_metadata_init(struct blox_metadata *metadata,
                        struct blox_span platform);

// Takes bytes, split anywhere. Of a key that comes twice the first counts
// (Tag excepted: all count).
void blox_metadata_feed(struct blox_metadata *metadata, struct blox_span text);

// The text is over: takes a last line without a newline.
void blox_metadata_end(struct blox_metadata *metadata);

#endif
