// SPDX-License-Identifier: MIT
#include "cli/node_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/node_files.h"
#include "core/base/error.h"
#include "core/ota/plan.h"

// A set without entries: the first digits of SHA-256 of nothing.
static const char NOTHING[] = "e3b0c442";

bool node_is_original(const struct node *node) {
    return node->info != NULL && json_text(node->info, "platform") == NULL;
}

static const char *known_file(const struct node *node, const char *path) {
    return json_text(cJSON_GetObjectItemCaseSensitive(node->info, "files"),
                     path);
}

static void add_step(struct node_plan *plan, const struct node *node,
                     const struct blox_todo_entry *entry) {
    bool wheel = entry->type == BLOX_LIST_WHEEL;
    const char *had = wheel ? node_package(node, entry->name) : NULL;
    plan->steps = cli_grow(plan->steps, plan->count + 1, sizeof *plan->steps);
    plan->steps[plan->count++] = (struct node_step){
        .type = entry->type,
        .what = wheel ? cli_format("%s %s", entry->name, entry->version)
                      : cli_format("%s", entry->name),
        .had = had != NULL ? cli_format("%s", had) : NULL,
        .replaces = wheel ? had != NULL : known_file(node, entry->name) != NULL,
        .has_size = entry->has_size || !blox_todo_fetched(entry),
        .size = blox_todo_fetched(entry) ? entry->size : 0,
    };
}

static int read_todo(struct node_plan *plan, const struct node_files *files) {
    struct blox_todo todo = {0};
    int result = blox_todo_open(&todo, &files->storage, BLOX_FILE_TODO);
    while (result >= 0 && (result = blox_todo_next(&todo)) > 0) {
        add_step(plan, files->node, &todo.entry);
    }
    blox_todo_close(&todo);
    return result;
}

static void take_set(struct node_plan *plan, const struct blox_plan *from) {
    snprintf(plan->set, sizeof plan->set, "%02x%02x%02x%02x", from->set[0],
             from->set[1], from->set[2], from->set[3]);
    plan->for_me = strcmp(plan->set, NOTHING) != 0;
}

static struct blox_span span_or_empty(const char *text) {
    return blox_span_text(text != NULL ? text : "");
}

// The modules of its firmware that it says go before those on flash.
static char *frozen_modules(const struct node *node) {
    char *all = cli_format("%s", "");
    const cJSON *one;
    cJSON_ArrayForEach(one,
                       cJSON_GetObjectItemCaseSensitive(node->info, "frozen")) {
        if (cJSON_IsString(one)) {
            char *longer = cli_format("%s%s ", all, one->valuestring);
            free(all);
            all = longer;
        }
    }
    return all;
}

static int run(struct node_plan *plan, struct node_files *files) {
    struct blox_plan engine;
    struct blox_text why;
    char *frozen = frozen_modules(files->node);
    blox_text_init(&why, plan->why, sizeof plan->why);
    const struct blox_plan_config config = {
        .storage = &files->storage,
        .sha256 = &files->sha256,
        .list = BLOX_FILE_LIST,
        .platform = span_or_empty(json_text(files->node->info, "platform")),
        .mpy = span_or_empty(json_text(files->node->info, "mpy")),
        .frozen = blox_span_text(frozen),
        .why = &why,
    };
    int result;
    blox_plan_init(&engine, &config);
    while ((result = blox_plan_step(&engine)) > 0) {
    }
    blox_plan_close(&engine);
    free(frozen);
    if (result == BLOX_OK) {
        take_set(plan, &engine);
        plan->no_room =
            engine.needed > 0 &&
            engine.blocks + BLOX_FILE_RESERVE_BLOCKS > engine.space.blocks_free;
        plan->why[0] = '\0'; // what was skipped is no fault
        result = read_todo(plan, files);
    }
    return result;
}

bool node_plan_make(struct node_plan *plan, const struct node *node,
                    const char *list, size_t size) {
    struct update_list entries;
    struct node_files files;
    *plan = (struct node_plan){0};
    if (!update_list_read(&entries, list, size)) {
        snprintf(plan->why, sizeof plan->why, "%s", entries.why);
        update_list_free(&entries);
        return false;
    }
    node_files_init(&files, node, &entries, blox_span(list, size));
    int result = run(plan, &files);
    if (result < 0 && plan->why[0] == '\0') {
        snprintf(plan->why, sizeof plan->why, "%s", blox_error_text(result));
    }
    node_files_free(&files);
    update_list_free(&entries);
    return result >= 0;
}

void node_plan_free(struct node_plan *plan) {
    for (size_t i = 0; i < plan->count; ++i) {
        free(plan->steps[i].what);
        free(plan->steps[i].had);
    }
    free(plan->steps);
}
