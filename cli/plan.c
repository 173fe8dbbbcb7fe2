// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/entries.h"
#include "cli/node_plan.h"
#include "cli/output.h"
#include "cli/retained.h"
#include "cli/table.h"
#include "cli/verbs.h"

struct request {
    struct broker_settings broker;
    struct output_settings output;
    struct entries entries;
    const char *channel;
    struct cli_texts nodes;
};

struct planning {
    const struct request *request;
    struct fleet fleet;
    struct retained lists;
    char *text; // of the list
    struct table table;
    cJSON *array;
    enum cli_exit result;
};

// ---- one node ---------------------------------------------------------------

static const char *action(const struct node_step *step) {
    return step->type == BLOX_LIST_DELETE ? "delete"
           : step->replaces               ? "replace"
                                          : "install";
}

static void add_row(struct table *table, const char *node, const char *what,
                    const char *from, const char *doing,
                    enum terminal_style style) {
    table_cell(table, STYLE_PLAIN, "%s", node);
    table_cell(table, style, "%s", doing);
    table_cell(table, STYLE_PLAIN, "%s", what);
    table_cell(table, STYLE_DIM, "%s", from);
}

static void add_step(struct table *table, const struct node *node,
                     const struct node_step *step) {
    add_row(table, node->id, step->what, step->had != NULL ? step->had : "",
            action(step), STYLE_PLAIN);
    if (step->type == BLOX_LIST_DELETE) {
        table_cell(table, STYLE_PLAIN, "%s", "");
    } else if (step->has_size) {
        table_cell(table, STYLE_PLAIN, "%u", step->size);
    } else {
        table_cell(table, STYLE_PLAIN, "?");
    }
}

static void add_note(struct table *table, const struct node *node,
                     const char *doing, const char *note,
                     enum terminal_style style) {
    add_row(table, node->id, note, "", doing, style);
    table_cell(table, STYLE_PLAIN, "%s", "");
}

static void add_node(struct table *table, const struct node *node,
                     const struct node_plan *plan) {
    for (size_t i = 0; i < plan->count; ++i) {
        add_step(table, node, &plan->steps[i]);
    }
    if (plan->why[0] != '\0') {
        add_note(table, node, "refuse", plan->why, STYLE_BAD);
    } else if (plan->no_room) {
        add_note(table, node, "refuse", "no room on its flash", STYLE_BAD);
    } else if (!plan->for_me) {
        add_note(table, node, "nothing", "no entry is for this device",
                 STYLE_DIM);
    } else if (plan->count == 0) {
        add_note(table, node, "nothing", "all in place", STYLE_DIM);
    }
}

static cJSON *step_json(const struct node_step *step) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "action", action(step));
    cJSON_AddStringToObject(object, "type", update_type_text(step->type));
    cJSON_AddStringToObject(object, "what", step->what);
    output_add_text(object, "installed", step->had);
    if (step->has_size) {
        cJSON_AddNumberToObject(object, "bytes", step->size);
    } else {
        cJSON_AddNullToObject(object, "bytes");
    }
    return object;
}

static cJSON *plan_json(const struct node *node, const struct node_plan *plan) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "node", node->id);
    cJSON *steps = cJSON_AddArrayToObject(object, "steps");
    for (size_t i = 0; i < plan->count; ++i) {
        cJSON_AddItemToArray(steps, step_json(&plan->steps[i]));
    }
    cJSON_AddStringToObject(object, "set", plan->set);
    cJSON_AddBoolToObject(object, "for_this_node", plan->for_me);
    output_add_text(object, "refused",
                    plan->why[0] != '\0' ? plan->why
                    : plan->no_room      ? "no room on its flash"
                                         : NULL);
    return object;
}

static void plan_node(struct planning *planning, const struct node *node) {
    struct node_plan plan;
    bool taken =
        node_plan_make(&plan, node, planning->text, strlen(planning->text));
    if (!taken || plan.no_room) {
        planning->result = CLI_FAILED;
    }
    add_node(&planning->table, node, &plan);
    cJSON_AddItemToArray(planning->array, plan_json(node, &plan));
    node_plan_free(&plan);
}

// ---- all of them ------------------------------------------------------------

static bool is_meant(const struct request *request, const struct node *node) {
    const char *channel = node_channel(node);
    for (size_t i = 0; i < request->nodes.count; ++i) {
        if (strcmp(request->nodes.items[i], node->id) == 0) {
            return true;
        }
    }
    return node->info != NULL && request->channel != NULL && channel != NULL &&
           strcmp(channel, request->channel) == 0;
}

