// SPDX-License-Identifier: MIT
#include "cli/entries.h"

#include <stdlib.h>
#include <string.h>

static const char *add_entry(struct entries *entries, enum package_kind kind,
                             const char *argument, bool as_src) {
    entries->items =
        cli_grow(entries->items, entries->count + 1, sizeof *entries->items);
    entries->items[entries->count++] = (struct entry){kind, argument, as_src};
    return NULL;
}

static const char *add_src(void *field, const char *value) {
    return add_entry(field, PACKAGE_SRC, value, true);
}

static const char *add_delete(void *field, const char *value) {
    return add_entry(field, PACKAGE_DELETE, value, false);
}

const char *entries_add_file(void *field, const char *value) {
    size_t size = strlen(value);
    bool wheel = size > 4 && strcmp(value + size - 4, ".whl") == 0;
    return add_entry(field, wheel ? PACKAGE_WHEEL : PACKAGE_SRC, value, false);
}

const struct cli_option entries_options[] = {
    {.name = "src",
     .value = "FILE[=PATH]",
     .set = add_src,
     .help = "a file for PATH on the device (default: its name); also the way "
             "to send a .whl as a mere file"},
    {.name = "delete",
     .value = "PATH",
     .set = add_delete,
     .help = "a file to remove from the device (devices of before 1.0 leave "
             "it); may be repeated"},
    {.name = NULL},
};

static const char *base_name(const char *file) {
    const char *slash = strrchr(file, '/');
    return slash != NULL ? slash + 1 : file;
}

static enum cli_exit load_src(struct package *package,
                              const struct entry *entry) {
    char *file = cli_format("%s", entry->argument);
    char *equals = entry->as_src ? strchr(file, '=') : NULL;
    const char *path = equals != NULL ? equals + 1 : base_name(file);
    if (equals != NULL) {
        *equals = '\0';
    }
    enum cli_exit result = package_src(package, file, path);
    package->file = NULL; // was only for messages
    free(file);
    return result;
}

static enum cli_exit load_entry(struct package *package,
                                const struct entry *entry) {
    switch (entry->kind) {
    case PACKAGE_WHEEL:
        return package_wheel(package, entry->argument);
    case PACKAGE_SRC:
        return load_src(package, entry);
    default:
        return package_delete(package, entry->argument);
    }
}

static enum cli_exit refuse_clash(const struct package *packages, size_t last) {
    char *why = NULL;
    for (size_t i = 0; i < last && why == NULL; ++i) {
        why = package_clash(&packages[i], &packages[last]);
    }
    enum cli_exit result =
        why == NULL ? CLI_OK : cli_fail(CLI_USAGE, "%s", why);
    free(why);
    return result;
}

enum cli_exit entries_load(const struct entries *entries,
                           struct package **packages, size_t *count) {
    enum cli_exit result = CLI_OK;
    *count = 0;
    *packages = cli_grow(NULL, entries->count, sizeof **packages);
    for (size_t i = 0; i < entries->count && result == CLI_OK; ++i) {
        result = load_entry(&(*packages)[(*count)++], &entries->items[i]);
        if (result == CLI_OK) {
            result = refuse_clash(*packages, i);
        }
    }
    return result;
}
