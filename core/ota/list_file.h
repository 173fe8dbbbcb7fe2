// SPDX-License-Identifier: MIT
// A list on storage, read entry by entry.
#ifndef CORE_OTA_LIST_FILE_H
#define CORE_OTA_LIST_FILE_H

#include "core/base/storage.h"
#include "core/ota/list.h"

struct blox_list_file {
    struct blox_list list; // list.entry is the current one

    // Private.
    const struct blox_storage *storage;
    void *file;
    struct blox_span left;
    uint8_t buffer[64];
};

// Starts with nothing open.
void blox_list_file_init(struct blox_list_file *file,
                         const struct blox_storage *storage);

// Opens the list at path from its start; closes what was open. command and why
// as in blox_list_init(). Returns BLOX_OK or an error of storage.
int blox_list_file_open(struct blox_list_file *file, const char *path,
                        bool command, struct blox_text *why);

// Reads the next entry into list.entry. Returns 1, 0 after the last one, or an
// error of blox_list_feed(), blox_list_end() or storage.
int blox_list_file_next(struct blox_list_file *file);

// Closes; harmless when nothing is open.
void blox_list_file_close(struct blox_list_file *file);

#endif
