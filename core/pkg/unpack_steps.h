// SPDX-License-Identifier: MIT
// The passes of core/pkg/unpack.h, each a function that does one piece of
// work. Private to unpack*.c.
#ifndef CORE_PKG_UNPACK_STEPS_H
#define CORE_PKG_UNPACK_STEPS_H

#include "core/pkg/unpack.h"

enum unpack_pass {
    UNPACK_OPEN,
    UNPACK_SURVEY,       // the central directory, an entry a step
    UNPACK_WHEEL,        // WHEEL, whole
    UNPACK_METADATA,     // METADATA, whole
    UNPACK_ROOM,         // is there room?
    UNPACK_RECORD_BEGIN, // RECORD to staging
    UNPACK_RECORD_DATA,
    UNPACK_RECORD_LINES, // RECORD read through once
    UNPACK_NEXT,         // the next member
    UNPACK_LOOK_UP,      // its line in RECORD
    UNPACK_BEGIN,        // to staging
    UNPACK_DATA,
    UNPACK_LEFT_OVER, // a line of RECORD that no member has
    UNPACK_FINISHED,
    UNPACK_FAILED,
};

// What each returns: as blox_unpack_step().
int blox_unpack_open(struct blox_unpack *unpack);
int blox_unpack_survey(struct blox_unpack *unpack);
int blox_unpack_wheel(struct blox_unpack *unpack);
int blox_unpack_metadata(struct blox_unpack *unpack);
int blox_unpack_room(struct blox_unpack *unpack);

// Fails with the sentence "wheel: <member>: <what>"; member may be NULL.
// Returns error.
int blox_unpack_fail(struct blox_unpack *unpack, int error, const char *member,
                     const char *what);

// Moves to the data of unpack->entry and makes ready to read it. Returns
// BLOX_OK or an error with its sentence.
int blox_unpack_begin_read(struct blox_unpack *unpack);

// Reads up to size bytes of the member's content. Returns how many, 0 at its
// end, or an error with its sentence; a member that is longer or shorter than
// it should be is an error.
int32_t blox_unpack_read(struct blox_unpack *unpack, uint8_t *data,
                         size_t size);

// The part of the io buffer that blox_unpack_read() leaves to the caller.
uint8_t *blox_unpack_chunk(struct blox_unpack *unpack, size_t *size);

#endif
