// SPDX-License-Identifier: MIT
#include "core/ota/list.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/hex.h"

// SHA-256 of no bytes.
static const uint8_t empty_sha256[BLOX_SHA256_SIZE] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
    0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

// Which keys an entry of each type must have.
enum {
    NEEDS_PACKAGE = 1, // name, version
    NEEDS_TAG = 2,
    NEEDS_PATH = 4,
    NEEDS_SHA256 = 8,
};

static const struct {
    char name[16];
    uint8_t type;
    uint8_t needs;
} types[] = {
    {"wheel", BLOX_LIST_WHEEL, NEEDS_PACKAGE | NEEDS_SHA256},
    {"platform-wheel", BLOX_LIST_PLATFORM_WHEEL,
     NEEDS_PACKAGE | NEEDS_TAG | NEEDS_SHA256},
    {"src", BLOX_LIST_SRC, NEEDS_PATH | NEEDS_SHA256},
    {"delete", BLOX_LIST_DELETE, NEEDS_PATH},
    {"signature", BLOX_LIST_SIGNATURE, 0},
    {"key", BLOX_LIST_KEY, 0},
};

static const char known_keys[][12] = {
    "type", "name", "version", "path",   "pkg_sha256", "size",
    "tag",  "mpy",  "alg",     "serial", "sig",        "key",
};

// The entry that is being read, and where its texts go.
struct reading {
    struct blox_list *list;
    struct blox_json_object object;
    size_t used; // of list->text
};

void blox_list_init(struct blox_list *list, struct blox_text *why) {
    memset(list, 0, sizeof *list);
    list->why = why;
    blox_json_check_init(&list->check);
}

// Refuses the list because of its current entry: "list entry 3 'name': what".
static int refuse(struct blox_list *list, int error, struct blox_span shown,
                  const char *what) {
    char data[24];
    struct blox_text where;
    blox_text_init(&where, data, sizeof data);
    blox_text_add(&where, "list entry ");
    blox_text_add_u32(&where, list->entry.index + 1);
    return blox_text_fail(list->why, error, data, shown, what);
}

static int refuse_key(struct blox_list *list, const char *key,
                      const char *what) {
    return refuse(list, BLOX_ERROR_FORMAT, blox_span_text(key), what);
}

// Reads the text of a required key. A text longer than limit is refused.
static int read_text(struct reading *reading, const char *key, size_t limit,
                     struct blox_span *text) {
    struct blox_list *list = reading->list;
    int value = blox_json_find(&reading->object, key);
    if (value < 0) {
        return refuse_key(list, key, "the key is missing");
    }
    char *to = list->text + reading->used;
    size_t room = sizeof list->text - reading->used;
    int size = blox_json_string(&reading->object, value, to,
                                room < limit + 1 ? room : limit + 1);
    if (size == BLOX_ERROR_BUFFER) {
        return refuse_key(list, key, "the text is too long");
    }
    if (size <= 0) {
        return refuse_key(list, key, "a text that is not empty belongs here");
    }
    *text = blox_span(to, (size_t)size);
    reading->used += (size_t)size + 1;
    return BLOX_OK;
}

static int read_package(struct reading *reading) {
    struct blox_list_entry *entry = &reading->list->entry;
    int error = read_text(reading, "name", BLOX_NAME_MAX, &entry->name);
    if (error == BLOX_OK && !blox_name_valid(entry->name)) {
        error = refuse(reading->list, BLOX_ERROR_FORMAT, entry->name,
                       "not a package's name");
    }
    if (error == BLOX_OK) {
        error =
            read_text(reading, "version", BLOX_VERSION_MAX, &entry->version);
    }
    if (error == BLOX_OK && !blox_version_valid(entry->version)) {
        error = refuse(reading->list, BLOX_ERROR_FORMAT, entry->version,
                       "not a version");
    }
    return error;
}

static int read_tag(struct reading *reading) {
    struct blox_list_entry *entry = &reading->list->entry;
    int error = read_text(reading, "tag", BLOX_LIST_TAG_MAX, &entry->tag);
    if (error == BLOX_OK && blox_json_find(&reading->object, "mpy") > 0) {
        error =
            read_text(reading, "mpy", BLOX_LIST_SUB_VERSION_MAX, &entry->mpy);
    }
    return error;
}

