// SPDX-License-Identifier: MIT
// Writing a zip archive (PKWARE APPNOTE 6.3) as every device reads it: members
// stored or deflated with a small window, one time for all of them, no extra
// field, no comment, no data descriptor.
#ifndef CLI_ZIP_WRITE_H
#define CLI_ZIP_WRITE_H

#include <stdint.h>
#include <time.h>

#include "cli/cli.h"

enum { ZIP_WINDOW_MIN = 9, ZIP_WINDOW_MAX = 15 }; // bits zlib can pack with

// Starts zeroed but for window_bits and the time; data is for the caller to
// free once zip_finish has been called.
struct zip_writer {
    unsigned window_bits;
    uint16_t date, time; // MS-DOS; zip_set_time
    uint8_t *data;
    size_t size;

    // Private.
    uint8_t *directory;
    size_t directory_size;
    unsigned count;
};

// Sets the time of all members, in UTC; before 1980 it is the begin of 1980.
void zip_set_time(struct zip_writer *zip, time_t time);

// Adds a member, stored when deflate does not make it smaller.
void zip_add(struct zip_writer *zip, const char *name, const void *data,
             size_t size);

// Writes the central directory.
void zip_finish(struct zip_writer *zip);

#endif
