// SPDX-License-Identifier: MIT
// The files of a command line that become entries of an update list.
#ifndef CLI_ENTRIES_H
#define CLI_ENTRIES_H

#include <stdbool.h>

#include "cli/options.h"
#include "cli/package.h"

struct entries {
    struct entry {
        enum package_kind kind;
        const char *argument;
        bool as_src; // FILE=PATH, of --src
    } * items;
    size_t count;
};

// --src and --delete, the table for struct entries; and what takes a FILE.
extern const struct cli_option entries_options[];
cli_option_set entries_add_file;

// Makes packages of all of them, *count of which are to be freed with
// package_free in either case, then *packages with free. On failure says why
// and returns CLI_INPUT or CLI_USAGE.
enum cli_exit entries_load(const struct entries *entries,
                           struct package **packages, size_t *count);

#endif
