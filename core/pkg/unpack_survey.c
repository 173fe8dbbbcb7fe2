// SPDX-License-Identifier: MIT
// The passes that only look: at the central directory, at WHEEL and METADATA,
// at the room on flash.
#include "core/pkg/unpack_steps.h"

#include <string.h>

#include "core/base/error.h"
#include "core/pkg/sentence.h"

enum {
    WHEEL_MAX = 4096,  // bytes of WHEEL: a few lines
    LOCAL_HEADER = 30, // bytes of a local header without its name
    CTZ_POINTERS = 8,  // bytes of a littlefs data block that are not data
    ENTRY = 160,       // bytes of littlefs metadata a staged file may take
    DIRECTORY_BLOCKS = 2,
    LEFT_BLOCKS = 2,    // a file system that is wholly full takes no removal
    FOLDER_PAIRS = 512, // twice the bits of folders
};

static uint32_t add_capped(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static uint32_t max_of(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t blocks_of(const struct blox_unpack *unpack, uint32_t size) {
    uint32_t data = unpack->block_size > CTZ_POINTERS
                        ? unpack->block_size - CTZ_POINTERS
                        : 1;
    return size == 0 ? 1 : (size - 1) / data + 1;
}

int blox_unpack_open(struct blox_unpack *unpack) {
    const struct blox_storage *storage = unpack->config.storage;
    const char *path = unpack->config.wheel;
    struct blox_storage_stat stat;
    struct blox_storage_space space;
    int error = storage->stat(storage->context, path, &stat);
    if (error == BLOX_OK) {
        error = storage->space(storage->context, &space);
    }
    if (error == BLOX_OK) {
        error = storage->open(storage->context, path, BLOX_STORAGE_READ,
                              &unpack->zip_file);
    }
    if (error < 0) {
        return blox_pkg_fail_storage(unpack->config.why, error,
                                     blox_span_text(path), "opened");
    }
    unpack->block_size = space.block_size;
    unpack->own_blocks = blocks_of(unpack, stat.size);
    unpack->pass = UNPACK_SURVEY;
    error = blox_zip_open(&unpack->zip, storage, unpack->zip_file, stat.size,
                          unpack->config.why);
    return error < 0 ? error : BLOX_UNPACK_MORE;
}

// Splits "<x>.dist-info/<file>". Returns whether path is such.
static bool in_dist_info(struct blox_span path, struct blox_span *directory,
                         struct blox_span *file) {
    size_t slash = blox_span_find(path, '/');
    *directory = blox_span_part(path, 0, slash);
    *file = blox_span_part(path, slash + 1, path.size);
    return slash < path.size && blox_span_ends(*directory, ".dist-info");
}

// Notes where WHEEL, METADATA and RECORD stand.
static int note_dist_info(struct blox_unpack *unpack, uint32_t cursor) {
    struct blox_span directory, file;
    struct blox_span known = blox_span_text(unpack->dist_info);
    if (!in_dist_info(blox_span_text(unpack->entry.name), &directory, &file)) {
        return BLOX_OK;
    }
    if (known.size > 0 && !blox_span_equal(known, directory)) {
        return blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, NULL,
                                "has two .dist-info directories");
    }
    memcpy(unpack->dist_info, directory.data, directory.size);
    unpack->dist_info[directory.size] = '\0';
    if (blox_span_is(file, "WHEEL")) {
        unpack->wheel_cursor = cursor;
        unpack->has_wheel = true;
    } else if (blox_span_is(file, "METADATA")) {
        unpack->metadata_cursor = cursor;
        unpack->has_metadata = true;
    } else if (blox_span_is(file, "RECORD")) {
        unpack->record_cursor = cursor;
        unpack->has_record = true;
    }
    return BLOX_OK;
}

// Whether a path is the first of its folder, as far as eight bits of a hash
// can tell: in a sorted wheel a folder's files have subfolders between them.
static bool is_new_folder(struct blox_unpack *unpack, struct blox_span path) {
    uint32_t hash = 1, whole = 0;
    for (size_t i = 0; i < path.size; ++i) {
        hash = hash * 31 + path.data[i];
        whole = path.data[i] == '/' ? hash : whole;
    }
    whole = (whole ^ whole >> 16) & 0xFF;
    uint32_t *folders = &unpack->folders[whole / 32];
    uint32_t bit = (uint32_t)1 << whole % 32;
    bool is_new = (*folders & bit) == 0;
    *folders |= bit;
    return is_new;
}

static void count_file(struct blox_unpack *unpack) {
    const struct blox_zip_entry *entry = &unpack->entry;
    unpack->directories +=
        is_new_folder(unpack, blox_span_text(entry->name)) ? 1 : 0;
    ++unpack->files;
    unpack->bytes = add_capped(unpack->bytes, entry->size);
    unpack->blocks = add_capped(unpack->blocks, blocks_of(unpack, entry->size));
    if (entry->method == BLOX_ZIP_DEFLATED) {
        unpack->largest = max_of(unpack->largest, max_of(entry->size, 1));
    }
}

// Fails with the sentence "wheel: <before><middle><after>".
static int fail_about(struct blox_unpack *unpack, const char *before,
                      const char *middle, const char *after) {
    blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, NULL, before);
    if (unpack->config.why != NULL) {
        blox_text_add(unpack->config.why, middle);
        blox_text_add(unpack->config.why, after);
    }
    return BLOX_ERROR_FORMAT;
}

