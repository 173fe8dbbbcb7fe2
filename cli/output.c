// SPDX-License-Identifier: MIT
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEP = 2 }; // columns of indentation

const struct cli_option output_options[] = {
    {.name = "json",
     .offset = offsetof(struct output_settings, json),
     .set = cli_set_true,
     .help = "JSON instead of tables, for programs"},
    {.name = NULL},
};

static void print_compact(const cJSON *value) {
    char *text = cJSON_PrintUnformatted(value);
    if (text == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
    printf("%s", text);
    free(text);
}

static void print_key(const char *key) {
    cJSON *text = cJSON_CreateStringReference(key);
    print_compact(text);
    printf(": ");
    cJSON_Delete(text);
}

static void print_indented(const cJSON *value, int indent) {
    bool array = cJSON_IsArray(value);
    if ((!array && !cJSON_IsObject(value)) || value->child == NULL) {
        print_compact(value);
        return;
    }
    printf(array ? "[" : "{");
    for (const cJSON *child = value->child; child; child = child->next) {
        printf("%s\n%*s", child == value->child ? "" : ",", indent + STEP, "");
        if (!array) {
            print_key(child->string);
        }
        print_indented(child, indent + STEP);
    }
    printf("\n%*s%s", indent, "", array ? "]" : "}");
}

void output_document(cJSON *document) {
    print_indented(document, 0);
    printf("\n");
    fflush(stdout);
    cJSON_Delete(document);
}

void output_line(cJSON *document) {
    print_compact(document);
    printf("\n");
    fflush(stdout);
    cJSON_Delete(document);
}

void output_add_text(cJSON *object, const char *key, const char *text) {
    if (text != NULL) {
        cJSON_AddStringToObject(object, key, text);
    } else {
        cJSON_AddNullToObject(object, key);
    }
}
