// SPDX-License-Identifier: MIT
// Whole files in and out.
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

struct file_bytes {
    uint8_t *data; // size bytes and a NUL behind them; the caller frees it
    size_t size;
};

// Reads a regular file, or standard input for "-", of at most limit bytes. On
// failure says why and returns CLI_INPUT.
enum cli_exit file_read(const char *file, size_t limit,
                        struct file_bytes *bytes);

// How file_write makes a file.
enum file_write {
    FILE_NEW = 1,    // one that is there already is refused
    FILE_SECRET = 2, // nobody else may read it
};

// Writes a file whole or not at all; how is a set of enum file_write. On
// failure says why and returns CLI_INPUT.
enum cli_exit file_write(const char *file, const void *data, size_t size,
                         unsigned how);

// Makes a directory and those above it. On failure says why and returns
// CLI_INPUT.
enum cli_exit file_make_directory(const char *directory);

#endif