// The file of the .dist-info directory that is missing, or NULL.
static const char *missing(const struct blox_unpack *unpack) {
    if (!unpack->has_wheel) {
        return "WHEEL";
    }
    if (!unpack->has_metadata) {
        return "METADATA";
    }
    return unpack->has_record ? NULL : "RECORD";
}

// The directory is through: is all there that makes a wheel?
static int end_survey(struct blox_unpack *unpack) {
    const char *what = NULL;
    if (unpack->entries != unpack->zip.members) {
        what = "the zip is damaged; publish it again";
    } else if (unpack->dist_info[0] == '\0') {
        what = "has no .dist-info directory, so it is a zip but no wheel";
    } else if (unpack->packed > unpack->zip.directory) {
        what = "members overlap; the zip is damaged, publish it again";
    }
    if (what != NULL) {
        return blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, NULL, what);
    }
    const char *file = missing(unpack);
    if (file != NULL) {
        return fail_about(unpack, "has no ", file,
                          " file in its .dist-info directory");
    }
    uint32_t metadata = unpack->block_size > ENTRY
                            ? unpack->files * ENTRY / unpack->block_size
                            : unpack->files;
    unpack->blocks = add_capped(unpack->blocks, metadata + 1);
    // One in so many shares the bit of another.
    unpack->directories +=
        unpack->directories * unpack->directories / FOLDER_PAIRS;
    unpack->pass = UNPACK_WHEEL;
    return BLOX_UNPACK_MORE;
}

int blox_unpack_survey(struct blox_unpack *unpack) {
    uint32_t cursor = unpack->cursor;
    int result = blox_zip_next(&unpack->zip, &unpack->cursor, &unpack->entry,
                               unpack->config.why);
    if (result <= 0) {
        return result < 0 ? result : end_survey(unpack);
    }
    ++unpack->entries;
    uint32_t packed = LOCAL_HEADER + (uint32_t)unpack->entry.name_size;
    packed = add_capped(packed, unpack->entry.compressed_size);
    unpack->packed = add_capped(unpack->packed, packed);
    if (unpack->entry.directory) {
        return BLOX_UNPACK_MORE;
    }
    count_file(unpack);
    int error = note_dist_info(unpack, cursor);
    return error < 0 ? error : BLOX_UNPACK_MORE;
}

// Whether the window is large enough for size bytes of output; asks for it
// otherwise.
static bool has_window(struct blox_unpack *unpack, uint32_t size) {
    uint32_t wanted = 1u << unpack->window_bits;
    wanted = size < wanted ? size : wanted;
    if (wanted <= unpack->config.window_size) {
        return true;
    }
    unpack->window_wanted = wanted;
    return false;
}

