// SPDX-License-Identifier: MIT
#include "core/ota/list.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/ascii.h"
#include "core/codec/hex.h"

// SHA-256 of no bytes begins so; the rest is not needed to know it.
static const uint8_t empty_sha256[BLOX_SHA256_SIZE] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
    0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

// The members of an entry that are read, in the order of the table below.
enum field {
    FIELD_TYPE,
    FIELD_NAME,
    FIELD_VERSION,
    FIELD_PATH,
    FIELD_SHA256,
    FIELD_SIZE,
    FIELD_TAG,
    FIELD_MPY,
    FIELD_COMMAND,
    FIELD_ID,
    FIELDS,
    FIELD_SKIPPED = FIELDS,
    FIELD_KEY, // a key is being read
    FIELD_NONE,
};

#define TEXT(member)                                                           \
    offsetof(struct blox_list_texts, member),                                  \
        sizeof((struct blox_list_texts *)0)->member

static const struct {
    char key[12];
    uint16_t offset, size;
} fields[] = {
    {"type", TEXT(type)},         {"name", TEXT(name)},
    {"version", TEXT(version)},   {"path", TEXT(path)},
    {"pkg_sha256", TEXT(sha256)}, {"size", TEXT(size)},
    {"tag", TEXT(tag)},           {"mpy", TEXT(mpy)},
    {"cmd", TEXT(command)},       {"id", TEXT(id)},
};

// Which fields an entry of each type must have.
#define NEEDS(field) (1u << (field))
#define NEEDS_PACKAGE                                                          \
    (NEEDS(FIELD_NAME) | NEEDS(FIELD_VERSION) | NEEDS(FIELD_SHA256))

static const struct {
    char name[16];
    uint8_t type;
    uint16_t needs;
} types[] = {
    {"wheel", BLOX_LIST_WHEEL, NEEDS_PACKAGE},
    {"platform-wheel", BLOX_LIST_PLATFORM_WHEEL,
     NEEDS_PACKAGE | NEEDS(FIELD_TAG)},
    {"src", BLOX_LIST_SRC, NEEDS(FIELD_PATH) | NEEDS(FIELD_SHA256)},
    {"delete", BLOX_LIST_DELETE, NEEDS(FIELD_PATH)},
    {"signature", BLOX_LIST_SIGNATURE, 0},
    {"key", BLOX_LIST_KEY, 0},
    {"command", BLOX_LIST_COMMAND, NEEDS(FIELD_COMMAND)},
};

static char *text_of(struct blox_list *list, size_t field) {
    return (char *)&list->texts + fields[field].offset;
}

void blox_list_init(struct blox_list *list, bool command,
                    struct blox_text *why) {
    memset(list, 0, sizeof *list);
    list->command = command;
    list->why = why;
    blox_json_check_init(&list->check);
}

// Refuses the list because of its current entry: "list entry 3 'name': what".
static int refuse(struct blox_list *list, int error, const char *shown,
                  const char *what) {
    char data[24];
    struct blox_text where;
    blox_text_init(&where, data, sizeof data);
    if (list->depth == 1) {
        blox_text_add(&where, "command");
    } else {
        blox_text_add(&where, "list entry ");
        blox_text_add_u32(&where, list->count);
    }
    return blox_text_fail(list->why, error, data, blox_span_text(shown), what);
}

// ---- checking an entry that is complete -------------------------------------

static int check_text(struct blox_list *list, size_t field) {
    uint16_t bit = (uint16_t)(1u << field);
    const char *key = fields[field].key;
    if (((list->strings | list->others) & bit) == 0) {
        return refuse(list, BLOX_ERROR_FORMAT, key, "the key is missing");
    }
    if ((list->strings & bit) == 0 || text_of(list, field)[0] == '\0') {
        return refuse(list, BLOX_ERROR_FORMAT, key, "a text belongs here");
    }
    if ((list->cut & bit) != 0 && field != FIELD_SHA256) {
        return refuse(list, BLOX_ERROR_LIMIT, key, "too long");
    }
    return BLOX_OK;
}

static int check_package(struct blox_list *list) {
    struct blox_list_entry *entry = &list->entry;
    entry->name = blox_span_text(list->texts.name);
    entry->version = blox_span_text(list->texts.version);
    if (!blox_name_valid(entry->name) || !blox_version_valid(entry->version)) {
        return refuse(list, BLOX_ERROR_FORMAT, list->texts.name,
                      "name or version is not one of a package");
    }
    return BLOX_OK;
}

