// SPDX-License-Identifier: MIT
// An update list (PROTOCOL §2) in memory, read by the reader devices have.
#ifndef CLI_UPDATE_LIST_H
#define CLI_UPDATE_LIST_H

#include "cli/cli.h"
#include "core/ota/list.h"

struct update_entry {
    enum blox_list_type type;
    char *name; // of a wheel; NULL for the rest
    char *version;
    char *tag;       // of a platform-wheel
    char *mpy;       // of a platform-wheel, "6.3"; NULL: any
    char *path;      // of src and delete
    char sha256[65]; // "" for an entry without a package
    bool has_size;
    uint32_t size;
    bool empty; // an empty file: nothing to fetch
};

struct update_list {
    struct update_entry *entries;
    size_t count;
    char why[200]; // why a device refuses the list; "" for a good one
};

// Reads a list. Returns whether it is one that devices take; else why says the
// sentence a device would. update_list_free in either case.
bool update_list_read(struct update_list *list, const char *text, size_t size);

void update_list_free(struct update_list *list);

// The type as the list has it: "platform-wheel".
const char *update_type_text(enum blox_list_type type);

// What a person calls the entry: "bigpkg 1.0", "user_main.py". The caller
// frees it.
char *update_entry_label(const struct update_entry *entry);

#endif
