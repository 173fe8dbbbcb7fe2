// SPDX-License-Identifier: MIT
// A file system for fuzz targets behind core/base/storage.h: a few files in
// static memory, nothing allocated, so that a million runs take seconds. One
// at a time; flat_init() forgets everything.
#ifndef TESTS_FUZZ_FLAT_H
#define TESTS_FUZZ_FLAT_H

#include "core/base/storage.h"

enum {
    FLAT_FILES = 40,
    FLAT_BYTES = 4096, // of a file that is written
    FLAT_OPEN = 4,
    FLAT_BLOCK = 256,
};

struct flat_file {
    bool there, directory;
    uint32_t size;
    uint32_t path_size;
    const uint8_t *data; // the caller's, or its slot of written bytes
    char path[240];
};

struct flat {
    struct blox_storage ops; // hand &flat.ops to the engine
    struct flat_file files[FLAT_FILES];
    uint32_t count;       // slots in use, from the first
    uint32_t open_files;  // handles not yet closed
    uint32_t blocks;      // in all; 64
    uint32_t blocks_used; // by what was written
    size_t read_at_most;  // bytes a read returns; 0: all that is asked for
    // What may be opened for writing, or made: everything that begins so.
    const char *writable;
    // What may be renamed to or removed: NULL for as above.
    bool (*changeable)(const char *path);
};

extern struct flat flat;

void flat_init(void);

// Adds a directory, or a file whose bytes stay the caller's.
void flat_mkdir(const char *path);
void flat_put(const char *path, struct blox_span data);

// The file or directory, or NULL.
const struct flat_file *flat_get(const char *path);

#endif
