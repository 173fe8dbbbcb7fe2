// SPDX-License-Identifier: MIT
// What is to be done, as the plan found it: the needed entries of a list in a
// small binary file, which the downloader and the installer read without
// knowing JSON. Layout, integers little-endian:
//
//   "blxtodo1", SHA-256 that names the set (32)
//   per entry: type (1: wheel, 2: src, 3: delete), flags (bit 0: empty file,
//     bit 1: has size), length of name or path, length of version, size (4),
//     SHA-256 (32), name or path, version
//   0, CRC-32 of all before it (4)
#ifndef CORE_OTA_TODO_H
#define CORE_OTA_TODO_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/list.h"

struct blox_todo_entry {
    enum blox_list_type type; // BLOX_LIST_WHEEL, _SRC or _DELETE
    uint32_t index;           // in the file, from 0: names its package
    bool empty;               // an empty file: nothing to fetch
    bool has_size;
    uint32_t size; // of the package, when has_size
    uint8_t sha256[BLOX_SHA256_SIZE];
    char name[BLOX_PATH_MAX + 1];       // of the wheel, or the file's path
    char version[BLOX_VERSION_MAX + 1]; // of the wheel, else empty
};

// Whether the entry's package comes from the broker.
static inline bool blox_todo_fetched(const struct blox_todo_entry *entry) {
    return entry->type != BLOX_LIST_DELETE && !entry->empty;
}

// Writing.
struct blox_todo_writer {
    const struct blox_storage *storage; // private
    void *file;
    uint32_t crc;
};

// Starts the file at path. Returns BLOX_OK or an error of storage; as do all
// that follow.
int blox_todo_create(struct blox_todo_writer *writer,
                     const struct blox_storage *storage, const char *path,
                     const uint8_t set[BLOX_SHA256_SIZE]);
// Adds an entry.
int blox_todo_put(struct blox_todo_writer *writer,
                  const struct blox_list_entry *entry);
// Writes the end and closes.
int blox_todo_finish(struct blox_todo_writer *writer);
// Closes; harmless when not open.
void blox_todo_abandon(struct blox_todo_writer *writer);

// Reading.
struct blox_todo {
    struct blox_todo_entry entry;  // the current one
    uint8_t set[BLOX_SHA256_SIZE]; // names the set

    // Private.
    const struct blox_storage *storage;
    void *file;
    uint32_t crc;
    uint32_t next;
};

// Opens the file at path at its start; closes what was open (zero the struct
// before the first time). Returns BLOX_OK, BLOX_ERROR_FORMAT (no such file's
// content), or an error of storage.
int blox_todo_open(struct blox_todo *todo, const struct blox_storage *storage,
                   const char *path);

// Reads the next entry. Returns 1, 0 after the last one, when the CRC-32 was
// right, BLOX_ERROR_FORMAT (damaged), or an error of storage.
int blox_todo_next(struct blox_todo *todo);

// Closes; harmless when nothing is open.
void blox_todo_close(struct blox_todo *todo);

#endif
