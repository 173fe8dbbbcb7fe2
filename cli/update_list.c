// SPDX-License-Identifier: MIT
#include "cli/update_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

static const char *const TYPES[] = {
    [BLOX_LIST_WHEEL] = "wheel",
    [BLOX_LIST_PLATFORM_WHEEL] = "platform-wheel",
    [BLOX_LIST_SRC] = "src",
    [BLOX_LIST_DELETE] = "delete",
    [BLOX_LIST_SIGNATURE] = "signature",
    [BLOX_LIST_KEY] = "key",
    [BLOX_LIST_UNKNOWN] = "unknown",
    [BLOX_LIST_COMMAND] = "command",
};

const char *update_type_text(enum blox_list_type type) {
    return TYPES[type];
}

static char *text_of(struct blox_span span) {
    return span.size > 0
               ? cli_format("%.*s", (int)span.size, (const char *)span.data)
               : NULL;
}

static bool has_package(enum blox_list_type type) {
    return type == BLOX_LIST_WHEEL || type == BLOX_LIST_PLATFORM_WHEEL ||
           type == BLOX_LIST_SRC;
}

static void add(struct update_list *list, const struct blox_list_entry *from) {
    list->entries =
        cli_grow(list->entries, list->count + 1, sizeof *list->entries);
    struct update_entry *entry = &list->entries[list->count++];
    *entry = (struct update_entry){.type = from->type,
                                   .name = text_of(from->name),
                                   .version = text_of(from->version),
                                   .tag = text_of(from->tag),
                                   .mpy = text_of(from->mpy),
                                   .path = text_of(from->path),
                                   .has_size = from->has_size,
                                   .size = from->size,
                                   .empty = from->empty};
    if (has_package(from->type)) {
        struct blox_text hex;
        blox_text_init(&hex, entry->sha256, sizeof entry->sha256);
        blox_text_add_hex(&hex, from->sha256, sizeof from->sha256);
    }
}

bool update_list_read(struct update_list *list, const char *text, size_t size) {
    struct blox_list reader;
    struct blox_text why;
    struct blox_span rest = blox_span(text, size);
    *list = (struct update_list){0};
    blox_text_init(&why, list->why, sizeof list->why);
    blox_list_init(&reader, false, &why);
    int result;
    while ((result = blox_list_feed(&reader, &rest)) > 0) {
        add(list, &reader.entry);
    }
    if (result == BLOX_OK) {
        result = blox_list_end(&reader);
    }
    return result == BLOX_OK;
}

void update_list_free(struct update_list *list) {
    for (size_t i = 0; i < list->count; ++i) {
        free(list->entries[i].name);
        free(list->entries[i].version);
        free(list->entries[i].tag);
        free(list->entries[i].mpy);
        free(list->entries[i].path);
    }
    free(list->entries);
    list->entries = NULL;
    list->count = 0;
}

char *update_entry_label(const struct update_entry *entry) {
    if (entry->path != NULL) {
        return cli_format("%s", entry->path);
    }
    return entry->name != NULL
               ? cli_format("%s %s", entry->name, entry->version)
               : cli_format("%s", TYPES[entry->type]);
}
