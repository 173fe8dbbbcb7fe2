// SPDX-License-Identifier: MIT
#include "core/ota/journal.h"

#include "core/base/error.h"
#include "core/codec/crc32.h"

#define HEADER "blox-journal 1 "

// The journal's states, the file each waits in, and its name in the header.
static const struct {
    char path[BLOX_FILE_NAME_MAX];
    char name[12];
} forms[] = {
    {BLOX_FILE_JOURNAL_APPLY, "apply"},
    {BLOX_FILE_JOURNAL_TRIAL, "trial"},
    {BLOX_FILE_JOURNAL_CONFIRMED, "confirmed"},
    {BLOX_FILE_JOURNAL_UNDO, "undo"},
};
enum { FORMS = sizeof forms / sizeof forms[0] };

static void add_crc(struct blox_text *text, uint32_t crc) {
    uint8_t bytes[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16),
                        (uint8_t)(crc >> 8), (uint8_t)crc};
    blox_text_add_hex(text, bytes, sizeof bytes);
}

int blox_journal_open(struct blox_journal *journal,
                      const struct blox_storage *storage) {
    *journal = (struct blox_journal){.storage = storage};
    int error = storage->open(storage->context, BLOX_FILE_LINES,
                              BLOX_STORAGE_WRITE, &journal->file);
    if (error != BLOX_OK) {
        journal->file = NULL;
    }
    return error;
}

void blox_journal_close(struct blox_journal *journal) {
    if (journal->file != NULL) {
        journal->storage->close(journal->storage->context, journal->file);
        journal->file = NULL;
    }
}

// Ends the line and writes it.
static int add(struct blox_journal *journal) {
    const struct blox_text *text = &journal->text;
    blox_text_add_char(&journal->text, '\n');
    if (text->cut) {
        return BLOX_ERROR_BUFFER;
    }
    const uint8_t *data = (const uint8_t *)text->data;
    journal->crc = blox_crc32(journal->crc, data, text->size);
    journal->bytes += (uint32_t)text->size;
    ++journal->lines;
    return journal->storage->write(journal->storage->context, journal->file,
                                   data, text->size);
}

static void add_field(struct blox_journal *journal, const char *field) {
    blox_text_add_char(&journal->text, '\t');
    blox_text_add(&journal->text, field);
}

static void start(struct blox_journal *journal, const char *kind,
                  const char *path) {
    blox_text_init(&journal->text, journal->line, sizeof journal->line);
    blox_text_add(&journal->text, kind);
    add_field(journal, path);
}

int blox_journal_make_directory(struct blox_journal *journal,
                                const char *path) {
    start(journal, "mkdir", path);
    return add(journal);
}

int blox_journal_remove(struct blox_journal *journal, const char *path,
                        const char *backup) {
    start(journal, "remove", path);
    add_field(journal, backup);
    return add(journal);
}

int blox_journal_move(struct blox_journal *journal, const char *from,
                      const char *to, const char *backup, uint32_t crc32) {
    start(journal, "move", from);
    add_field(journal, to);
    add_field(journal, backup);
    add_field(journal, "");
    add_crc(&journal->text, crc32);
    return add(journal);
}

// Whether the open file has a line that begins with start. Returns 1, 0, or an
// error.
static int has_line(const struct blox_storage *storage, void *file,
                    struct blox_span start) {
    uint8_t buffer[64];
    size_t matched = 0; // bytes of start; start.size: another line
    int32_t count = 1;
    while (count > 0) {
        count = storage->read(storage->context, file, buffer, sizeof buffer);
        for (int32_t i = 0; i < count; ++i) {
            bool same =
                matched < start.size && buffer[i] == start.data[matched];
            matched = same ? matched + 1 : start.size + 1;
            if (matched == start.size) {
                return 1;
            }
            matched = buffer[i] == '\n' ? 0 : matched;
        }
    }
    return (int)count;
}

int blox_journal_removes(struct blox_journal *journal, const char *path) {
    const struct blox_storage *storage = journal->storage;
    void *file;
    start(journal, "remove", path);
    add_field(journal, "");
    int error = storage->close(storage->context, journal->file);
    journal->file = NULL;
    if (error == BLOX_OK) {
        error = storage->open(storage->context, BLOX_FILE_LINES,
                              BLOX_STORAGE_READ, &file);
    }
    if (error != BLOX_OK) {
        return error;
    }
    int found = has_line(storage, file, blox_text_span(&journal->text));
    storage->close(storage->context, file);
    error = storage->open(storage->context, BLOX_FILE_LINES,
                          BLOX_STORAGE_APPEND, &journal->file);
    if (error != BLOX_OK) {
        journal->file = NULL;
        return error;
    }
    return found;
}

static int write_header(struct blox_journal *journal, void *to,
                        const char *state) {
    struct blox_text *text = &journal->text;
    blox_text_init(text, journal->line, sizeof journal->line);
    blox_text_add(text, HEADER);
    blox_text_add(text, state);
    blox_text_add_char(text, ' ');
    add_crc(text, journal->crc);
    blox_text_add_char(text, '\n');
    return journal->storage->write(journal->storage->context, to,
                                   (const uint8_t *)text->data, text->size);
}

static int copy_lines(struct blox_journal *journal, void *to) {
    const struct blox_storage *storage = journal->storage;
    uint8_t *buffer = (uint8_t *)journal->line;
    void *from;
    int error = storage->open(storage->context, BLOX_FILE_LINES,
                              BLOX_STORAGE_READ, &from);
    if (error != BLOX_OK) {
        return error;
    }
    int32_t count = 1;
    while (error == BLOX_OK && count > 0) {
        count =
            storage->read(storage->context, from, buffer, sizeof journal->line);
        error = count > 0 ? storage->write(storage->context, to, buffer,
                                           (size_t)count)
                          : (int)count;
    }
    storage->close(storage->context, from);
    return error;
}

static int write_form(struct blox_journal *journal, size_t form) {
    const struct blox_storage *storage = journal->storage;
    int error = storage->open(storage->context, forms[form].path,
                              BLOX_STORAGE_WRITE, &journal->file);
    if (error != BLOX_OK) {
        journal->file = NULL;
        return error;
    }
    error = write_header(journal, journal->file, forms[form].name);
    if (error == BLOX_OK) {
        error = copy_lines(journal, journal->file);
    }
    int closed = storage->close(storage->context, journal->file);
    journal->file = NULL;
    return error == BLOX_OK ? closed : error;
}

int blox_journal_prepare(struct blox_journal *journal) {
    int error =
        journal->storage->close(journal->storage->context, journal->file);
    journal->file = NULL;
    for (size_t form = 0; error == BLOX_OK && form < FORMS; ++form) {
        error = write_form(journal, form);
    }
    return error;
}

int blox_journal_commit(struct blox_journal *journal) {
    return journal->storage->rename(journal->storage->context,
                                    BLOX_FILE_JOURNAL_APPLY, BLOX_FILE_JOURNAL);
}
