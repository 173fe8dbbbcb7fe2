// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fleet.h"
#include "cli/output.h"
#include "cli/select.h"
#include "cli/table.h"
#include "cli/verbs.h"

struct request {
    struct broker_settings broker;
    struct output_settings output;
    const char *node;
};

enum { KIB = 1024 };

// One line "name  value", when there is a value.
__attribute__((format(printf, 3, 4))) static void
fact(struct table *table, const char *name, const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (size > 0) {
        table_cell(table, STYLE_DIM, "%s", name);
        table_cell(table, STYLE_PLAIN, "%s", text);
    }
    free(size >= 0 ? text : NULL);
}

static void text_fact(struct table *table, const char *name, const char *text) {
    if (text != NULL) {
        fact(table, name, "%s", text);
    }
}

static void room_fact(struct table *table, const char *name, double bytes) {
    if (bytes >= 0) {
        fact(table, name, "%.0f KiB free", bytes / KIB);
    }
}

static void add_boot(struct table *table, const cJSON *boot) {
    if (boot == NULL) {
        return;
    }
    fact(table, "boot", "number %.0f, %s%s%s", json_number(boot, "count", 0),
         json_text(boot, "cause") != NULL ? json_text(boot, "cause") : "?",
         cJSON_IsTrue(cJSON_GetObjectItem(boot, "trial")) ? ", on trial" : "",
         cJSON_IsTrue(cJSON_GetObjectItem(boot, "safe_mode")) ? ", safe mode"
                                                              : "");
}

static void add_device(struct table *table, const struct node *node) {
    const cJSON *uname = cJSON_GetObjectItemCaseSensitive(node->info, "uname");
    text_fact(table, "machine", json_text(uname, "machine"));
    text_fact(table, "firmware", json_text(uname, "version"));
    text_fact(table, "platform", node_platform(node));
    text_fact(table, "mpy", json_text(node->info, "mpy"));
    text_fact(table, "channel", node_channel(node));
    room_fact(table, "heap", json_number(node->info, "heap_free", -1));
    room_fact(table, "flash", json_number(node->info, "fs_free", -1));
    add_boot(table, cJSON_GetObjectItemCaseSensitive(node->info, "boot"));
}

// A row for each line.
static void add_lines(struct table *table, const char *name, const char *text) {
    while (text != NULL && *text != '\0') {
        int size = (int)strcspn(text, "\n");
        fact(table, name, "%.*s", size, text);
        text += size + (text[size] == '\n');
        name = "";
    }
}

static void add_update(struct table *table, const struct node *node) {
    char *progress = node_progress(node);
    text_fact(table, "update", node->update != NULL ? progress : NULL);
    text_fact(table, "package", json_text(node->update, "pkg"));
    text_fact(table, "installed", json_text(node->update, "installed"));
    text_fact(table, "latest", json_text(node->update, "latest"));
    text_fact(table, "error", node_error(node));
    add_lines(table, "traceback", json_text(node->update, "traceback"));
    free(progress);
}

static void print_facts(const struct node *node) {
    const char *const headings[] = {node->id, node_status_text(node->status)};
    struct table table;
    table_begin(&table, headings, 2);
    add_device(&table, node);
    add_update(&table, node);
    table_print(&table);
    table_free(&table);
}

// A table of the members of an object, all text.
static void print_members(const cJSON *object, const char *name,
                          const char *value) {
    const char *const headings[] = {name, value};
    struct table table;
    const cJSON *member;
    if (!cJSON_IsObject(object) || object->child == NULL) {
        return;
    }
    table_begin(&table, headings, 2);
    cJSON_ArrayForEach(member, object) {
        table_cell(&table, STYLE_PLAIN, "%s", member->string);
        table_cell(&table, STYLE_PLAIN, "%s",
                   cJSON_IsString(member) ? member->valuestring : "?");
    }
    printf("\n");
    table_print(&table);
    table_free(&table);
}

static void print_node(const struct node *node) {
    print_facts(node);
    print_members(cJSON_GetObjectItemCaseSensitive(node->info, "versions"),
                  "PACKAGE", "VERSION");
    print_members(cJSON_GetObjectItemCaseSensitive(node->info, "files"), "FILE",
                  "SHA-256");
}

static enum cli_exit show(const struct request *request,
                          const struct fleet *fleet) {
    const struct node *node = fleet_find(fleet, request->node);
    if (node == NULL) {
        return cli_fail(CLI_SILENT,
                        "%s: the broker knows nothing of this node; see "
                        "'blox nodes'",
                        request->node);
    }
    if (request->output.json) {
        output_document(node_json(node));
    } else {
        print_node(node);
    }
    return CLI_OK;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct fleet fleet = {0};
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result == CLI_OK) {
        result = fleet_read(&fleet, &request->broker, request->node, 0);
    }
    if (result == CLI_OK) {
        result = show(request, &fleet);
    }
    fleet_free(&fleet);
    return result;
}

static const struct cli_option_group GROUPS[] = {
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "NODE",
     .offset = offsetof(struct request, node),
     .set = cli_set_level,
     .help = "the device's MQTT client id"},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Shows what a device says of itself", "blox show esp32-840d8ed29760"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_show = {
    .name = "show",
    .summary = "show all about one device",
    .about = "Shows what a device said last: its hardware and firmware, room, "
             "boots, the state of its update, its packages and files.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
