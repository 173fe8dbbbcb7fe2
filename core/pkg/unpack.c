// SPDX-License-Identifier: MIT
// The passes that stage: RECORD first, then member by member, each compared
// with its line.
#include "core/pkg/mpy.h"
#include "core/pkg/unpack_steps.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/pkg/sentence.h"

enum {
    IO_MIN = 512,
    LINES_A_STEP = 32,
    STAGED_PATH = 64, // bytes of "<staging>/<number>"
};

static const char damaged[] = "the package is damaged, publish it again";

int blox_unpack_init(struct blox_unpack *unpack,
                     const struct blox_unpack_config *config) {
    memset(unpack, 0, sizeof *unpack);
    unpack->config = *config;
    unpack->number = config->number;
    unpack->window_bits = 15;
    bool usable = config->io_size >= IO_MIN && config->bitmap_size > 0 &&
                  strlen(config->staging) + 12 <= STAGED_PATH;
    if (!usable) {
        unpack->pass = UNPACK_FAILED;
        return BLOX_ERROR_ARGUMENT;
    }
    memset(config->bitmap, 0, config->bitmap_size);
    return BLOX_OK;
}

void blox_unpack_set_window(struct blox_unpack *unpack, uint8_t *window,
                            size_t size) {
    unpack->config.window = window;
    unpack->config.window_size = size;
}

int blox_unpack_fail(struct blox_unpack *unpack, int error, const char *member,
                     const char *what) {
    struct blox_span shown =
        member != NULL ? blox_span_text(member) : blox_span(NULL, 0);
    return blox_pkg_fail(unpack->config.why, error, shown, what);
}

static int fail_digest(struct blox_unpack *unpack, const char *what) {
    int error =
        blox_unpack_fail(unpack, BLOX_ERROR_DIGEST, unpack->entry.name, what);
    if (unpack->config.why != NULL) {
        blox_text_add(unpack->config.why, "; ");
        blox_text_add(unpack->config.why, damaged);
    }
    return error;
}

static int fail_storage(struct blox_unpack *unpack, int error,
                        const char *done) {
    return blox_pkg_fail_storage(unpack->config.why, error,
                                 blox_span_text(unpack->entry.name), done);
}

// ---- A member's content

static int32_t read_packed(void *context, uint8_t *data, size_t size) {
    struct blox_unpack *unpack = context;
    const struct blox_storage *storage = unpack->config.storage;
    return storage->read(storage->context, unpack->zip_file, data, size);
}

// Compressed bytes go to the first half of the io buffer.
static void begin_inflate(struct blox_unpack *unpack) {
    size_t window = (size_t)1 << unpack->window_bits;
    if (window > unpack->config.window_size) {
        window = unpack->config.window_size;
    }
    const struct blox_inflate_config config = {
        .read = read_packed,
        .context = unpack,
        .input = unpack->config.io,
        .input_size = unpack->config.io_size / 2,
        .window = unpack->config.window,
        .window_size = window,
        .compressed_size = unpack->entry.compressed_size,
    };
    blox_inflate_init(&unpack->inflate, &config);
}

uint8_t *blox_unpack_chunk(struct blox_unpack *unpack, size_t *size) {
    size_t used = unpack->entry.method == BLOX_ZIP_DEFLATED
                      ? unpack->config.io_size / 2
                      : 0;
    *size = unpack->config.io_size - used;
    return unpack->config.io + used;
}

int blox_unpack_begin_read(struct blox_unpack *unpack) {
    uint32_t data;
    int error =
        blox_zip_seek(&unpack->zip, &unpack->entry, &data, unpack->config.why);
    if (error < 0) {
        return error;
    }
    unpack->left = unpack->entry.size;
    unpack->crc32 = 0;
    if (unpack->entry.method == BLOX_ZIP_DEFLATED) {
        begin_inflate(unpack);
    }
    return BLOX_OK;
}

static int fail_inflate(struct blox_unpack *unpack, int error) {
    if (error == BLOX_ERROR_LIMIT) {
        return blox_unpack_fail(unpack, error, unpack->entry.name,
                                "needs a larger deflate window than the wheel "
                                "declares");
    }
    if (error == BLOX_ERROR_FORMAT) {
        return blox_unpack_fail(unpack, error, unpack->entry.name,
                                "its compressed data is damaged; publish the "
                                "package again");
    }
    return fail_storage(unpack, error, "read");
}

