// SPDX-License-Identifier: MIT
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>

const struct cli_option output_options[] = {
    {.name = "json",
     .offset = offsetof(struct output_settings, json),
     .set = cli_set_true,
     .help = "JSON instead of tables, for programs"},
    {.name = NULL},
};

static void print(cJSON *document, char *text) {
    if (text != NULL) {
        printf("%s\n", text);
        fflush(stdout);
    }
    cJSON_Delete(document);
    free(text);
}

void output_document(cJSON *document) {
    print(document, cJSON_Print(document));
}

void output_line(cJSON *document) {
    print(document, cJSON_PrintUnformatted(document));
}

void output_add_text(cJSON *object, const char *key, const char *text) {
    if (text != NULL) {
        cJSON_AddStringToObject(object, key, text);
    } else {
        cJSON_AddNullToObject(object, key);
    }
}
