// SPDX-License-Identifier: MIT
#include "core/ota/remember.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/codec/crc32.h"
#include "core/codec/hex.h"

// A file is: "<tag> <hex> <hex> ...\n", perhaps a line of text, and a last
// line with the CRC-32 of all that stands before it.
enum { FILE_MAX = 288, CRC_LINE = 9 };

struct document {
    struct blox_text text;
    struct blox_span left; // when reading: what is still to be taken
    char data[FILE_MAX];
};

static void put_tag(struct document *document, const char *tag) {
    blox_text_init(&document->text, document->data, sizeof document->data);
    blox_text_add(&document->text, tag);
}

static void put(struct document *document, const void *data, size_t size) {
    blox_text_add_char(&document->text, ' ');
    blox_text_add_hex(&document->text, data, size);
}

static void put_crc(struct blox_text *text, uint32_t crc) {
    uint8_t bytes[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16),
                        (uint8_t)(crc >> 8), (uint8_t)crc};
    blox_text_add_hex(text, bytes, sizeof bytes);
}

static int finish(struct document *document, const struct blox_storage *storage,
                  const char *path, const char *temporary) {
    struct blox_text *text = &document->text;
    blox_text_add_char(text, '\n');
    put_crc(text, blox_crc32(0, (const uint8_t *)text->data, text->size));
    blox_text_add_char(text, '\n');
    int error = storage->make_directory(storage->context, BLOX_FILE_FOLDER);
    return error == BLOX_OK
               ? blox_file_write(storage, path, temporary, blox_text_span(text))
               : error;
}

// Takes expected from the front of what is left. Returns whether it was there.
static bool take_text(struct document *document, const char *expected) {
    size_t size = strlen(expected);
    if (!blox_span_starts(document->left, expected)) {
        return false;
    }
    document->left = blox_span_part(document->left, size, document->left.size);
    return true;
}

static bool take(struct document *document, void *data, size_t size) {
    if (!take_text(document, " ") ||
        blox_hex_decode(blox_span_part(document->left, 0, 2 * size), data,
                        size) != BLOX_OK) {
        return false;
    }
    document->left =
        blox_span_part(document->left, 2 * size, document->left.size);
    return true;
}

static bool is_whole(struct blox_span file) {
    char data[CRC_LINE + 1];
    struct blox_text crc;
    if (file.size < CRC_LINE) {
        return false;
    }
    size_t size = file.size - CRC_LINE;
    blox_text_init(&crc, data, sizeof data);
    put_crc(&crc, blox_crc32(0, file.data, size));
    blox_text_add_char(&crc, '\n');
    return blox_span_equal(blox_span_part(file, size, CRC_LINE),
                           blox_text_span(&crc));
}

// Reads a file and checks tag and CRC.
static int load(struct document *document, const struct blox_storage *storage,
                const char *path, const char *tag) {
    int32_t size = blox_file_read(storage, path, (uint8_t *)document->data,
                                  sizeof document->data);
    if (size < 0) {
        return size == BLOX_ERROR_LIMIT ? BLOX_ERROR_FORMAT : (int)size;
    }
    struct blox_span file = blox_span(document->data, (size_t)size);
    document->left = file;
    if (!is_whole(file) || !take_text(document, tag)) {
        return BLOX_ERROR_FORMAT;
    }
    document->left =
        blox_span_part(document->left, 0, document->left.size - CRC_LINE);
    return BLOX_OK;
}

static int result(struct document *document, bool taken) {
    return taken && blox_span_is(document->left, "\n") ? BLOX_OK
                                                       : BLOX_ERROR_FORMAT;
}

int blox_ready_write(const struct blox_storage *storage,
                     const struct blox_ready *ready) {
    struct document document;
    put_tag(&document, "blox-ready 1");
    put(&document, ready->needed, sizeof ready->needed);
    put(&document, ready->list, sizeof ready->list);
    put(&document, ready->set, sizeof ready->set);
    return finish(&document, storage, BLOX_FILE_READY, BLOX_FILE_READY_NEW);
}

int blox_ready_read(const struct blox_storage *storage,
                    struct blox_ready *ready) {
    struct document document;
    int error = load(&document, storage, BLOX_FILE_READY, "blox-ready 1");
    if (error != BLOX_OK) {
        return error;
    }
    bool taken = take(&document, ready->needed, sizeof ready->needed) &&
                 take(&document, ready->list, sizeof ready->list) &&
                 take(&document, ready->set, sizeof ready->set);
    return result(&document, taken);
}

int blox_origin_write(const struct blox_storage *storage,
                      const struct blox_origin *origin) {
    struct document document;
    uint8_t command = origin->command;
    put_tag(&document, "blox-origin 1");
    put(&document, &command, 1);
    put(&document, origin->list, sizeof origin->list);
    put(&document, origin->channel, sizeof origin->channel);
    return finish(&document, storage, BLOX_FILE_ORIGIN, BLOX_FILE_ORIGIN_NEW);
}

int blox_origin_read(const struct blox_storage *storage,
                     struct blox_origin *origin) {
    struct document document;
    int error = load(&document, storage, BLOX_FILE_ORIGIN, "blox-origin 1");
    if (error != BLOX_OK) {
        return error;
    }
    uint8_t command = 0;
    bool taken = take(&document, &command, 1) &&
                 take(&document, origin->list, sizeof origin->list) &&
                 take(&document, origin->channel, sizeof origin->channel);
    origin->command = command != 0;
    return result(&document, taken);
}

int blox_failure_write(const struct blox_storage *storage,
                       const struct blox_failure *failure) {
    struct document document;
    uint8_t rolled_back = failure->rolled_back;
    put_tag(&document, "blox-failure 1");
    put(&document, &rolled_back, 1);
    put(&document, failure->set, sizeof failure->set);
    blox_text_add_char(&document.text, '\n');
    blox_text_add(&document.text, failure->sentence);
    return finish(&document, storage, BLOX_FILE_ERROR, BLOX_FILE_ERROR_NEW);
}

int blox_failure_read(const struct blox_storage *storage,
                      struct blox_failure *failure) {
    struct document document;
    int error = load(&document, storage, BLOX_FILE_ERROR, "blox-failure 1");
    if (error != BLOX_OK) {
        return error;
    }
    uint8_t rolled_back = 0;
    if (!take(&document, &rolled_back, 1) ||
        !take(&document, failure->set, sizeof failure->set) ||
        !take_text(&document, "\n") ||
        document.left.size >= sizeof failure->sentence) {
        return BLOX_ERROR_FORMAT;
    }
    failure->rolled_back = rolled_back != 0;
    size_t size = blox_span_find(document.left, '\n');
    memcpy(failure->sentence, document.left.data, size);
    failure->sentence[size] = '\0';
    return BLOX_OK;
}
