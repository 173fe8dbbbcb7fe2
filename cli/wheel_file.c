// SPDX-License-Identifier: MIT
#include "cli/wheel_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/pkg/tag.h"
#include "core/pkg/unpack.h"

enum {
    WINDOW = 32768,
    IO = 16384,
    BITMAP = 1 << 16,  // for 262,144 files
    WHEEL_MAX = 65536, // bytes of WHEEL: the unpacker takes fewer
    SENTENCE = 400,
};

static enum cli_exit fail(const struct wheel_file *wheel, const char *member,
                          const char *why) {
    return cli_fail(CLI_INPUT, "%s: %s%s%s", wheel->file, member,
                    *member != '\0' ? ": " : "", why);
}

// ---- tags -------------------------------------------------------------------

// The bytes of an entry, for the caller to free. NULL when they are damaged,
// which the unpacker will say better.
static char *read_entry(const struct wheel_file *wheel, uint32_t data,
                        const struct blox_zip_entry *entry) {
    struct blox_span packed =
        blox_span_part(wheel->store.wheel, data, entry->compressed_size);
    if (entry->size > WHEEL_MAX) {
        return NULL;
    }
    char *text = cli_grow(NULL, (size_t)entry->size + 1, 1);
    z_stream stream = {.next_in = (Bytef *)packed.data,
                       .avail_in = (uInt)packed.size,
                       .next_out = (Bytef *)text,
                       .avail_out = entry->size};
    text[entry->size] = '\0';
    bool stored = entry->method == BLOX_ZIP_STORED;
    bool done = stored && packed.size == entry->size;
    if (done) {
        memcpy(text, packed.data, packed.size);
    } else if (!stored && inflateInit2(&stream, -MAX_WBITS) == Z_OK) {
        inflate(&stream, Z_FINISH);
        done = stream.avail_out == 0;
        inflateEnd(&stream);
    }
    if (!done) {
        free(text);
        return NULL;
    }
    return text;
}

// The text of WHEEL, for the caller to free; NULL when it cannot be had.
static char *read_wheel(const struct wheel_file *wheel) {
    const struct blox_storage *storage = &wheel->store.storage;
    struct blox_zip zip;
    struct blox_zip_entry entry;
    uint32_t cursor = 0, data;
    void *file;
    char *text = NULL;
    storage->open(storage->context, WHEEL_STORE_WHEEL, BLOX_STORAGE_READ,
                  &file);
    if (blox_zip_open(&zip, storage, file, (uint32_t)wheel->store.wheel.size,
                      NULL) == BLOX_OK) {
        while (text == NULL && blox_zip_next(&zip, &cursor, &entry, NULL) > 0) {
            if (blox_span_ends(blox_span_text(entry.name),
                               ".dist-info/WHEEL") &&
                blox_zip_seek(&zip, &entry, &data, NULL) == BLOX_OK) {
                text = read_entry(wheel, data, &entry);
            }
        }
    }
    storage->close(storage->context, file);
    return text;
}

static void add_tag(struct wheel_file *wheel, char *tag) {
    wheel->tags =
        cli_grow(wheel->tags, wheel->tag_count + 1, sizeof *wheel->tags);
    wheel->tags[wheel->tag_count++] = tag;
}

// Splits the text of WHEEL at its lines, keeping the values of Tag.
static void find_tags(struct wheel_file *wheel) {
    char *rest = NULL;
    wheel->tag_text = read_wheel(wheel);
    char *line = wheel->tag_text == NULL
                     ? NULL
                     : strtok_r(wheel->tag_text, "\r\n", &rest);
    for (; line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        if (strncasecmp(line, "Tag:", 4) == 0) {
            char *tag = line + 4 + strspn(line + 4, " \t");
            tag[strcspn(tag, " \t")] = '\0';
            add_tag(wheel, tag);
        }
    }
}

// The first of the platforms a tag names, as "esp32.esp32c3" names two.
static char *platform_of(const char *tag) {
    const char *dash = strrchr(tag, '-');
    const char *platform = dash != NULL ? dash + 1 : "";
    return cli_format("%.*s", (int)strcspn(platform, "."), platform);
}

