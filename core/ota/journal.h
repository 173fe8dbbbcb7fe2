// SPDX-License-Identifier: MIT
// Writing and reading the journal, format 1. docs/journal.md is the
// specification; what applies and undoes a journal is rescue() in
// python/main.py, in MicroPython.
#ifndef CORE_OTA_JOURNAL_H
#define CORE_OTA_JOURNAL_H

#include "core/base/storage.h"
#include "core/base/text.h"
#include "core/ota/files.h"

enum {
    BLOX_JOURNAL_FORMAT = 1,
    // A line has one target path, two staged ones, a checksum.
    BLOX_JOURNAL_LINE_MAX = BLOX_FILE_TARGET_MAX + 2 * BLOX_FILE_NAME_MAX + 24,
};

enum blox_journal_state {
    BLOX_JOURNAL_NONE, // there is no journal
    BLOX_JOURNAL_APPLY,
    BLOX_JOURNAL_TRIAL,
    BLOX_JOURNAL_CONFIRMED,
    BLOX_JOURNAL_UNDO, // also: a journal that is not whole
};

// Collects lines into BLOX_FILE_LINES.
struct blox_journal {
    uint32_t lines;
    uint32_t bytes;

    // Private.
    const struct blox_storage *storage;
    void *file;
    uint32_t crc;
    // The line that is being written: in here it is on nobody's C stack.
    struct blox_text text;
    char line[BLOX_JOURNAL_LINE_MAX];
};

// Starts an empty collection, replacing an older one. Returns BLOX_OK or an
// error of storage, as do those below up to blox_journal_commit() unless they
// say more.
int blox_journal_open(struct blox_journal *journal,
                      const struct blox_storage *storage);

// Each adds a line. Paths are absolute and have no control characters.
int blox_journal_make_directory(struct blox_journal *journal, const char *path);
int blox_journal_remove(struct blox_journal *journal, const char *path,
                        const char *backup);
int blox_journal_move(struct blox_journal *journal, const char *from,
                      const char *to, const char *backup, uint32_t crc32);

// Whether the collection has the removal of path. Reads it all: for rare use.
// Returns 1, 0, or an error of storage.
int blox_journal_removes(struct blox_journal *journal, const char *path);

// Writes the collection out once for each state. Nothing is in force yet.
int blox_journal_prepare(struct blox_journal *journal);

// The commit point: one rename.
int blox_journal_commit(struct blox_journal *journal);

// Closes; harmless when not open.
void blox_journal_close(struct blox_journal *journal);

// The state of the journal in force. Only its header is read: what runs after
// rescue() need not check the lines again. APPLY after rescue() means that it
// was undone but could not say so. Returns an enum blox_journal_state, or an
// error of storage.
int blox_journal_state(const struct blox_storage *storage);

// Reads the line at *cursor of an open journal into line, NUL-terminated,
// without its end, cut if need be, and moves *cursor behind it. Returns 1, 0 at
// the end, or an error of storage.
int blox_journal_read_line(const struct blox_storage *storage, void *file,
                           uint32_t *cursor, char *line, size_t capacity);

#endif