static enum cli_exit plan_all(struct planning *planning) {
    static const char *const headings[] = {"NODE", "ACTION", "WHAT", "FROM",
                                           "BYTES"};
    bool json = planning->request->output.json;
    table_begin(&planning->table, headings, 5);
    planning->array = cJSON_CreateArray();
    for (size_t i = 0; i < planning->fleet.count; ++i) {
        if (is_meant(planning->request, &planning->fleet.nodes[i])) {
            plan_node(planning, &planning->fleet.nodes[i]);
        }
    }
    bool none = cJSON_GetArraySize(planning->array) == 0;
    if (json) {
        output_document(planning->array);
    } else {
        cJSON_Delete(planning->array);
    }
    if (!json && !none) {
        table_print(&planning->table);
    }
    return !none ? planning->result
                 : cli_fail(CLI_SILENT, "plan: the broker knows none of these "
                                        "nodes; see 'blox nodes'");
}

// The list that would be published, or the one that is there.
static enum cli_exit find_list(struct planning *planning) {
    const struct request *request = planning->request;
    struct package *packages;
    size_t count;
    if (request->entries.count == 0) {
        if (planning->lists.count == 0) {
            return cli_fail(CLI_SILENT,
                            "%s: no list on this channel; name the files to "
                            "plan with",
                            request->channel);
        }
        planning->text = cli_format("%s", planning->lists.ones[0].payload);
        return CLI_OK;
    }
    enum cli_exit result = entries_load(&request->entries, &packages, &count);
    if (result == CLI_OK) {
        planning->text = package_list(packages, count);
    }
    for (size_t i = 0; i < count; ++i) {
        package_free(&packages[i]);
    }
    free(packages);
    return result;
}

static void on_message(void *context, const struct broker_message *message) {
    struct planning *planning = context;
    if (topic_behind(message->topic, "mpypi/channels/") != NULL) {
        retained_take(&planning->lists, message);
    } else {
        fleet_take(&planning->fleet, message);
    }
}

static enum cli_exit look(struct planning *planning) {
    struct broker broker;
    const struct broker_listener listener = {planning, on_message};
    const char *filters[FLEET_FILTERS + 1];
    size_t count = FLEET_FILTERS;
    char *list = NULL;
    memcpy(filters, fleet_filters, sizeof fleet_filters);
    if (planning->request->channel != NULL) {
        list = cli_format("mpypi/channels/%s", planning->request->channel);
        filters[count++] = list;
    }
    enum cli_exit result = broker_open(&broker, &planning->request->broker);
    if (result == CLI_OK) {
        result = broker_collect(&broker, &listener, filters, count);
    }
    broker_close(&broker);
    free(list);
    return result;
}

static enum cli_exit check(struct request *request) {
    if (request->channel == NULL && request->nodes.count == 0) {
        return cli_fail(CLI_USAGE, "plan: no --channel and no --node; say for "
                                   "which devices");
    }
    if (request->channel == NULL && request->entries.count == 0) {
        return cli_fail(CLI_USAGE, "plan: nothing to plan; name a FILE, a path "
                                   "to --delete, or a --channel with a list");
    }
    return broker_settings_complete(&request->broker);
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct planning planning = {.request = request};
    enum cli_exit result = check(request);
    result = result == CLI_OK ? look(&planning) : result;
    result = result == CLI_OK ? find_list(&planning) : result;
    result = result == CLI_OK ? plan_all(&planning) : result;
    table_free(&planning.table);
    retained_free(&planning.lists);
    fleet_free(&planning.fleet);
    free(planning.text);
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "channel",
     .value = "NAME",
     .offset = offsetof(struct request, channel),
     .set = cli_set_topic,
     .help = "the nodes of this channel, and without files its list"},
    {.name = "node",
     .value = "ID",
     .offset = offsetof(struct request, nodes),
     .set = cli_add_level,
     .help = "a single device, by its MQTT client id; may be repeated"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Files", entries_options, offsetof(struct request, entries)},
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "FILE",
     .offset = offsetof(struct request, entries),
     .set = entries_add_file,
     .help = "a wheel, or a file for / of the device, as publish takes it",
     .optional = true,
     .many = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Shows what publishing this would do",
     "blox plan --channel latest user_main.py bigpkg-1.0-py3-none-any.whl"},
    {"Shows what devices of a channel have yet to do",
     "blox plan --channel latest"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_plan = {
    .name = "plan",
    .summary = "show what an update would do to each device",
    .about =
        "Shows what each device would download, replace and delete, without "
        "sending anything: with files as publish would send them, else with "
        "the list the channel has. The devices' own planner works on what "
        "they last said of themselves; files that did not come by an update "
        "are not known to it.",
    .usage = "(--channel NAME | --node ID)... [OPTION]... [FILE]...",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(FAILED) | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
