// SPDX-License-Identifier: MIT
#include "core/base/error.h"
#include "core/ota/journal.h"

static const char header[] = "blox-journal 1 ";

// In the order of enum blox_journal_state, from BLOX_JOURNAL_APPLY.
static const char names[][12] = {"apply", "trial", "confirmed", "undo"};
enum { NAMES = sizeof names / sizeof names[0] };

// Whether data begins with the header of this state, all of it:
// "blox-journal 1 trial 1a2b3c4d\n".
static bool is_state(struct blox_span data, const char *name) {
    struct blox_span line = blox_span_part(data, 0, blox_span_find(data, '\n'));
    struct blox_span rest = blox_span_part(line, sizeof header - 1, line.size);
    size_t size = blox_span_find(rest, ' ');
    return line.size < data.size && blox_span_starts(line, header) &&
           blox_span_is(blox_span_part(rest, 0, size), name) &&
           rest.size == size + sizeof " 1a2b3c4d" - 1;
}

int blox_journal_state(const struct blox_storage *storage) {
    uint8_t data[40];
    void *file;
    int error = storage->open(storage->context, BLOX_FILE_JOURNAL,
                              BLOX_STORAGE_READ, &file);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_MISSING ? BLOX_JOURNAL_NONE : error;
    }
    int32_t count = storage->read(storage->context, file, data, sizeof data);
    storage->close(storage->context, file);
    if (count < 0) {
        return (int)count;
    }
    for (size_t state = 0; state < NAMES; ++state) {
        if (is_state(blox_span(data, (size_t)count), names[state])) {
            return BLOX_JOURNAL_APPLY + (int)state;
        }
    }
    return BLOX_JOURNAL_UNDO;
}

int blox_journal_read_line(const struct blox_storage *storage, void *file,
                           uint32_t *cursor, char *line, size_t capacity) {
    uint8_t buffer[64];
    struct blox_text text;
    blox_text_init(&text, line, capacity);
    int error = storage->seek(storage->context, file, *cursor);
    if (error != BLOX_OK) {
        return error;
    }
    for (;;) {
        int32_t count =
            storage->read(storage->context, file, buffer, sizeof buffer);
        if (count <= 0) {
            return (int)count;
        }
        struct blox_span read = blox_span(buffer, (size_t)count);
        size_t end = blox_span_find(read, '\n');
        blox_text_add_span(&text, blox_span_part(read, 0, end));
        *cursor += (uint32_t)end;
        if (end < read.size) {
            ++*cursor;
            return 1;
        }
    }
}