static int32_t inflate(struct blox_unpack *unpack, uint8_t *data, size_t size) {
    uint8_t beyond;
    bool over = unpack->left == 0;
    int32_t got = over ? blox_inflate_read(&unpack->inflate, &beyond, 1)
                       : blox_inflate_read(&unpack->inflate, data, size);
    if (got < 0) {
        return fail_inflate(unpack, (int)got);
    }
    if (over ? got > 0 : (size_t)got < size) {
        return fail_digest(unpack, "its size differs from the zip's");
    }
    return got;
}

static int32_t copy(struct blox_unpack *unpack, uint8_t *data, size_t size) {
    int32_t got = size == 0 ? 0 : read_packed(unpack, data, size);
    if (got < 0) {
        return fail_storage(unpack, (int)got, "read");
    }
    if (got == 0 && size > 0) {
        return fail_digest(unpack, "ends early");
    }
    return got;
}

int32_t blox_unpack_read(struct blox_unpack *unpack, uint8_t *data,
                         size_t size) {
    size = size < unpack->left ? size : unpack->left;
    int32_t got = unpack->entry.method == BLOX_ZIP_DEFLATED
                      ? inflate(unpack, data, size)
                      : copy(unpack, data, size);
    if (got > 0) {
        unpack->left -= (uint32_t)got;
        unpack->crc32 = blox_crc32(unpack->crc32, data, (size_t)got);
    }
    return got;
}

// ---- Staging

static void staged_path(const struct blox_unpack *unpack, uint32_t number,
                        char path[STAGED_PATH]) {
    struct blox_text text;
    blox_text_init(&text, path, STAGED_PATH);
    blox_text_add(&text, unpack->config.staging);
    blox_text_add_char(&text, '/');
    blox_text_add_u32(&text, number);
}

static int begin_file(struct blox_unpack *unpack, uint8_t next_pass) {
    const struct blox_storage *storage = unpack->config.storage;
    char path[STAGED_PATH];
    int error = blox_unpack_begin_read(unpack);
    if (error < 0) {
        return error;
    }
    staged_path(unpack, unpack->number, path);
    error = unpack->config.sha256->begin(unpack->config.sha256->context);
    if (error == BLOX_OK) {
        error = storage->open(storage->context, path, BLOX_STORAGE_WRITE,
                              &unpack->out_file);
    }
    if (error < 0) {
        return fail_storage(unpack, error, "written");
    }
    unpack->pass = next_pass;
    return BLOX_UNPACK_MORE;
}

static int write_chunk(struct blox_unpack *unpack, const uint8_t *data,
                       size_t size) {
    const struct blox_storage *storage = unpack->config.storage;
    const struct blox_sha256 *sha256 = unpack->config.sha256;
    int error = sha256->update(sha256->context, data, size);
    if (error == BLOX_OK) {
        error = storage->write(storage->context, unpack->out_file, data, size);
    }
    if (error < 0) {
        return fail_storage(unpack, error, "written");
    }
    unpack->bytes_done += (uint32_t)size;
    return BLOX_UNPACK_MORE;
}

static int close_file(struct blox_unpack *unpack,
                      uint8_t digest[BLOX_SHA256_SIZE]) {
    const struct blox_storage *storage = unpack->config.storage;
    const struct blox_sha256 *sha256 = unpack->config.sha256;
    void *file = unpack->out_file;
    unpack->out_file = NULL;
    int closed = storage->close(storage->context, file);
    int error = sha256->finish(sha256->context, digest);
    error = closed < 0 ? closed : error;
    if (error < 0) {
        return fail_storage(unpack, error, "written");
    }
    return unpack->crc32 == unpack->entry.crc32
               ? BLOX_OK
               : fail_digest(unpack, "its CRC-32 differs from the zip's");
}

// The first bytes of a member: native code must be for this firmware, or
// importing it would fail, and with it a trial.
static int check_mpy(struct blox_unpack *unpack, const uint8_t *data,
                     size_t size) {
    struct blox_text *why = unpack->config.why;
    uint32_t own = unpack->config.mpy;
    struct blox_span name = blox_span_text(unpack->entry.name);
    if (own == 0 || size < BLOX_MPY_HEAD || !blox_span_ends(name, ".mpy") ||
        blox_mpy_loads(data, own)) {
        return BLOX_OK;
    }
    blox_unpack_fail(unpack, BLOX_ERROR_PLATFORM, unpack->entry.name,
                     "built for MicroPython's mpy ");
    blox_mpy_add(why, blox_mpy_of(data));
    blox_text_add(why, ", this firmware loads ");
    blox_mpy_add(why, own);
    return BLOX_ERROR_PLATFORM;
}