static int check_path(struct blox_list *list) {
    struct blox_span path = blox_span_text(list->texts.path);
    const char *why = blox_path_refuse_source(path);
    bool starts =
        blox_span_is(path, "main.py") || blox_span_is(path, "boot.py");
    list->entry.path = path;
    if (why == NULL &&
        blox_ascii_equal(path, blox_span_text("provision.json"))) {
        why = list->entry.type == BLOX_LIST_COMMAND
                  ? "it holds secrets"
                  : "secrets come over serial";
    }
    if (why == NULL && list->entry.type == BLOX_LIST_DELETE && starts) {
        why = "what starts the device cannot be deleted";
    }
    return why == NULL ? BLOX_OK
                       : refuse(list, BLOX_ERROR_PATH, list->texts.path, why);
}

static int check_sha256(struct blox_list *list) {
    uint16_t cut = list->cut & NEEDS(FIELD_SHA256);
    if (cut != 0 ||
        blox_hex_decode(blox_span_text(list->texts.sha256), list->entry.sha256,
                        BLOX_SHA256_SIZE) != BLOX_OK) {
        return refuse(list, BLOX_ERROR_FORMAT, "pkg_sha256",
                      "64 hex digits belong here");
    }
    return BLOX_OK;
}

// Reads decimal digits. Returns whether text is a number below 2^32.
static bool read_u32(const char *text, uint32_t *number) {
    *number = 0;
    for (; *text >= '0' && *text <= '9'; ++text) {
        uint32_t digit = (uint32_t)(*text - '0');
        if (*number > (UINT32_MAX - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return *text == '\0';
}

// An empty payload cannot be retained by a broker, so an empty file is known
// by its hash, or told by its size.
static int check_size(struct blox_list *list) {
    struct blox_list_entry *entry = &list->entry;
    bool none = memcmp(entry->sha256, empty_sha256, BLOX_SHA256_SIZE) == 0;
    entry->has_size = ((list->strings | list->others) & NEEDS(FIELD_SIZE)) != 0;
    if (entry->has_size && ((list->strings & NEEDS(FIELD_SIZE)) != 0 ||
                            (list->cut & NEEDS(FIELD_SIZE)) != 0 ||
                            !read_u32(list->texts.size, &entry->size))) {
        return refuse(list, BLOX_ERROR_FORMAT, "size", "a number belongs here");
    }
    if (entry->has_size && none != (entry->size == 0)) {
        return refuse(list, BLOX_ERROR_FORMAT, "size",
                      "it contradicts pkg_sha256");
    }
    entry->empty = none && entry->type == BLOX_LIST_SRC;
    return BLOX_OK;
}

static bool has(const struct blox_list *list, size_t field) {
    return ((list->strings | list->others) & NEEDS(field)) != 0;
}

static int check_id(struct blox_list *list) {
    struct blox_list_entry *entry = &list->entry;
    const char *id = list->texts.id;
    bool number = id[0] == '-' || (id[0] >= '0' && id[0] <= '9');
    bool text = (list->strings & NEEDS(FIELD_ID)) != 0;
    if ((list->cut & NEEDS(FIELD_ID)) != 0) {
        return refuse(list, BLOX_ERROR_LIMIT, "id", "too long");
    }
    if (!text && !number) {
        return refuse(list, BLOX_ERROR_FORMAT, "id",
                      "a text or a number belongs here");
    }
    entry->id = blox_span_text(id);
    entry->id_is_text = text;
    return BLOX_OK;
}

static int check_command(struct blox_list *list) {
    list->entry.type = BLOX_LIST_COMMAND;
    list->entry.command = blox_span_text(list->texts.command);
    int error = BLOX_OK;
    if (has(list, FIELD_PATH)) {
        error = check_text(list, FIELD_PATH);
        error = error == BLOX_OK ? check_path(list) : error;
    }
    return error;
}

// A command's id comes first: whatever else is wrong, the answer has it.
static int check_texts(struct blox_list *list, uint16_t needs) {
    bool command = (needs & NEEDS(FIELD_COMMAND)) != 0;
    int error = command && has(list, FIELD_ID) ? check_id(list) : BLOX_OK;
    for (size_t field = 0; field < FIELDS && error == BLOX_OK; ++field) {
        if ((needs >> field & 1) != 0) {
            error = check_text(list, field);
        }
    }
    return error;
}

static int check_needs(struct blox_list *list, uint16_t needs) {
    int error = check_texts(list, needs);
    if (error != BLOX_OK) {
        return error;
    }
    if ((needs & NEEDS(FIELD_NAME)) != 0) {
        error = check_package(list);
    } else if ((needs & NEEDS(FIELD_PATH)) != 0) {
        error = check_path(list);
    } else if ((needs & NEEDS(FIELD_COMMAND)) != 0) {
        error = check_command(list);
    }
    if (error == BLOX_OK && (needs & NEEDS(FIELD_SHA256)) != 0) {
        error = check_sha256(list);
        error = error == BLOX_OK ? check_size(list) : error;
    }
    return error;
}

static int check_typed(struct blox_list *list) {
    struct blox_list_entry *entry = &list->entry;
    struct blox_span type = blox_span_text(list->texts.type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        bool may_come = types[i].type != BLOX_LIST_COMMAND ||
                        (list->command && list->count == 1);
        if (may_come && blox_span_is(type, types[i].name)) {
            entry->type = types[i].type;
            entry->tag = blox_span_text(list->texts.tag);
            entry->mpy = blox_span_text(list->texts.mpy);
            list->signature = entry->type == BLOX_LIST_SIGNATURE;
            if (types[i].needs != 0) { // else its keys are another module's
                entry->unknown = blox_span_text(list->texts.unknown);
            }
            return check_needs(list, types[i].needs);
        }
    }
    entry->unknown = type;
    return BLOX_OK;
}

// An entry is complete. Returns 1 or an error.
static int end_entry(struct blox_list *list) {
    list->entry = (struct blox_list_entry){.type = BLOX_LIST_UNKNOWN,
                                           .index = list->count};
    int error;
    if (list->depth == 1) {
        list->count = 1;
        error = check_needs(list, NEEDS(FIELD_COMMAND));
    } else if (++list->count > BLOX_LIST_ENTRIES) {
        error = refuse(list, BLOX_ERROR_LIMIT, "", "a list has at most 256");
    } else if (list->signature) {
        error =
            refuse(list, BLOX_ERROR_FORMAT, "", "stands behind the signature");
    } else if ((list->strings & NEEDS(FIELD_TYPE)) == 0) {
        error = check_text(list, FIELD_TYPE);
    } else {
        error = check_typed(list);
    }
    return error == BLOX_OK ? 1 : error;
}

// ---- reading an entry -------------------------------------------------------

static void start_entry(struct blox_list *list) {
    memset(&list->texts, 0, sizeof list->texts);
    list->strings = 0;
    list->others = 0;
    list->cut = 0;
    list->in_key = true;
    list->in_value = false;
    list->field = FIELD_NONE;
}

static uint8_t find_field(struct blox_list *list) {
    struct blox_span key = blox_text_span(&list->to);
    for (size_t i = 0; i < FIELDS; ++i) {
        if (blox_span_is(key, fields[i].key)) {
            return (uint8_t)i;
        }
    }
    if (list->texts.unknown[0] == '\0') {
        memcpy(list->texts.unknown, list->texts.key,
               sizeof list->texts.unknown);
    }
    return FIELD_SKIPPED;
}

// A value begins: of members of one name the last counts.
static void start_value(struct blox_list *list, bool string) {
    list->in_value = true;
    if (list->field >= FIELDS) {
        return;
    }
    uint16_t bit = (uint16_t)(1u << list->field);
    list->strings = list->strings & (uint16_t)~bit;
    list->others = list->others & (uint16_t)~bit;
    list->cut = list->cut & (uint16_t)~bit;
    *(string ? &list->strings : &list->others) |= bit;
    blox_text_init(&list->to, text_of(list, list->field),
                   fields[list->field].size);
}

static void start_string(struct blox_list *list) {
    list->in_string = true;
    list->escape = 0;
    list->high = 0;
    if (list->in_key) {
        list->field = FIELD_KEY;
        blox_text_init(&list->to, list->texts.key, sizeof list->texts.key);
    } else {
        start_value(list, true);
    }
}

static void end_string(struct blox_list *list) {
    list->in_string = false;
    if (list->field == FIELD_KEY) {
        list->field = find_field(list);
    } else if (list->field < FIELDS && list->to.cut) {
        list->cut |= (uint16_t)(1u << list->field);
    }
}

// Keeps a byte of a text that is read. A NUL would end it early: it becomes
// a control character that every check refuses.
static void keep(struct blox_list *list, uint8_t byte) {
    if (list->field < FIELDS || list->field == FIELD_KEY) {
        blox_text_add_char(&list->to, byte == 0 ? '\1' : (char)byte);
    }
}

// A \uXXXX is complete: surrogates come in pairs, which the checker saw to.
static void end_unit(struct blox_list *list) {
    uint8_t utf8[BLOX_UTF8_MAX];
    uint32_t point = list->unit;
    if (point >= 0xd800 && point < 0xdc00) {
        list->high = list->unit;
        return;
    }
    if (list->high != 0) {
        point = 0x10000 + ((uint32_t)(list->high - 0xd800) << 10) +
                (point - 0xdc00);
        list->high = 0;
    }
    size_t size = blox_utf8_encode(point, utf8);
    for (size_t i = 0; i < size; ++i) {
        keep(list, utf8[i]);
    }
}

enum { ESCAPE_BEGINS = 5 }; // then, in \uXXXX, 4 digits down to 1

static void take_escape(struct blox_list *list, uint8_t byte) {
    static const char plain[] = "\"\\/bfnrt";
    static const char means[] = "\"\\/\b\f\n\r\t";
    if (list->escape < ESCAPE_BEGINS) {
        uint8_t digit = byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
        list->unit = (uint16_t)(list->unit << 4 | digit);
        if (--list->escape == 0) {
            end_unit(list);
        }
        return;
    }
    list->escape = byte == 'u' ? ESCAPE_BEGINS - 1 : 0;
    list->unit = 0;
    size_t i = blox_span_find(blox_span_text(plain), byte);
    if (byte != 'u') {
        keep(list, (uint8_t)means[i]);
    }
}

static void take_string_byte(struct blox_list *list, uint8_t byte) {
    if (list->escape > 0) {
        take_escape(list, byte);
    } else if (byte == '\\') {
        list->escape = ESCAPE_BEGINS;
    } else if (byte == '"') {
        end_string(list);
    } else {
        keep(list, byte);
    }
}

// A byte between an entry's strings.
static void take_member_byte(struct blox_list *list, uint8_t byte) {
    switch (byte) {
    case '"':
        start_string(list);
        break;
    case ',':
        list->in_key = true;
        list->in_value = false;
        break;
    case ':':
        list->in_key = false;
        break;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        break;
    default: // of a number, a literal, or the first of a nested value
        if (!list->in_value) {
            start_value(list, false);
        }
        keep(list, byte);
        if (list->field < FIELDS && list->to.cut) {
            list->cut |= (uint16_t)(1u << list->field);
        }
        break;
    }
}

// ---- the document -----------------------------------------------------------

static int not_a_list(struct blox_list *list) {
    return blox_text_fail(list->why, BLOX_ERROR_FORMAT, "list",
                          blox_span(NULL, 0),
                          "a JSON array of entries belongs here");
}

// A byte that is right JSON, with the depth before it. Returns 1 when an entry
// is complete, 0, or an error.
static int take_checked(struct blox_list *list, int step, uint8_t byte,
                        uint8_t before) {
    uint8_t after = list->check.depth;
    if (before == 0 && step != BLOX_JSON_INSIDE) {
        list->depth = byte == '[' ? 2 : byte == '{' && list->command ? 1 : 0;
        if (list->depth == 0) {
            return not_a_list(list);
        }
    }
    if (after == list->depth && before < after && byte == '{') {
        start_entry(list);
    } else if (before == 1 && list->depth == 2 && step == BLOX_JSON_BEGIN) {
        ++list->count;
        return refuse(list, BLOX_ERROR_FORMAT, "",
                      "a JSON object belongs here");
    } else if (before == list->depth && after < before && before > 0 &&
               list->depth > after) {
        return end_entry(list);
    } else if (before == list->depth && before > 0) {
        if (list->in_string) {
            take_string_byte(list, byte);
        } else {
            take_member_byte(list, byte);
        }
    }
    return BLOX_OK;
}

static int take_byte(struct blox_list *list, uint8_t byte) {
    uint8_t before = list->check.depth;
    if (list->check.offset >= BLOX_LIST_MAX) {
        return blox_text_fail(list->why, BLOX_ERROR_LIMIT, "list",
                              blox_span(NULL, 0), "it has at most 64 KiB");
    }
    int step = blox_json_check_byte(&list->check, byte);
    if (step < 0) {
        return blox_json_check_fail(&list->check, step, list->why, "list");
    }
    return take_checked(list, step, byte, before);
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