// Chooses the platform to look at the wheel as. Of a wheel with several tags
// the one that any device takes wins.
static bool choose_platform(struct wheel_file *wheel) {
    for (size_t i = 0; i < wheel->tag_count; ++i) {
        struct blox_span tag = blox_span_text(wheel->tags[i]);
        char *platform = platform_of(wheel->tags[i]);
        if (blox_tag_accepted(tag, blox_span(NULL, 0))) {
            free(wheel->platform);
            free(platform);
            wheel->platform = cli_format("%s", "");
            return true;
        }
        if (wheel->platform == NULL &&
            blox_tag_accepted(tag, blox_span_text(platform))) {
            wheel->platform = platform;
        } else {
            free(platform);
        }
    }
    return wheel->platform != NULL;
}

static enum cli_exit check_tags(struct wheel_file *wheel) {
    find_tags(wheel);
    if (wheel->tag_text == NULL || choose_platform(wheel)) {
        return CLI_OK; // without a WHEEL: the unpacker says so
    }
    if (wheel->tag_count == 0) {
        return fail(wheel, "WHEEL", "no Tag; build the wheel again");
    }
    char *tags = wheel_file_tags(wheel);
    cli_fail(CLI_INPUT,
             "%s: made for %s; devices take py3-none-any and "
             "mpy6-bytecode-<platform>",
             wheel->file, tags);
    free(tags);
    return CLI_INPUT;
}

// ---- unpacking --------------------------------------------------------------

// How much of the unpacker's sentence is of use here: on a device the advice is
// to publish again, here it is to build again.
static int useful(const char *sentence) {
    const char *advice = strstr(sentence, "publish");
    while (advice != NULL && advice > sentence &&
           strchr(";,", *advice) == NULL) {
        --advice;
    }
    return advice != NULL ? (int)(advice - sentence) : (int)strlen(sentence);
}

// Says what the unpacker does, with the file's name for its "wheel".
static enum cli_exit fail_unpack(const struct wheel_file *wheel,
                                 const char *sentence) {
    static const char before[] = "wheel: ";
    if (strncmp(sentence, before, sizeof before - 1) == 0) {
        sentence += sizeof before - 1;
    }
    int size = useful(sentence);
    bool advises = sentence[size] == '\0' && strchr(sentence, ';') != NULL;
    return cli_fail(CLI_INPUT, "%s: %.*s%s", wheel->file, size, sentence,
                    advises ? "" : "; build the wheel again");
}

static void add_member(struct wheel_file *wheel,
                       const struct blox_unpack_member *member) {
    wheel->members =
        cli_grow(wheel->members, wheel->count + 1, sizeof *wheel->members);
    const struct file_bytes *staged = &wheel->store.staged[member->number];
    struct wheel_member *added = &wheel->members[wheel->count++];
    *added = (struct wheel_member){
        .path = cli_format("%s", member->path),
        .data = staged->data != NULL ? staged->data : (const uint8_t *)"",
        .size = staged->size};
    added->is_mpy = blox_span_ends(blox_span_text(member->path), ".mpy") &&
                    mpy_head_read(added->data, added->size, &added->mpy);
}

static int step_through(struct wheel_file *wheel, struct blox_unpack *unpack,
                        uint8_t *window) {
    int event;
    do {
        event = blox_unpack_step(unpack);
        if (event == BLOX_UNPACK_WINDOW) {
            blox_unpack_set_window(unpack, window, WINDOW);
        } else if (event == BLOX_UNPACK_MEMBER) {
            add_member(wheel, &unpack->member);
        }
    } while (event > 0);
    return event;
}

