// SPDX-License-Identifier: MIT
#include "core/ota/trial.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/remember.h"

void blox_trial_init(struct blox_trial *trial, uint32_t timeout_ms) {
    *trial = (struct blox_trial){.timeout_ms = timeout_ms};
}

enum blox_trial_result blox_trial_tick(struct blox_trial *trial, uint32_t now,
                                       bool online) {
    if (!trial->started) {
        trial->started = true;
        trial->since = now;
    }
    uint32_t lived = now - trial->since;
    if (online && lived >= trial->timeout_ms) {
        return BLOX_TRIAL_PASSED;
    }
    bool late = lived > BLOX_TRIAL_PATIENCE_MS &&
                (lived - BLOX_TRIAL_PATIENCE_MS) / BLOX_TRIAL_PATIENCE >=
                    trial->timeout_ms;
    return late ? BLOX_TRIAL_FAILED : BLOX_TRIAL_RUNS;
}

// ---- files that were deployed

struct look {
    const struct blox_storage *storage;
    uint8_t *io;
    size_t io_size;
};

static int checksum(const struct look *look, const char *path, char hex[9]) {
    const struct blox_storage *storage = look->storage;
    struct blox_text text;
    uint32_t crc = 0;
    void *file;
    int error = storage->open(storage->context, path, BLOX_STORAGE_READ, &file);
    if (error != BLOX_OK) {
        return error;
    }
    int32_t count = 1;
    while (count > 0) {
        count = storage->read(storage->context, file, look->io, look->io_size);
        crc = count > 0 ? blox_crc32(crc, look->io, (size_t)count) : crc;
    }
    storage->close(storage->context, file);
    uint8_t bytes[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16),
                        (uint8_t)(crc >> 8), (uint8_t)crc};
    blox_text_init(&text, hex, 9);
    blox_text_add_hex(&text, bytes, sizeof bytes);
    return (int)count;
}

// Cuts line at its next TAB. Returns what follows.
static char *next_field(char *field) {
    char *end = field + blox_span_find(blox_span_text(field), '\t');
    if (*end != '\0') {
        *end++ = '\0';
    }
    return end;
}

// Whether line tells of a file that is another one now; then line becomes its
// path. Returns 1, 0, or an error.
static int is_changed(const struct look *look, char *line) {
    char hex[9] = "";
    char *from = next_field(line);
    char *to = next_field(from);
    char *backup = next_field(to);
    char *crc = next_field(backup);
    next_field(crc);
    if (strlen(line) != 4 || memcmp(line, "move", 4) != 0) {
        return 0;
    }
    int error = checksum(look, to, hex);
    if (error != BLOX_OK && error != BLOX_ERROR_MISSING) {
        return error;
    }
    if (strlen(crc) == 8 && memcmp(crc, hex, 9) == 0) {
        return 0;
    }
    memmove(line, to, strlen(to) + 1);
    return 1;
}

int blox_trial_changed(const struct blox_storage *storage, uint8_t *io,
                       size_t io_size, char line[BLOX_JOURNAL_LINE_MAX]) {
    const struct look look = {storage, io, io_size};
    uint32_t cursor = 0;
    int changed;
    void *file;
    int result = storage->open(storage->context, BLOX_FILE_JOURNAL,
                               BLOX_STORAGE_READ, &file);
    if (result != BLOX_OK) {
        return result;
    }
    do {
        result = blox_journal_read_line(storage, file, &cursor, line,
                                        BLOX_JOURNAL_LINE_MAX);
        changed = result == 1 ? is_changed(&look, line) : 0;
    } while (result == 1 && changed == 0);
    storage->close(storage->context, file);
    return changed != 0 ? changed : result;
}

int blox_trial_keep_deployed(const struct blox_storage *storage) {
    struct blox_origin origin;
    if (blox_origin_read(storage, &origin) != BLOX_OK) {
        return BLOX_OK; // there is no list
    }
    blox_origin_settle(&origin);
    origin.ordered = 0;
    return blox_origin_write(storage, &origin);
}
