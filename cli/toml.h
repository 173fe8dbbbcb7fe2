// SPDX-License-Identifier: MIT
// Reading TOML 1.0 (toml.io), for pyproject.toml, into a cJSON tree.
#ifndef CLI_TOML_H
#define CLI_TOML_H

#include <cjson/cJSON.h>

struct toml_error {
    unsigned line;   // from 1
    const char *why; // a constant phrase, such as "a key is there twice"
};

// Reads a document of size bytes. Tables become objects, arrays arrays, numbers
// numbers (as far as a double holds them), dates and times strings as they
// stand. Returns the root, for cJSON_Delete(); NULL for what is not TOML, with
// the place and the reason in *error.
cJSON *toml_read(const char *text, size_t size, struct toml_error *error);

#endif
