// SPDX-License-Identifier: MIT
// The one list of errors every engine in core/ returns.
//
// The convention at every boundary of the core: zero is success, a negative
// number is one of these errors, a positive number is a count and its meaning
// stands in the function's comment. An error that a person should read comes
// with one sentence in a caller's struct blox_text (core/base/text.h); the
// code alone is for the program.
#ifndef CORE_BASE_ERROR_H
#define CORE_BASE_ERROR_H

enum blox_error {
    BLOX_OK = 0,
    BLOX_ERROR_ARGUMENT = -1,    // our caller broke a documented rule
    BLOX_ERROR_STATE = -2,       // right call at the wrong time
    BLOX_ERROR_BUFFER = -3,      // a caller's buffer is too small
    BLOX_ERROR_FORMAT = -4,      // input is not in the format it claims
    BLOX_ERROR_UNSUPPORTED = -5, // well-formed, but a kind we do not handle
    BLOX_ERROR_LIMIT = -6,       // well-formed, but over a documented limit
    BLOX_ERROR_MISSING = -7,     // a file, key, member or package is absent
    BLOX_ERROR_DUPLICATE = -8,   // something that must be unique is twice
    BLOX_ERROR_PATH = -9,        // a path that escapes or is not allowed
    BLOX_ERROR_DIGEST = -10,     // a hash, checksum, size or MAC differs
    BLOX_ERROR_PLATFORM = -11,   // made for another chip or firmware
    BLOX_ERROR_FULL = -12,       // the flash file system has no room
    BLOX_ERROR_IO = -13,         // the storage or the stream failed
    BLOX_ERROR_TIMEOUT = -14,    // the peer was silent for too long
    BLOX_ERROR_REFUSED = -15,    // the peer said no
    BLOX_ERROR_MEMORY = -16,     // a buffer could not be made larger now
};

// The error's name in a few plain words, such as "no room on flash"; for an
// unknown code "unknown error". The string is constant and lives for ever.
const char *blox_error_text(int error);

#endif
