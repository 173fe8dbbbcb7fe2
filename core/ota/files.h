// SPDX-License-Identifier: MIT
// The files under /.blox, the staging area of updates (docs/journal.md).
#ifndef CORE_OTA_FILES_H
#define CORE_OTA_FILES_H

#include "core/base/storage.h"
#include "core/base/text.h"
#include "core/pkg/path.h"

#define BLOX_FILE_FOLDER "/.blox"
// The list in force, one that is being checked, one that is arriving.
#define BLOX_FILE_LIST "/.blox/list"
#define BLOX_FILE_LIST_NEW "/.blox/list.new"
#define BLOX_FILE_ARRIVING "/.blox/arriving"
// A list that waits for the end of a trial: the channel's, which the broker
// keeps, or one of cmd, which nobody else does. What came on cmd when there was
// no memory to read it waits for the next boot.
#define BLOX_FILE_WAITS "/.blox/waits"
#define BLOX_FILE_CMD "/.blox/cmd"
// A command that came while a list is being checked.
#define BLOX_FILE_COMMAND "/.blox/command"
// Where the list in force came from, and the channel's last payload.
#define BLOX_FILE_ORIGIN "/.blox/origin"
#define BLOX_FILE_ORIGIN_NEW "/.blox/origin.new"
// What is to be done (core/ota/todo.h). Renamed to `ready` when all packages
// are there and verified: they are installed at the next boot.
#define BLOX_FILE_TODO "/.blox/todo"
#define BLOX_FILE_TODO_NEW "/.blox/todo.new"
#define BLOX_FILE_READY "/.blox/ready"
// Why the last set was refused, and which it was.
#define BLOX_FILE_ERROR "/.blox/error"
#define BLOX_FILE_ERROR_NEW "/.blox/error.new"
// How often the device booted, and how those boots ended (core/ota/boots.h).
#define BLOX_FILE_BOOTS "/.blox/boots"
// The traceback of the last crash, and of the one for which the last set was
// undone.
#define BLOX_FILE_CRASH "/.blox/crash"
#define BLOX_FILE_ROLLED_BACK "/.blox/rolled_back"
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
// What starts the device or brings it back waits until the set is confirmed:
// new main.py, boot.py, and mpy_blox.rescue.
#define BLOX_FILE_LATE_MAIN "/.blox/late.main.py"
#define BLOX_FILE_LATE_BOOT "/.blox/late.boot.py"
#define BLOX_FILE_LATE_RESCUE_PY "/.blox/late.rescue.py"
#define BLOX_FILE_LATE_RESCUE_MPY "/.blox/late.rescue.mpy"
#define BLOX_FILE_RESCUE_PY "/lib/mpy_blox/rescue.py"
#define BLOX_FILE_RESCUE_MPY "/lib/mpy_blox/rescue.mpy"

enum {
    BLOX_FILE_NAME_MAX = 32, // bytes of a path above, with its NUL
    // Blocks a commit needs besides the files: spare ones for renames, the
    // journal, the reserve (docs/journal.md).
    BLOX_FILE_RESERVE_BLOCKS = 24,
};

// Writes the path of the package staged for an entry of the todo file.
void blox_file_package(char path[BLOX_FILE_NAME_MAX], uint32_t index);

// Writes the path of a staged file, and of the backup that its move makes.
void blox_file_staged(char path[BLOX_FILE_NAME_MAX], uint32_t number);
void blox_file_backup(char path[BLOX_FILE_NAME_MAX], uint32_t number);

// Writes "/<path>" for a path of the list or of a wheel: folder "/" or
// "/lib/". The result is NUL-terminated.
enum { BLOX_FILE_TARGET_MAX = BLOX_PATH_MAX + 8 };
void blox_file_target(char target[BLOX_FILE_TARGET_MAX], const char *folder,
                      struct blox_span path);

// Writes content and end to a file whole or not at all: under temporary, then
// renamed to path. Returns BLOX_OK or an error of storage.
int blox_file_write(const struct blox_storage *storage, const char *path,
                    const char *temporary, struct blox_span content,
                    struct blox_span end);

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

#endif