// Reads the entry at cursor.
static int load(struct blox_unpack *unpack, uint32_t cursor) {
    int result = blox_zip_next(&unpack->zip, &cursor, &unpack->entry,
                               unpack->config.why);
    return result < 0 ? result : BLOX_OK;
}

// Feeds the entry's content to unpack->metadata.
static int feed_metadata(struct blox_unpack *unpack) {
    size_t size;
    uint8_t *chunk = blox_unpack_chunk(unpack, &size);
    int32_t got = blox_unpack_begin_read(unpack);
    if (got < 0) {
        return (int)got;
    }
    do {
        got = blox_unpack_read(unpack, chunk, size);
        if (got > 0) {
            blox_metadata_feed(&unpack->metadata,
                               blox_span(chunk, (size_t)got));
        }
    } while (got > 0 && !unpack->metadata.over);
    blox_metadata_end(&unpack->metadata);
    return got < 0 ? (int)got : BLOX_OK;
}

static int fail_tag(struct blox_unpack *unpack) {
    struct blox_text *why = unpack->config.why;
    blox_unpack_fail(unpack, BLOX_ERROR_PLATFORM, NULL,
                     "none of its tags fits this device; it takes "
                     "py3-none-any and mpy6-bytecode-");
    if (why != NULL) {
        blox_text_add_span(why, unpack->config.platform);
    }
    return BLOX_ERROR_PLATFORM;
}

static int check_wheel(struct blox_unpack *unpack) {
    const struct blox_metadata *wheel = &unpack->metadata;
    if (wheel->broken || wheel->wheel_version[0] == '\0') {
        return blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, unpack->entry.name,
                                "is malformed");
    }
    if (!blox_span_starts(blox_span_text(wheel->wheel_version), "1.")) {
        return blox_unpack_fail(unpack, BLOX_ERROR_UNSUPPORTED,
                                unpack->entry.name,
                                "its Wheel-Version is not 1.x");
    }
    return wheel->tag_accepted ? BLOX_OK : fail_tag(unpack);
}

int blox_unpack_wheel(struct blox_unpack *unpack) {
    int error = load(unpack, unpack->wheel_cursor);
    if (error < 0) {
        return error;
    }
    if (unpack->entry.size > WHEEL_MAX) {
        return blox_unpack_fail(unpack, BLOX_ERROR_LIMIT, unpack->entry.name,
                                "is over 4096 bytes");
    }
    blox_metadata_init(&unpack->metadata, unpack->config.platform);
    if (unpack->entry.method == BLOX_ZIP_DEFLATED &&
        !has_window(unpack, max_of(unpack->entry.size, 1))) {
        return BLOX_UNPACK_WINDOW;
    }
    error = feed_metadata(unpack);
    error = error < 0 ? error : check_wheel(unpack);
    if (error < 0) {
        return error;
    }
    unpack->window_bits = unpack->metadata.window_bits;
    unpack->pass = UNPACK_METADATA;
    return BLOX_UNPACK_MORE;
}

// Versions compare as they are, but a '-' is a '_' in a file name.
static bool same_version(struct blox_span a, struct blox_span b) {
    bool same = a.size == b.size;
    for (size_t i = 0; same && i < a.size; ++i) {
        uint8_t x = a.data[i] == '-' ? '_' : a.data[i];
        uint8_t y = b.data[i] == '-' ? '_' : b.data[i];
        same = x == y;
    }
    return same;
}

// Adds "<name> <version>" as METADATA has them.
static void add_identity(const struct blox_unpack *unpack) {
    struct blox_text *why = unpack->config.why;
    blox_text_add_shown(why, blox_span_text(unpack->name));
    blox_text_add_char(why, ' ');
    blox_text_add_shown(why, blox_span_text(unpack->version));
}

static int fail_identity(struct blox_unpack *unpack, const char *what) {
    blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, NULL, "is ");
    if (unpack->config.why != NULL) {
        add_identity(unpack);
        blox_text_add(unpack->config.why, what);
    }
    return BLOX_ERROR_FORMAT;
}

