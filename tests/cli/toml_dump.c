// SPDX-License-Identifier: MIT
// Reads TOML from standard input and prints it as JSON, for test_toml.py.
#include <stdio.h>
#include <stdlib.h>

#include "cli/toml.h"

int main(void) {
    static char text[1 << 20];
    struct toml_error error;
    size_t size = fread(text, 1, sizeof text, stdin);
    char *copy = malloc(size + 1); // so that ASan sees its end
    for (size_t i = 0; i < size; ++i) {
        copy[i] = text[i];
    }
    cJSON *root = toml_read(copy, size, &error);
    free(copy);
    if (root == NULL) {
        printf("line %u: %s\n", error.line, error.why);
        return 1;
    }
    char *json = cJSON_PrintUnformatted(root);
    puts(json);
    free(json);
    cJSON_Delete(root);
    return 0;
}