static enum cli_exit unpack_all(struct wheel_file *wheel) {
    char sentence[SENTENCE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    uint8_t *memory = cli_grow(NULL, WINDOW + IO + BITMAP, 1);
    const char *platform = wheel->platform != NULL ? wheel->platform : "";
    const struct blox_unpack_config config = {
        .storage = &wheel->store.storage,
        .sha256 = &wheel->store.sha256,
        .wheel = WHEEL_STORE_WHEEL,
        .staging = WHEEL_STORE_STAGING,
        .platform = blox_span_text(platform),
        .io = memory + WINDOW,
        .io_size = IO,
        .bitmap = memory + WINDOW + IO,
        .bitmap_size = BITMAP,
        .why = &why,
    };
    struct blox_unpack unpack;
    blox_unpack_init(&unpack, &config);
    int error = step_through(wheel, &unpack, memory);
    blox_unpack_close(&unpack);
    free(memory);
    wheel->name = cli_format("%s", unpack.name);
    wheel->version = cli_format("%s", unpack.version);
    wheel->window_bits = unpack.window_bits;
    return error == BLOX_OK ? CLI_OK : fail_unpack(wheel, sentence);
}

// ---- members ----------------------------------------------------------------

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct wheel_member *)a)->path,
                  ((const struct wheel_member *)b)->path);
}

static struct wheel_member *find_member(const struct wheel_file *wheel,
                                        const char *path) {
    const struct wheel_member key = {.path = (char *)path};
    return bsearch(&key, wheel->members, wheel->count, sizeof key, by_path);
}

// What only the zip's directory tells.
static void note_packed(struct wheel_file *wheel) {
    const struct blox_storage *storage = &wheel->store.storage;
    struct blox_zip zip;
    struct blox_zip_entry entry;
    uint32_t cursor = 0;
    void *file;
    storage->open(storage->context, WHEEL_STORE_WHEEL, BLOX_STORAGE_READ,
                  &file);
    blox_zip_open(&zip, storage, file, (uint32_t)wheel->store.wheel.size, NULL);
    while (blox_zip_next(&zip, &cursor, &entry, NULL) > 0) {
        struct wheel_member *member = find_member(wheel, entry.name);
        if (member != NULL) {
            member->packed = entry.compressed_size;
            member->deflated = entry.method == BLOX_ZIP_DEFLATED;
        }
    }
    storage->close(storage->context, file);
}

static enum cli_exit check_native(struct wheel_file *wheel,
                                  const struct wheel_member *member) {
    const char *arch = mpy_arch_name(member->mpy.arch);
    if (*wheel->platform == '\0') {
        return cli_fail(CLI_INPUT,
                        "%s: %s: native code for %s, but its tag says any "
                        "device; build it with --platform",
                        wheel->file, member->path, arch);
    }
    if (!mpy_runs_on(member->mpy.arch, wheel->platform)) {
        return cli_fail(CLI_INPUT,
                        "%s: %s: native code for %s, but its tag says %s; "
                        "build it for that",
                        wheel->file, member->path, arch, wheel->platform);
    }
    if (wheel->native && wheel->sub_version != member->mpy.sub_version) {
        return cli_fail(CLI_INPUT,
                        "%s: %s: native code of mpy 6.%u, others are of 6.%u; "
                        "build all of it for one MicroPython",
                        wheel->file, member->path, member->mpy.sub_version,
                        wheel->sub_version);
    }
    wheel->native = true;
    wheel->sub_version = member->mpy.sub_version;
    wheel->arch = member->mpy.arch;
    return CLI_OK;
}

static enum cli_exit check_members(struct wheel_file *wheel) {
    for (size_t i = 0; i < wheel->count; ++i) {
        const struct wheel_member *member = &wheel->members[i];
        bool named = blox_span_ends(blox_span_text(member->path), ".mpy");
        enum cli_exit result = CLI_OK;
        if (named && !member->is_mpy) {
            result = fail(wheel, member->path,
                          "not bytecode of format 6, which devices load; "
                          "compile it with mpy-cross of MicroPython 1.19 or "
                          "later");
        } else if (named && member->mpy.arch != MPY_NO_ARCH) {
            result = check_native(wheel, member);
        }
        if (result != CLI_OK) {
            return result;
        }
    }
    return CLI_OK;
}

