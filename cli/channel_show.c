// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/retained.h"
#include "cli/table.h"
#include "cli/update_list.h"
#include "cli/verbs.h"

static const char PREFIX[] = "mpypi/channels/";

enum { SHORT_HASH = 12 }; // hex digits of a hash in a table

struct request {
    struct broker_settings broker;
    struct output_settings output;
    const char *channel;
};

// ---- one channel ------------------------------------------------------------

static void add_entry(struct table *table, const struct update_entry *entry) {
    char *label = update_entry_label(entry);
    table_cell(table, STYLE_PLAIN, "%s", update_type_text(entry->type));
    table_cell(table, STYLE_PLAIN, "%s", label);
    if (entry->has_size) {
        table_cell(table, STYLE_PLAIN, "%u", entry->size);
    } else {
        table_cell(table, STYLE_PLAIN, "%s", entry->sha256[0] ? "?" : "");
    }
    table_cell(table, STYLE_DIM, "%.*s", SHORT_HASH, entry->sha256);
    table_cell(table, STYLE_PLAIN, "%s%s%s",
               entry->tag != NULL ? entry->tag : "",
               entry->mpy != NULL ? " mpy " : "",
               entry->mpy != NULL ? entry->mpy : "");
    free(label);
}

static void print_list(const struct update_list *list) {
    static const char *const headings[] = {"TYPE", "PACKAGE", "BYTES",
                                           "SHA-256", "FOR"};
    struct table table;
    table_begin(&table, headings, sizeof headings / sizeof *headings);
    for (size_t i = 0; i < list->count; ++i) {
        add_entry(&table, &list->entries[i]);
    }
    table_print(&table);
    table_free(&table);
}

static cJSON *channel_json(const struct retained_one *one) {
    struct update_list list;
    cJSON *object = cJSON_CreateObject();
    cJSON *entries = cJSON_ParseWithLength(one->payload, one->size);
    bool good = update_list_read(&list, one->payload, one->size);
    cJSON_AddStringToObject(object, "channel",
                            topic_behind(one->topic, PREFIX));
    cJSON_AddItemToObject(object, "list",
                          entries != NULL ? entries : cJSON_CreateNull());
    output_add_text(object, "error", good ? NULL : list.why);
    update_list_free(&list);
    return object;
}

static enum cli_exit show_one(const struct request *request,
                              const struct retained *retained) {
    if (retained->count == 0) {
        return cli_fail(CLI_SILENT,
                        "%s: no list on this channel; see 'blox channel show'",
                        request->channel);
    }
    const struct retained_one *one = &retained->ones[0];
    struct update_list list;
    enum cli_exit result = CLI_OK;
    if (request->output.json) {
        output_document(channel_json(one));
    }
    if (!update_list_read(&list, one->payload, one->size)) {
        result = cli_fail(CLI_INPUT,
                          "%s: devices refuse this list: %s; publish again",
                          request->channel, list.why);
    } else if (!request->output.json) {
        print_list(&list);
    }
    update_list_free(&list);
    return result;
}

// ---- all channels -----------------------------------------------------------

static int by_topic(const void *a, const void *b) {
    const struct retained_one *one = a, *other = b;
    return strcmp(one->topic, other->topic);
}

static void add_channel(struct table *table, const struct retained_one *one) {
    struct update_list list;
    bool good = update_list_read(&list, one->payload, one->size);
    size_t count = list.count;
    bool is_signed =
        count > 0 && list.entries[count - 1].type == BLOX_LIST_SIGNATURE;
    table_cell(table, STYLE_PLAIN, "%s", topic_behind(one->topic, PREFIX));
    table_cell(table, STYLE_PLAIN, "%zu", count - is_signed);
    table_cell(table, STYLE_PLAIN, "%zu", one->size);
    table_cell(table, STYLE_PLAIN, "%s", is_signed ? "yes" : "no");
    table_cell(table, STYLE_BAD, "%s", good ? "" : list.why);
    update_list_free(&list);
}

static void show_all(const struct request *request,
                     const struct retained *retained) {
    static const char *const headings[] = {"CHANNEL", "ENTRIES", "BYTES",
                                           "SIGNED", "ERROR"};
    struct table table;
    cJSON *array = cJSON_CreateArray();
    table_begin(&table, headings, sizeof headings / sizeof *headings);
    if (retained->count > 0) {
        qsort(retained->ones, retained->count, sizeof *retained->ones,
              by_topic);
    }
    for (size_t i = 0; i < retained->count; ++i) {
        add_channel(&table, &retained->ones[i]);
        cJSON_AddItemToArray(array, channel_json(&retained->ones[i]));
    }
    if (request->output.json) {
        output_document(array);
    } else {
        table_print(&table);
        cJSON_Delete(array);
    }
    table_free(&table);
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct retained retained = {0};
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result != CLI_OK) {
        return result;
    }
    char *filter = cli_format(
        "%s%s", PREFIX, request->channel != NULL ? request->channel : "#");
    const char *filters[] = {filter};
    result = retained_read(&retained, &request->broker, filters, 1);
    if (result == CLI_OK && request->channel != NULL) {
        result = show_one(request, &retained);
    } else if (result == CLI_OK) {
        show_all(request, &retained);
    }
    free(filter);
    retained_free(&retained);
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option_group GROUPS[] = {
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "CHANNEL",
     .offset = offsetof(struct request, channel),
     .set = cli_set_topic,
     .help = "the channel (default: a line for each)",
     .optional = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Shows what devices of a channel are to install",
     "blox channel show latest"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_channel_show = {
    .name = "channel show",
    .summary = "show the update list of a channel, or all channels",
    .about = "Shows the update list that a channel has, as a device reads it; "
             "without a name, which channels have one.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
