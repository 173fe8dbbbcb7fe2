// SPDX-License-Identifier: MIT
// The update list (PROTOCOL §2): JSON bytes in, one checked entry at a time
// out. It never holds more than one entry, so a list of 64 KiB needs no more
// memory than one of 64 bytes.
//
// A list is refused as a whole at its first fault, with a sentence that names
// the entry. What tomorrow's lists may bring is let through: entries of an
// unknown type and unknown keys, whose nested values may be of any size.
#ifndef CORE_OTA_LIST_H
#define CORE_OTA_LIST_H

#include "core/base/crypto.h"
#include "core/base/text.h"
#include "core/codec/json_check.h"
#include "core/codec/json_object.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum {
    BLOX_LIST_MAX = 65536,        // bytes of a list
    BLOX_LIST_ENTRIES = 256,      // entries of a list
    BLOX_LIST_ENTRY_MAX = 768,    // bytes of an entry, nested values apart
    BLOX_LIST_ENTRY_TOKENS = 33,  // 16 keys and their values
    BLOX_LIST_TAG_MAX = 64,       // bytes of a tag
    BLOX_LIST_SUB_VERSION_MAX = 8 // bytes of an mpy sub-version
};

enum blox_list_type {
    BLOX_LIST_WHEEL,
    BLOX_LIST_PLATFORM_WHEEL,
    BLOX_LIST_SRC,
    BLOX_LIST_DELETE,
    BLOX_LIST_SIGNATURE, // always the last entry
    BLOX_LIST_KEY,
    BLOX_LIST_UNKNOWN, // to be skipped
};

// One checked entry. Spans point into the list and stay until the next call
// of blox_list_feed().
struct blox_list_entry {
    enum blox_list_type type;
    uint32_t index;                   // in the list, from 0
    struct blox_span name;            // (platform-)wheel: a valid package name
    struct blox_span version;         // (platform-)wheel: a valid version
    struct blox_span tag;             // platform-wheel
    struct blox_span mpy;             // platform-wheel, "6.3"; empty: any
    struct blox_span path;            // src, delete: relative to '/', allowed
    uint8_t sha256[BLOX_SHA256_SIZE]; // (platform-)wheel, src
    bool has_size;
    uint32_t size; // of the package in bytes, when has_size
    bool empty;    // src: an empty file, nothing to fetch
    // What was skipped, to warn about: an unknown type, or the first unknown
    // key; empty when there is nothing.
    struct blox_span unknown;
};

struct blox_list {
    struct blox_list_entry entry; // after feed returned 1

    // Private.
    struct blox_text *why;
    struct blox_json_check check;
    uint32_t count;
    uint16_t size;
    bool inside, signature;
    int error;
    uint8_t data[BLOX_LIST_ENTRY_MAX];
    struct blox_json_token tokens[BLOX_LIST_ENTRY_TOKENS];
    char text[BLOX_NAME_MAX + BLOX_VERSION_MAX + BLOX_LIST_TAG_MAX +
              BLOX_LIST_SUB_VERSION_MAX + 4];
};

// Starts. why gets the sentence when a list is refused; it must outlive list.
void blox_list_init(struct blox_list *list, struct blox_text *why);

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
