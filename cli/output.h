// SPDX-License-Identifier: MIT
// What a verb prints for programs: JSON instead of tables.
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <cjson/cJSON.h>

#include "cli/options.h"

struct output_settings {
    bool json;
};

// The table for struct output_settings, of every verb that prints data.
extern const struct cli_option output_options[];

// Prints a document with line breaks, or in one line and at once, and frees it.
void output_document(cJSON *document);
void output_line(cJSON *document);

// Adds to an object. text NULL becomes null.
void output_add_text(cJSON *object, const char *key, const char *text);

#endif