static int read_path(struct reading *reading) {
    struct blox_list *list = reading->list;
    struct blox_span *path = &list->entry.path;
    int error = read_text(reading, "path", BLOX_PATH_MAX, path);
    if (error != BLOX_OK) {
        return error;
    }
    const char *why = blox_path_refuse_source(*path);
    if (why == NULL && blox_span_is(*path, "provision.json")) {
        why = "secrets are taken in over serial or by a signed list only";
    }
    if (why == NULL && list->entry.type == BLOX_LIST_DELETE &&
        (blox_span_is(*path, "main.py") || blox_span_is(*path, "boot.py"))) {
        why = "the file that starts the device cannot be deleted";
    }
    return why == NULL ? BLOX_OK : refuse(list, BLOX_ERROR_PATH, *path, why);
}

static int read_sha256(struct reading *reading) {
    struct blox_list *list = reading->list;
    int value = blox_json_find(&reading->object, "pkg_sha256");
    if (value < 0) {
        return refuse_key(list, "pkg_sha256", "the key is missing");
    }
    if (blox_json_type(&reading->object, value) != BLOX_JSON_STRING ||
        blox_hex_decode(blox_json_raw(&reading->object, value),
                        list->entry.sha256, BLOX_SHA256_SIZE) != BLOX_OK) {
        return refuse_key(list, "pkg_sha256", "64 hex digits belong here");
    }
    return BLOX_OK;
}

// An empty payload cannot be retained by a broker, so an empty file is known
// by its hash, or told by its size.
static int read_size(struct reading *reading) {
    struct blox_list *list = reading->list;
    struct blox_list_entry *entry = &list->entry;
    int value = blox_json_find(&reading->object, "size");
    entry->has_size = value > 0;
    if (entry->has_size &&
        blox_json_u32(&reading->object, value, &entry->size) != BLOX_OK) {
        return refuse_key(list, "size", "a number of bytes belongs here");
    }
    bool none = memcmp(entry->sha256, empty_sha256, BLOX_SHA256_SIZE) == 0;
    if (entry->has_size && none != (entry->size == 0)) {
        return refuse_key(list, "size",
                          "size and pkg_sha256 contradict each other");
    }
    entry->empty = none && entry->type == BLOX_LIST_SRC;
    return BLOX_OK;
}

static int read_needs(struct reading *reading, uint8_t needs) {
    static int (*const readers[])(struct reading * reading) = {
        read_package, read_tag, read_path, read_sha256};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; ++i) {
        int error = (needs >> i & 1) != 0 ? readers[i](reading) : BLOX_OK;
        if (error != BLOX_OK) {
            return error;
        }
    }
    return (needs & NEEDS_SHA256) != 0 ? read_size(reading) : BLOX_OK;
}

static bool is_known_key(const struct blox_json_object *object, int key) {
    for (size_t i = 0; i < sizeof known_keys / sizeof known_keys[0]; ++i) {
        if (blox_json_is(object, key, known_keys[i])) {
            return true;
        }
    }
    return false;
}

static void find_unknown_key(struct reading *reading) {
    uint32_t cursor = 0;
    for (int key = blox_json_next(&reading->object, &cursor); key > 0;
         key = blox_json_next(&reading->object, &cursor)) {
        if (!is_known_key(&reading->object, key)) {
            reading->list->entry.unknown = blox_json_raw(&reading->object, key);
            return;
        }
    }
}

static int read_type(struct reading *reading) {
    struct blox_list *list = reading->list;
    int type = blox_json_find(&reading->object, "type");
    if (type < 0 ||
        blox_json_type(&reading->object, type) != BLOX_JSON_STRING) {
        return refuse_key(list, "type", "the key is missing");
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        if (blox_json_is(&reading->object, type, types[i].name)) {
            list->entry.type = types[i].type;
            list->signature = types[i].type == BLOX_LIST_SIGNATURE;
            find_unknown_key(reading);
            return read_needs(reading, types[i].needs);
        }
    }
    list->entry.unknown = blox_json_raw(&reading->object, type);
    return BLOX_OK;
}