// A chunk of the file. Returns 1: more; 0: closed, digest is its SHA-256; or
// an error.
static int stage_chunk(struct blox_unpack *unpack,
                       uint8_t digest[BLOX_SHA256_SIZE]) {
    size_t size;
    uint8_t *chunk = blox_unpack_chunk(unpack, &size);
    bool first = unpack->left == unpack->entry.size;
    int32_t got = blox_unpack_read(unpack, chunk, size);
    int error =
        got > 0 && first ? check_mpy(unpack, chunk, (size_t)got) : (int)got;
    if (error < 0) {
        return error;
    }
    return got > 0 ? write_chunk(unpack, chunk, (size_t)got)
                   : close_file(unpack, digest);
}

static int report_member(struct blox_unpack *unpack) {
    unpack->member.path = unpack->entry.name;
    unpack->member.number = unpack->number++;
    unpack->member.size = unpack->entry.size;
    unpack->member.crc32 = unpack->crc32;
    return BLOX_UNPACK_MEMBER;
}

// ---- RECORD

static int record_begin(struct blox_unpack *unpack) {
    uint32_t cursor = unpack->record_cursor;
    int result = blox_zip_next(&unpack->zip, &cursor, &unpack->entry,
                               unpack->config.why);
    return result < 0 ? result : begin_file(unpack, UNPACK_RECORD_DATA);
}

static int record_data(struct blox_unpack *unpack) {
    int result = stage_chunk(unpack, unpack->member.sha256);
    if (result != 0) {
        return result;
    }
    char path[STAGED_PATH];
    staged_path(unpack, unpack->number, path);
    int error = blox_record_open(&unpack->record, unpack->config.storage, path);
    if (error < 0) {
        return fail_storage(unpack, error, "read back");
    }
    unpack->pass = UNPACK_RECORD_LINES;
    return report_member(unpack);
}

// The next line of RECORD, from the first after the last. Returns 1: a line;
// 0: back at the begin; or an error.
static int next_line(struct blox_unpack *unpack) {
    int result = blox_record_next(&unpack->record);
    if (result == 0) {
        result = blox_record_rewind(&unpack->record);
    }
    if (result == BLOX_ERROR_FORMAT || result == BLOX_ERROR_PATH) {
        return blox_pkg_fail(unpack->config.why, result,
                             blox_span_text("RECORD"),
                             unpack->record.record.why);
    }
    if (result < 0) {
        return blox_pkg_fail_storage(unpack->config.why, result,
                                     blox_span_text("RECORD"), "read back");
    }
    return result;
}

static int record_lines(struct blox_unpack *unpack) {
    for (int i = 0; i < LINES_A_STEP; ++i) {
        int result = next_line(unpack);
        if (result < 0) {
            return result;
        }
        if (result == 0) {
            unpack->pass = UNPACK_NEXT;
            unpack->cursor = 0;
            return BLOX_UNPACK_MORE;
        }
        if (++unpack->lines > unpack->config.bitmap_size * 4) {
            return blox_unpack_fail(unpack, BLOX_ERROR_LIMIT, NULL,
                                    "has more files than fit the memory set "
                                    "aside for their names");
        }
    }
    return BLOX_UNPACK_MORE;
}

// ---- The bitmap begins with a bit for each line of RECORD, set when a member
// was found for it. The rest is a Bloom filter of the names so far: two bits
// for each, so that a name is looked up thoroughly when it may be a second.

static bool set_bit(uint8_t *bits, uint32_t at) {
    uint8_t mask = (uint8_t)(1u << at % 8);
    bool was = (bits[at / 8] & mask) != 0;
    bits[at / 8] |= mask;
    return was;
}

static bool set_line(struct blox_unpack *unpack, uint32_t line) {
    return set_bit(unpack->config.bitmap, line);
}