enum cli_exit wheel_file_read(struct wheel_file *wheel, const char *file,
                              const uint8_t *data, size_t size) {
    *wheel = (struct wheel_file){.file = file};
    wheel_store_init(&wheel->store, blox_span(data, size));
    enum cli_exit result = check_tags(wheel);
    result = result != CLI_OK ? result : unpack_all(wheel);
    if (result != CLI_OK) {
        return result;
    }
    qsort(wheel->members, wheel->count, sizeof *wheel->members, by_path);
    note_packed(wheel);
    return check_members(wheel);
}

// ---- what the original asks for ---------------------------------------------

enum {
    END_SIZE = 22, // bytes of the end of the central directory
    CENTRAL = 46,  // bytes of a central header without its name
    LOCAL = 30,
};

// Whether each member has as many bytes of extra fields in its local header as
// in its central one. The unpacker has found all of them in place.
static bool equal_extras(struct blox_span zip) {
    const uint8_t *end = zip.data + zip.size - END_SIZE;
    const uint8_t *central = zip.data + blox_le32(end + 16);
    for (unsigned left = blox_le16(end + 10); left > 0; --left) {
        if (central + CENTRAL > end) {
            return false;
        }
        const uint8_t *local = zip.data + blox_le32(central + 42);
        if (local + LOCAL > end ||
            blox_le16(local + 28) != blox_le16(central + 30)) {
            return false;
        }
        central += CENTRAL + blox_le16(central + 28) + blox_le16(central + 30) +
                   blox_le16(central + 32);
    }
    return true;
}

static bool has_blank_line(const char *text) {
    size_t size = strlen(text);
    return strstr(text, "\n\n") != NULL || strstr(text, "\n\r\n") != NULL ||
           *text == '\n' || (size > 0 && text[size - 1] == '\n');
}

enum cli_exit wheel_file_check_original(const struct wheel_file *wheel) {
    struct blox_span zip = wheel->store.wheel;
    const char *why = NULL;
    if (zip.size > WHEEL_ORIGINAL_MAX) {
        return cli_fail(CLI_INPUT,
                        "%s: %zu bytes, over the 48 KiB that fit a device "
                        "with the original; split it",
                        wheel->file, zip.size);
    }
    if (memcmp(zip.data + zip.size - END_SIZE, "PK\5\6", 4) != 0) {
        why = "the zip has a comment, which the original does not read over";
    } else if (wheel->tag_count != 1) {
        why = "WHEEL has several Tag lines; the original knows one";
    } else if (has_blank_line(wheel_file_info(wheel, "METADATA"))) {
        why = "METADATA has a blank line, at which the original stumbles";
    } else if (has_blank_line(wheel_file_info(wheel, "WHEEL"))) {
        why = "WHEEL has a blank line, at which the original stumbles";
    } else if (!equal_extras(zip)) {
        why = "local and central headers of the zip differ in their extra "
              "fields, over which the original stumbles";
    }
    return why == NULL
               ? CLI_OK
               : cli_fail(CLI_INPUT, "%s: %s; build it with 'blox wheel build'",
                          wheel->file, why);
}

const char *wheel_file_info(const struct wheel_file *wheel, const char *name) {
    for (size_t i = 0; i < wheel->count; ++i) {
        const char *path = wheel->members[i].path;
        const char *slash = strchr(path, '/');
        if (slash != NULL && strcmp(slash + 1, name) == 0 &&
            blox_span_ends(blox_span(path, (size_t)(slash - path)),
                           ".dist-info")) {
            return (const char *)wheel->members[i].data;
        }
    }
    return NULL;
}

char *wheel_file_tags(const struct wheel_file *wheel) {
    char *all = cli_format("%s", wheel->tag_count > 0 ? wheel->tags[0] : "");
    for (size_t i = 1; i < wheel->tag_count; ++i) {
        char *more = cli_format("%s, %s", all, wheel->tags[i]);
        free(all);
        all = more;
    }
    return all;
}

void wheel_file_free(struct wheel_file *wheel) {
    for (size_t i = 0; i < wheel->count; ++i) {
        free(wheel->members[i].path);
    }
    free(wheel->members);
    free(wheel->tags);
    free(wheel->tag_text);
    free(wheel->platform);
    free(wheel->name);
    free(wheel->version);
    wheel_store_free(&wheel->store);
}
