// SPDX-License-Identifier: MIT
// The update list (PROTOCOL §2): JSON bytes in, one checked entry at a time
// out. It holds the texts of one entry, so a list of 64 KiB needs no more
// memory than one of 64 bytes. A command (§5), one JSON object, comes out as
// one entry too, and so does a first entry of the type `command`, a command
// that can be signed.
//
// A list is refused as a whole at its first fault, with a sentence that names
// the entry. What tomorrow's lists may bring is let through: entries of an
// unknown type and unknown keys, with values of any kind and size.
#ifndef CORE_OTA_LIST_H
#define CORE_OTA_LIST_H

#include "core/base/crypto.h"
#include "core/base/text.h"
#include "core/codec/json_check.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum {
    BLOX_LIST_MAX = 65536,      // bytes of a list
    BLOX_LIST_ENTRIES = 256,    // entries of a list
    BLOX_LIST_TAG_MAX = 64,     // bytes of a tag
    BLOX_LIST_COMMAND_MAX = 16, // bytes of a command's name
    BLOX_LIST_ID_MAX = 40       // bytes of a command's id
};

enum blox_list_type {
    BLOX_LIST_WHEEL,
    BLOX_LIST_PLATFORM_WHEEL,
    BLOX_LIST_SRC,
    BLOX_LIST_DELETE,
    BLOX_LIST_SIGNATURE, // always the last entry
    BLOX_LIST_KEY,
    BLOX_LIST_UNKNOWN, // to be skipped
    BLOX_LIST_COMMAND, // {"cmd":"install"}, or an entry with that key
};

// One checked entry. Spans point into the list and stay until the next call
// of blox_list_feed().
struct blox_list_entry {
    enum blox_list_type type;
    uint32_t index;                   // in the list, from 0
    struct blox_span name;            // (platform-)wheel: a valid package name
    struct blox_span version;         // (platform-)wheel: a valid version
    struct blox_span tag;             // platform-wheel; wheel: may be empty
    struct blox_span mpy;             // platform-wheel, "6.3"; empty: any
    struct blox_span path;            // src, delete: relative to '/', allowed;
                                      // command: the same, or empty
    struct blox_span command;         // command
    struct blox_span id;              // command: a text or, unless id_is_text,
    bool id_is_text;                  // a number as JSON has it; empty: none
    uint8_t sha256[BLOX_SHA256_SIZE]; // (platform-)wheel, src
    bool has_size;
    uint32_t size; // of the package in bytes, when has_size
    bool empty;    // src: an empty file, nothing to fetch
    // What was skipped, to warn about: an unknown type, or the first unknown
    // key, cut to 16 bytes; empty when there is nothing.
    struct blox_span unknown;
};

// Texts of one entry, NUL-terminated.
struct blox_list_texts {
    char type[16];
    char name[BLOX_NAME_MAX + 1];
    char version[BLOX_VERSION_MAX + 1];
    char path[BLOX_PATH_MAX + 1];
    char sha256[2 * BLOX_SHA256_SIZE + 1];
    char size[11];
    char tag[BLOX_LIST_TAG_MAX + 1];
    char mpy[9];
    char command[BLOX_LIST_COMMAND_MAX + 1];
    char id[BLOX_LIST_ID_MAX + 1];
    char key[17];
    char unknown[17];
};

struct blox_list {
    struct blox_list_entry entry; // after feed returned 1

    // Private.
    struct blox_text *why;
    struct blox_json_check check;
    struct blox_list_texts texts;
    struct blox_text to; // the text being read
    uint32_t count;
    int error;
    uint16_t unit, high; // of \uXXXX: digits so far, the surrogate before
    uint16_t strings;    // bit n: field n is there, as a string
    uint16_t others;     // bit n: field n is there, as something else
    uint16_t cut;        // bit n: field n did not fit
    uint8_t field;       // the one being read
    uint8_t depth;       // of an entry's members; 0: not known yet
    uint8_t escape;      // in an escape: characters still to come
    bool in_string, in_key, in_value;
    bool signature; // there was one
    bool command;   // may come instead
};

// Starts. command: commands may come, instead of a list and as entries. why
// gets the sentence when it is refused; it must outlive list.
void blox_list_init(struct blox_list *list, bool command,
                    struct blox_text *why);

// Takes bytes from the front of *text, advancing it. Returns 1 when
// list->entry holds the next entry: call again with the rest; 0 when *text is
// used up; or an error, with a sentence in why, after which the list is
// refused and every later call returns the same error: BLOX_ERROR_FORMAT (not
// JSON, not an array, an entry without its keys, a hash that is not 64 hex
// digits), BLOX_ERROR_LIMIT (over one of the limits above), BLOX_ERROR_PATH (a
// path that is not allowed).
int blox_list_feed(struct blox_list *list, struct blox_span *text);

// The list is over. Returns BLOX_OK when it was complete, else
// BLOX_ERROR_FORMAT, with a sentence.
int blox_list_end(struct blox_list *list);

#endif