static bool set_name(struct blox_unpack *unpack, const char *name) {
    uint32_t lines = unpack->lines;
    uint32_t rest = (uint32_t)unpack->config.bitmap_size * 8 - lines;
    uint32_t hash = blox_crc32(0, (const uint8_t *)name, strlen(name));
    bool first = set_bit(unpack->config.bitmap, lines + (hash >> 16) % rest);
    bool second =
        set_bit(unpack->config.bitmap, lines + (hash & 0xffff) % rest);
    return first && second;
}

// ---- Members

static bool is_record(const struct blox_unpack *unpack, const char *suffix) {
    struct blox_span name = blox_span_text(unpack->entry.name);
    struct blox_span directory = blox_span_text(unpack->dist_info);
    struct blox_span file = blox_span_part(name, directory.size, name.size);
    return blox_span_starts(name, unpack->dist_info) &&
           blox_span_is(file, suffix);
}

// RECORD is staged already; its signatures, which sign nothing we check, are
// not installed. None of them needs a line.
static bool is_skipped(const struct blox_unpack *unpack) {
    return is_record(unpack, "/RECORD") || is_record(unpack, "/RECORD.jws") ||
           is_record(unpack, "/RECORD.p7s");
}

static int next_member(struct blox_unpack *unpack) {
    int result = blox_zip_next(&unpack->zip, &unpack->cursor, &unpack->entry,
                               unpack->config.why);
    if (result < 0) {
        return result;
    }
    unpack->scanned = 0;
    unpack->matched = 0;
    if (result == 0) {
        unpack->pass = UNPACK_LEFT_OVER;
    } else if (!unpack->entry.directory) {
        unpack->thorough = set_name(unpack, unpack->entry.name);
        unpack->pass = UNPACK_LOOK_UP;
    }
    return BLOX_UNPACK_MORE;
}

// Compares the current line with the member; notes its hash.
static int try_line(struct blox_unpack *unpack) {
    const struct blox_record_line *line = &unpack->record.record.line;
    if (strlen(unpack->entry.name) != line->path_size ||
        memcmp(line->path, unpack->entry.name, line->path_size) != 0) {
        return BLOX_OK;
    }
    if (++unpack->matched > 1) {
        return blox_unpack_fail(unpack, BLOX_ERROR_DUPLICATE,
                                unpack->entry.name, "is twice in RECORD");
    }
    unpack->match = unpack->record.index;
    if (is_record(unpack, "/RECORD") && line->has_hash) {
        return blox_unpack_fail(unpack, BLOX_ERROR_DIGEST, unpack->entry.name,
                                "has a hash of itself, which cannot be right");
    }
    if (is_skipped(unpack)) {
        return BLOX_OK;
    }
    if (!line->has_hash) {
        return blox_unpack_fail(unpack, BLOX_ERROR_MISSING, unpack->entry.name,
                                "has no hash in RECORD");
    }
    if (line->size != unpack->entry.size) {
        return fail_digest(unpack, "its size differs from RECORD");
    }
    memcpy(unpack->member.sha256, line->sha256, BLOX_SHA256_SIZE);
    return BLOX_OK;
}

static int end_look_up(struct blox_unpack *unpack) {
    if (unpack->matched == 0 && !is_skipped(unpack)) {
        return blox_unpack_fail(unpack, BLOX_ERROR_MISSING, unpack->entry.name,
                                "is not in RECORD");
    }
    if (unpack->matched > 0 && set_line(unpack, unpack->match)) {
        return blox_unpack_fail(unpack, BLOX_ERROR_DUPLICATE,
                                unpack->entry.name, "is twice in the zip");
    }
    unpack->pass = is_skipped(unpack) ? UNPACK_NEXT : UNPACK_BEGIN;
    return BLOX_UNPACK_MORE;
}

// Members mostly come in the order of their lines, so the search goes on
// where the last one ended. It ends at the line, or, when the name may have
// come before, after a whole round.
static int look_up(struct blox_unpack *unpack) {
    for (int i = 0; i < LINES_A_STEP; ++i) {
        bool found = unpack->matched > 0 && !unpack->thorough;
        if (found || unpack->scanned == unpack->lines) {
            return end_look_up(unpack);
        }
        int result = next_line(unpack);
        if (result < 0) {
            return result;
        }
        if (result > 0) {
            ++unpack->scanned;
            result = try_line(unpack);
        }
        if (result < 0) {
            return result;
        }
    }
    return BLOX_UNPACK_MORE;
}

static int begin_member(struct blox_unpack *unpack) {
    return begin_file(unpack, UNPACK_DATA);
}

