// SPDX-License-Identifier: MIT
// The files under /.blox, the staging area of updates (docs/journal.md), and
// reading the list that is staged there.
#ifndef CORE_OTA_FILES_H
#define CORE_OTA_FILES_H

#include "core/base/storage.h"
#include "core/base/text.h"
#include "core/ota/list.h"

#define BLOX_FILE_FOLDER "/.blox"
// The list in force, and one that is arriving.
#define BLOX_FILE_LIST "/.blox/list"
#define BLOX_FILE_LIST_NEW "/.blox/list.new"
// Where the list in force came from, and the channel's last payload.
#define BLOX_FILE_ORIGIN "/.blox/origin"
#define BLOX_FILE_ORIGIN_NEW "/.blox/origin.new"
// All packages are there and verified: install them at the next boot.
#define BLOX_FILE_READY "/.blox/ready"
#define BLOX_FILE_READY_NEW "/.blox/ready.new"
// Why the last set was refused, and which it was.
#define BLOX_FILE_ERROR "/.blox/error"
#define BLOX_FILE_ERROR_NEW "/.blox/error.new"
// The files on the device that came as src, with their hashes.
#define BLOX_FILE_SRC "/.blox/src"
// The journal and the forms of it that wait to be renamed over it.
#define BLOX_FILE_JOURNAL "/.blox/journal"
#define BLOX_FILE_JOURNAL_APPLY "/.blox/journal.apply"
#define BLOX_FILE_JOURNAL_TRIAL "/.blox/journal.trial"
#define BLOX_FILE_JOURNAL_UNDO "/.blox/journal.undo"
#define BLOX_FILE_JOURNAL_CONFIRMED "/.blox/journal.confirmed"
// The journal's lines while they are being collected.
#define BLOX_FILE_LINES "/.blox/lines"
// Flash kept free for the renames; removed as their first step.
#define BLOX_FILE_RESERVE "/.blox/reserve"
// New main.py and boot.py, which wait until the set is confirmed.
#define BLOX_FILE_LATE_MAIN "/.blox/late.main.py"
#define BLOX_FILE_LATE_BOOT "/.blox/late.boot.py"

enum { BLOX_FILE_NAME_MAX = 32 }; // bytes of a path above, with its NUL

// Writes the path of the package staged for an entry of the list.
void blox_file_package(char path[BLOX_FILE_NAME_MAX], uint32_t index);

// Writes the path of a staged file, and of the backup that its move makes.
void blox_file_staged(char path[BLOX_FILE_NAME_MAX], uint32_t number);
void blox_file_backup(char path[BLOX_FILE_NAME_MAX], uint32_t number);

// Writes "/<path>" for a path of the list or of a wheel: folder "/" or
// "/lib/". The result is NUL-terminated.
enum { BLOX_FILE_TARGET_MAX = BLOX_PATH_MAX + 8 };
void blox_file_target(char target[BLOX_FILE_TARGET_MAX], const char *folder,
                      struct blox_span path);

// Writes content to a file whole or not at all: under temporary, then renamed
// to path. Returns BLOX_OK or an error of storage.
int blox_file_write(const struct blox_storage *storage, const char *path,
                    const char *temporary, struct blox_span content);

// Reads a file of at most capacity bytes. Returns its size, BLOX_ERROR_LIMIT
// when it is larger, or an error of storage.
int32_t blox_file_read(const struct blox_storage *storage, const char *path,
                       uint8_t *data, size_t capacity);

// Removes a file; one that is not there is a success. Returns BLOX_OK or an
// error of storage.
int blox_file_remove(const struct blox_storage *storage, const char *path);

// Flash in KiB, for sentences: blocks of block_size bytes.
uint32_t blox_file_kib(const struct blox_storage_space *space, uint32_t blocks);

// Blocks that size bytes take.
uint32_t blox_file_blocks(const struct blox_storage_space *space,
                          uint32_t size);

// A list on storage, read entry by entry. list is free for other use while
// nothing is open.
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

// Opens the list at path from its start; closes what was open. why gets the
// sentences. Returns BLOX_OK or an error of storage.
int blox_list_file_open(struct blox_list_file *file, const char *path,
                        struct blox_text *why);

// Reads the next entry into list.entry. Returns 1, 0 after the last one, or an
// error of blox_list_feed(), blox_list_end() or storage.
int blox_list_file_next(struct blox_list_file *file);

// Closes; harmless when nothing is open.
void blox_list_file_close(struct blox_list_file *file);

#endif