// Reads the entry in data[0..size). Returns 1, or an error.
static int read_entry(struct blox_list *list) {
    struct reading reading = {.list = list};
    struct blox_list_entry *entry = &list->entry;
    *entry = (struct blox_list_entry){.type = BLOX_LIST_UNKNOWN,
                                      .index = list->count};
    if (list->signature) {
        return refuse(list, BLOX_ERROR_FORMAT, blox_span(NULL, 0),
                      "stands behind the signature");
    }
    if (++list->count > BLOX_LIST_ENTRIES) {
        return refuse(list, BLOX_ERROR_LIMIT, blox_span(NULL, 0),
                      "a list may have 256 entries, no more");
    }
    int error = blox_json_object_parse(
        &reading.object, blox_span(list->data, list->size), list->tokens,
        BLOX_LIST_ENTRY_TOKENS, "entry", NULL);
    if (error == BLOX_OK) {
        error = read_type(&reading);
    } else {
        refuse(list, error, blox_span(NULL, 0),
               error == BLOX_ERROR_LIMIT ? "an entry may have 16 keys, no more"
                                         : "every entry must be a JSON object");
    }
    return error == BLOX_OK ? 1 : error;
}

// Keeps a byte of the current entry, but not the inside of nested values: no
// key we know has any.
static int keep(struct blox_list *list, uint8_t byte, uint8_t depth_before) {
    uint8_t depth = list->check.depth;
    if (depth > 2 && depth_before > 2) {
        return BLOX_OK;
    }
    if (list->size == BLOX_LIST_ENTRY_MAX) {
        list->entry.index = list->count;
        return refuse(list, BLOX_ERROR_LIMIT, blox_span(NULL, 0),
                      "an entry may have 768 bytes, no more");
    }
    list->data[list->size++] = byte;
    return BLOX_OK;
}

static int not_an_array(struct blox_list *list) {
    return blox_text_fail(list->why, BLOX_ERROR_FORMAT, "list",
                          blox_span(NULL, 0),
                          "a JSON array of entries belongs here");
}

// A step of the JSON checker while an entry may begin or end. Elements of the
// list lie at depth 1; an entry that is an object closes back to depth 1.
static int take_step(struct blox_list *list, int step, uint8_t byte,
                     uint8_t depth_before) {
    uint8_t depth = list->check.depth;
    if (depth_before == 0) {
        bool array = step == BLOX_JSON_INSIDE || byte == '[';
        return array ? BLOX_OK : not_an_array(list);
    }
    if (!list->inside && step == BLOX_JSON_BEGIN) {
        list->inside = true;
        list->size = 0;
    }
    if (!list->inside) {
        return BLOX_OK;
    }
    bool ended = step == BLOX_JSON_END || step == BLOX_JSON_BEFORE;
    bool over = depth <= 1 && (depth_before > 1 || ended);
    bool outside = depth_before == 1 && step == BLOX_JSON_BEFORE;
    int error = outside ? BLOX_OK : keep(list, byte, depth_before);
    if (error != BLOX_OK || !over) {
        return error;
    }
    list->inside = false;
    return read_entry(list);
}

static int take_byte(struct blox_list *list, uint8_t byte) {
    uint8_t depth_before = list->check.depth;
    int step = blox_json_check_byte(&list->check, byte);
    if (step < 0) {
        return blox_json_check_fail(&list->check, step, list->why, "list");
    }
    if (list->check.offset > BLOX_LIST_MAX) {
        return blox_text_fail(list->why, BLOX_ERROR_LIMIT, "list",
                              blox_span(NULL, 0),
                              "a list may have 64 KiB, no more");
    }
    return take_step(list, step, byte, depth_before);
}

int blox_list_feed(struct blox_list *list, struct blox_span *text) {
    while (list->error == BLOX_OK && text->size > 0) {
        int result = take_byte(list, text->data[0]);
        *text = blox_span_part(*text, 1, text->size);
        if (result > 0) {
            return 1;
        }
        list->error = result;
    }
    return list->error;
}

int blox_list_end(struct blox_list *list) {
    if (list->error == BLOX_OK) {
        int error = blox_json_check_end(&list->check);
        list->error =
            error == BLOX_OK
                ? BLOX_OK
                : blox_json_check_fail(&list->check, error, list->why, "list");
    }
    return list->error;
}
