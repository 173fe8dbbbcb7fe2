// SPDX-License-Identifier: MIT
// The operations an engine asks of a file system, in one table that the
// caller fills: MicroPython's VFS on a device, a directory in the host tool, a
// model that can lose power at any call in tests.
//
// Paths are absolute, NUL-terminated, '/'-separated. Every operation returns
// BLOX_OK or one of: BLOX_ERROR_FULL (no room; nothing or part was written),
// BLOX_ERROR_MISSING (no such file), BLOX_ERROR_IO (anything else), unless its
// comment says more. Operations never throw through the engine.
#ifndef CORE_BASE_STORAGE_H
#define CORE_BASE_STORAGE_H

#include "core/base/span.h"

enum blox_storage_mode {
    BLOX_STORAGE_READ,   // the file must exist
    BLOX_STORAGE_WRITE,  // made, or cut to nothing
    BLOX_STORAGE_APPEND, // made, or written behind its end
};

enum blox_storage_kind {
    BLOX_STORAGE_FILE,
    BLOX_STORAGE_DIRECTORY,
};

struct blox_storage_stat {
    enum blox_storage_kind kind;
    uint32_t size; // bytes; 0 for a directory
};

struct blox_storage_space {
    uint32_t block_size;  // bytes in an allocation unit
    uint32_t blocks;      // in all
    uint32_t blocks_free; // now; a moment later there may be fewer
};

struct blox_storage {
    void *context; // handed to each operation as it is

    // Opens path and stores a handle, never NULL, in *file. The caller keeps
    // the handle in memory that a garbage collector sees (the engine's own
    // struct) and closes it exactly once.
    int (*open)(void *context, const char *path, enum blox_storage_mode mode,
                void **file);
    // Reads up to size bytes. Returns how many (0 at the end of the file) or
    // a negative error.
    int32_t (*read)(void *context, void *file, uint8_t *data, size_t size);
    // Writes all size bytes or fails.
    int (*write)(void *context, void *file, const uint8_t *data, size_t size);
    // Moves a file open for reading to offset bytes from its start.
    int (*seek)(void *context, void *file, uint32_t offset);
    // Closes; on return what was written survives a power cut. The handle is
    // gone even when this fails.
    int (*close)(void *context, void *file);

    // Tells what a file or directory is.
    int (*stat)(void *context, const char *path,
                struct blox_storage_stat *stat);
    // Gives the index-th entry (from 0) of a directory, in an order that
    // stays while nothing in it changes; name gets a NUL-terminated name.
    // Returns BLOX_ERROR_MISSING past the last entry or without such a
    // directory, BLOX_ERROR_BUFFER when the name does not fit.
    int (*list)(void *context, const char *path, uint32_t index, char *name,
                size_t capacity);
    // The one atomic step: replaces an existing file of the new name.
    int (*rename)(void *context, const char *from, const char *to);
    // Removes a file or an empty directory.
    int (*remove)(void *context, const char *path);
    // Makes a directory; one that is there already is a success.
    int (*make_directory)(void *context, const char *path);
    // Tells how much room the file system has.
    int (*space)(void *context, struct blox_storage_space *space);
};

#endif