static int check_identity(struct blox_unpack *unpack) {
    struct blox_span name = blox_span_text(unpack->name);
    struct blox_span version = blox_span_text(unpack->version);
    struct blox_span dir_name, dir_version;
    int error = blox_name_split(blox_span_text(unpack->dist_info), &dir_name,
                                &dir_version);
    if (error < 0 || !blox_name_equal(dir_name, name) ||
        !same_version(dir_version, version)) {
        return fail_identity(
            unpack, " by METADATA, but its .dist-info directory says another");
    }
    const struct blox_unpack_config *config = &unpack->config;
    if ((config->name.size > 0 && !blox_name_equal(config->name, name)) ||
        (config->version.size > 0 && !same_version(config->version, version))) {
        return fail_identity(unpack, ", which is not what the list says");
    }
    return BLOX_OK;
}

static int check_metadata(struct blox_unpack *unpack) {
    const struct blox_metadata *metadata = &unpack->metadata;
    memcpy(unpack->name, metadata->name, sizeof unpack->name);
    memcpy(unpack->version, metadata->version, sizeof unpack->version);
    if (metadata->broken || !blox_name_valid(blox_span_text(unpack->name)) ||
        !blox_version_valid(blox_span_text(unpack->version))) {
        return blox_unpack_fail(unpack, BLOX_ERROR_FORMAT, unpack->entry.name,
                                "has no valid Name and Version");
    }
    return check_identity(unpack);
}

int blox_unpack_metadata(struct blox_unpack *unpack) {
    blox_metadata_init(&unpack->metadata, blox_span(NULL, 0));
    if (!has_window(unpack, unpack->largest)) {
        return BLOX_UNPACK_WINDOW;
    }
    int error = load(unpack, unpack->metadata_cursor);
    error = error < 0 ? error : feed_metadata(unpack);
    error = error < 0 ? error : check_metadata(unpack);
    if (error < 0) {
        return error;
    }
    unpack->pass = UNPACK_ROOM;
    return BLOX_UNPACK_MORE;
}

// Blocks as KiB, for people.
static void add_kib(const struct blox_unpack *unpack, uint32_t blocks) {
    uint32_t per_kib = unpack->block_size / 1024;
    uint32_t kib = per_kib > 0 ? blocks * per_kib : blocks / 2;
    bool large = per_kib > 0 && blocks > UINT32_MAX / per_kib;
    blox_text_add_u32(unpack->config.why, large ? UINT32_MAX : kib);
    blox_text_add(unpack->config.why, " KiB");
}

static int fail_room(struct blox_unpack *unpack, uint32_t wanted,
                     uint32_t available) {
    struct blox_text *why = unpack->config.why;
    blox_unpack_fail(unpack, BLOX_ERROR_FULL, NULL, "no room on flash: ");
    if (why != NULL) {
        add_identity(unpack);
        blox_text_add(why, " needs ");
        add_kib(unpack, wanted);
        blox_text_add(why, ", free are ");
        add_kib(unpack, available);
        blox_text_add(why, "; remove files or send less");
    }
    return BLOX_ERROR_FULL;
}

// Blocks that must be left once all is staged: the wheel's own then become
// free, if it goes.
static uint32_t blocks_behind(const struct blox_unpack *unpack) {
    uint32_t behind = add_capped(unpack->config.reserve_blocks,
                                 DIRECTORY_BLOCKS * unpack->directories);
    uint32_t freed = unpack->config.goes ? unpack->own_blocks : 0;
    return unpack->config.goes && behind < freed + LEFT_BLOCKS ? LEFT_BLOCKS
                                                               : behind - freed;
}

int blox_unpack_room(struct blox_unpack *unpack) {
    const struct blox_storage *storage = unpack->config.storage;
    struct blox_storage_space space;
    int error = storage->space(storage->context, &space);
    if (error < 0) {
        return blox_pkg_fail_storage(unpack->config.why, error,
                                     blox_span(NULL, 0), "measured");
    }
    uint32_t wanted = add_capped(unpack->blocks, blocks_behind(unpack));
    if (wanted > space.blocks_free) {
        return fail_room(unpack, wanted, space.blocks_free);
    }
    unpack->pass = UNPACK_RECORD_BEGIN;
    return BLOX_UNPACK_MORE;
}