static int member_data(struct blox_unpack *unpack) {
    uint8_t digest[BLOX_SHA256_SIZE];
    int result = stage_chunk(unpack, digest);
    if (result != 0) {
        return result;
    }
    if (memcmp(digest, unpack->member.sha256, sizeof digest) != 0) {
        return fail_digest(unpack, "SHA-256 differs from RECORD");
    }
    unpack->pass = UNPACK_NEXT;
    return report_member(unpack);
}

// Whether the line is of RECORD itself or a signature, which need no member.
static bool is_free(struct blox_unpack *unpack) {
    const char *path = unpack->record.record.line.path;
    memcpy(unpack->entry.name, path, strlen(path) + 1);
    return is_skipped(unpack);
}

// Why a line was left over: there is no such member, or a line before this one
// was the member's.
static int fail_left_over(struct blox_unpack *unpack) {
    const char *path = unpack->record.record.line.path;
    uint32_t cursor = 0;
    while (blox_zip_next(&unpack->zip, &cursor, &unpack->entry, NULL) == 1) {
        if (blox_span_is(blox_span_text(unpack->entry.name), path)) {
            return blox_unpack_fail(unpack, BLOX_ERROR_DUPLICATE, path,
                                    "is twice in RECORD");
        }
    }
    return blox_unpack_fail(unpack, BLOX_ERROR_MISSING, path,
                            "is in RECORD but not in the zip");
}

static int left_over(struct blox_unpack *unpack) {
    for (int i = 0; i < LINES_A_STEP; ++i) {
        if (unpack->scanned == unpack->lines) {
            unpack->pass = UNPACK_FINISHED;
            blox_unpack_close(unpack);
            return BLOX_UNPACK_DONE;
        }
        int result = next_line(unpack);
        if (result < 0) {
            return result;
        }
        unpack->scanned += (uint32_t)result;
        if (result > 0 && !set_line(unpack, unpack->record.index) &&
            !is_free(unpack)) {
            return fail_left_over(unpack);
        }
    }
    return BLOX_UNPACK_MORE;
}

// ---- The machine

static int run(struct blox_unpack *unpack) {
    switch (unpack->pass) {
    case UNPACK_OPEN:
        return blox_unpack_open(unpack);
    case UNPACK_SURVEY:
        return blox_unpack_survey(unpack);
    case UNPACK_WHEEL:
        return blox_unpack_wheel(unpack);
    case UNPACK_METADATA:
        return blox_unpack_metadata(unpack);
    case UNPACK_ROOM:
        return blox_unpack_room(unpack);
    case UNPACK_RECORD_BEGIN:
        return record_begin(unpack);
    case UNPACK_RECORD_DATA:
        return record_data(unpack);
    case UNPACK_RECORD_LINES:
        return record_lines(unpack);
    case UNPACK_NEXT:
        return next_member(unpack);
    case UNPACK_LOOK_UP:
        return look_up(unpack);
    case UNPACK_BEGIN:
        return begin_member(unpack);
    case UNPACK_DATA:
        return member_data(unpack);
    case UNPACK_LEFT_OVER:
        return left_over(unpack);
    case UNPACK_FINISHED:
        return BLOX_UNPACK_DONE;
    default:
        return BLOX_ERROR_STATE;
    }
}

int blox_unpack_step(struct blox_unpack *unpack) {
    int result = run(unpack);
    if (result < 0) {
        unpack->pass = UNPACK_FAILED;
    }
    return result;
}

void blox_unpack_close(struct blox_unpack *unpack) {
    const struct blox_storage *storage = unpack->config.storage;
    blox_record_close(&unpack->record);
    if (unpack->zip_file != NULL) {
        storage->close(storage->context, unpack->zip_file);
        unpack->zip_file = NULL;
    }
    if (unpack->out_file != NULL) {
        storage->close(storage->context, unpack->out_file);
        unpack->out_file = NULL;
    }
}

const struct blox_unpack_ops blox_unpack_ops = {
    .size = sizeof(struct blox_unpack),
    .init = blox_unpack_init,
    .set_window = blox_unpack_set_window,
    .step = blox_unpack_step,
    .close = blox_unpack_close,
    .record_open = blox_record_open,
    .record_next = blox_record_next,
    .record_close = blox_record_close,
    .path_refuse_member = blox_path_refuse_member,
};
