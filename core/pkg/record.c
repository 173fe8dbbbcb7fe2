// SPDX-License-Identifier: MIT
#include "core/pkg/record.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/base64.h"

enum field { PATH, HASH, SIZE };

enum state {
    BEGIN,    // of a field
    PLAIN,    // inside one without quotes
    QUOTED,   // inside quotes
    QUOTE,    // behind a quote inside quotes: the end, or one of two
    RETURNED, // behind a CR
};

static const char hash_prefix[] = "sha256=";

void blox_record_init(struct blox_record *record) {
    memset(record, 0, sizeof *record);
}

static int fail(struct blox_record *record, int error, const char *why) {
    record->why = why;
    return error;
}

static int add_path(struct blox_record *record, uint8_t byte) {
    struct blox_record_line *line = &record->line;
    if (byte == 0) {
        return fail(record, BLOX_ERROR_PATH, "the path has a NUL");
    }
    if (line->path_size == BLOX_PATH_MAX) {
        return fail(record, BLOX_ERROR_PATH, "the path is over 200 bytes");
    }
    line->path[line->path_size++] = (char)byte;
    line->path[line->path_size] = '\0';
    return BLOX_OK;
}

static int add_hash(struct blox_record *record, uint8_t byte) {
    if (record->hash_size == sizeof record->hash) {
        return fail(record, BLOX_ERROR_FORMAT, "the hash is too long");
    }
    record->hash[record->hash_size++] = (char)byte;
    return BLOX_OK;
}

static int add_size(struct blox_record *record, uint8_t byte) {
    struct blox_record_line *line = &record->line;
    uint32_t digit = (uint32_t)byte - '0';
    bool over = line->size > UINT32_MAX / 10 ||
                (line->size == UINT32_MAX / 10 && digit > UINT32_MAX % 10);
    if (digit > 9 || over) {
        return fail(record, BLOX_ERROR_FORMAT, "the size is not a number");
    }
    line->size = line->size * 10 + digit;
    ++record->digits;
    return BLOX_OK;
}

static int add(struct blox_record *record, uint8_t byte) {
    if (record->field == PATH) {
        return add_path(record, byte);
    }
    return record->field == HASH ? add_hash(record, byte)
                                 : add_size(record, byte);
}

static int decode_hash(struct blox_record *record) {
    struct blox_span hash = blox_span(record->hash, record->hash_size);
    if (!blox_span_starts(hash, hash_prefix)) {
        return fail(record, BLOX_ERROR_FORMAT, "the hash is not sha256");
    }
    hash = blox_span_part(hash, strlen(hash_prefix), hash.size);
    int size = blox_base64_decode(hash, record->line.sha256, BLOX_SHA256_SIZE);
    if (size != BLOX_SHA256_SIZE) {
        return fail(record, BLOX_ERROR_FORMAT, "the sha256 is malformed");
    }
    record->line.has_hash = true;
    return BLOX_OK;
}

// A line is over. Returns 1, 0 for an empty one, or an error.
static int finish(struct blox_record *record) {
    bool empty = record->field == PATH && record->line.path_size == 0;
    record->state = BEGIN;
    record->fresh = false;
    if (empty) {
        return 0;
    }
    if (record->field != SIZE) {
        return fail(record, BLOX_ERROR_FORMAT, "a line has not three fields");
    }
    if (record->line.path_size == 0) {
        return fail(record, BLOX_ERROR_FORMAT, "a line has no path");
    }
    if ((record->hash_size > 0) != (record->digits > 0)) {
        return fail(record, BLOX_ERROR_FORMAT,
                    "a line has a hash or a size alone");
    }
    int error = record->hash_size > 0 ? decode_hash(record) : BLOX_OK;
    return error < 0 ? error : 1;
}

static void begin_line(struct blox_record *record) {
    if (record->fresh) {
        return;
    }
    record->fresh = true;
    record->field = PATH;
    record->hash_size = 0;
    record->digits = 0;
    record->line.path_size = 0;
    record->line.path[0] = '\0';
    record->line.has_hash = false;
    record->line.size = 0;
}

static int next_field(struct blox_record *record) {
    if (record->field == SIZE) {
        return fail(record, BLOX_ERROR_FORMAT, "a line has not three fields");
    }
    ++record->field;
    record->state = BEGIN;
    return 0;
}

static int take_quoted(struct blox_record *record, uint8_t byte) {
    if (byte == '"') {
        record->state = QUOTE;
        return 0;
    }
    return add(record, byte);
}

// Where a field may end: anywhere but inside quotes.
static int take_plain(struct blox_record *record, uint8_t byte) {
    if (byte == '\n') {
        return finish(record);
    }
    if (byte == '\r') {
        record->state = RETURNED;
        return 0;
    }
    if (byte == ',' && record->state != RETURNED) {
        return next_field(record);
    }
    if (byte == '"' && record->state != PLAIN && record->state != RETURNED) {
        bool again = record->state == QUOTE;
        record->state = QUOTED;
        return again ? add(record, byte) : 0;
    }
    if (record->state == QUOTE || record->state == RETURNED || byte == '"') {
        return fail(record, BLOX_ERROR_FORMAT, "a quote is out of place");
    }
    record->state = PLAIN;
    return add(record, byte);
}

int blox_record_feed(struct blox_record *record, struct blox_span *text) {
    while (text->size > 0) {
        uint8_t byte = text->data[0];
        begin_line(record);
        *text = blox_span_part(*text, 1, text->size);
        int result = record->state == QUOTED ? take_quoted(record, byte)
                                             : take_plain(record, byte);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

int blox_record_end(struct blox_record *record) {
    if (!record->fresh) {
        return 0;
    }
    if (record->state == QUOTED) {
        record->fresh = false;
        return fail(record, BLOX_ERROR_FORMAT, "the file ends inside quotes");
    }
    return finish(record);
}

int blox_record_open(struct blox_record_file *record,
                     const struct blox_storage *storage, const char *path) {
    memset(record, 0, sizeof *record);
    record->storage = storage;
    return storage->open(storage->context, path, BLOX_STORAGE_READ,
                         &record->file);
}

static int refill(struct blox_record_file *record) {
    const struct blox_storage *storage = record->storage;
    int32_t size = storage->read(storage->context, record->file, record->buffer,
                                 sizeof record->buffer);
    record->left = blox_span(record->buffer, size > 0 ? (size_t)size : 0);
    record->ended = size == 0;
    return size < 0 ? (int)size : BLOX_OK;
}

int blox_record_next(struct blox_record_file *record) {
    int result = 0;
    while (result == 0 && !record->ended) {
        if (record->left.size == 0) {
            int error = refill(record);
            if (error < 0) {
                return error;
            }
        }
        result = record->ended
                     ? blox_record_end(&record->record)
                     : blox_record_feed(&record->record, &record->left);
    }
    if (result > 0) {
        record->index = record->next++;
    }
    return result;
}

int blox_record_rewind(struct blox_record_file *record) {
    blox_record_init(&record->record);
    record->left = blox_span(NULL, 0);
    record->ended = false;
    record->next = 0;
    return record->storage->seek(record->storage->context, record->file, 0);
}

void blox_record_close(struct blox_record_file *record) {
    if (record->file != NULL) {
        record->storage->close(record->storage->context, record->file);
        record->file = NULL;
    }
}
