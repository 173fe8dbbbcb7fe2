// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/clear.h"
#include "cli/fleet.h"
#include "cli/node_plan.h"
#include "cli/output.h"
#include "cli/retained.h"
#include "cli/table.h"
#include "cli/update_list.h"
#include "cli/verbs.h"

enum {
    WAIT = 5, // seconds
    HASH = 64 // hex digits
};

struct request {
    struct broker_settings broker;
    struct output_settings output;
    bool dry_run;
    bool yes;
    bool force;
    unsigned wait;
};

struct gc {
    const struct request *request;
    struct retained lists;
    struct retained packages;
    struct fleet fleet;
};

static const char *const FILTERS[] = {
    "mpypi/packages/#",   "mypypi/packages/#",    "mpypi/channels/#",
    "mpypi/nodes/+/info", "mpypi/nodes/+/update",
};

// In this order prefixes of prefixes come last.
static const char *const PREFIXES[] = {
    "mpypi/packages/wheel/",
    "mpypi/packages/src/",
    "mypypi/packages/",
};

static void on_message(void *context, const struct broker_message *message) {
    struct gc *gc = context;
    if (topic_behind(message->topic, "mpypi/channels/") != NULL) {
        retained_take(&gc->lists, message);
    } else if (topic_behind(message->topic, "mpypi/nodes/") != NULL) {
        fleet_take(&gc->fleet, message);
    } else {
        retained_take_size(&gc->packages, message);
    }
}

// ---- what is named ----------------------------------------------------------

// Whether a list has this text anywhere: also in entries that only a later
// version of the tool understands.
static bool mentions(const struct gc *gc, const char *text) {
    for (size_t i = 0; i < gc->lists.count; ++i) {
        if (strcasestr(gc->lists.ones[i].payload, text) != NULL) {
            return true;
        }
    }
    return false;
}

// JSON may write a path in several ways, so it is read.
static bool names_path(const struct gc *gc, const char *path) {
    bool named = false;
    for (size_t i = 0; i < gc->lists.count && !named; ++i) {
        struct update_list list;
        update_list_read(&list, gc->lists.ones[i].payload,
                         gc->lists.ones[i].size);
        for (size_t at = 0; at < list.count && !named; ++at) {
            const char *own = list.entries[at].path;
            named = own != NULL && strcmp(own, path) == 0;
        }
        update_list_free(&list);
    }
    return named;
}

// The topics of PROTOCOL §3 are hashes, paths, or paths with a hash behind.
static bool is_named(const struct gc *gc, const char *topic) {
    const char *rest = NULL;
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES && !rest; ++i) {
        rest = topic_behind(topic, PREFIXES[i]);
    }
    if (rest == NULL) {
        return true; // not of a form we know: not ours to remove
    }
    const char *slash = strrchr(rest, '/');
    const char *last = slash != NULL ? slash + 1 : rest;
    bool hash =
        strlen(last) == HASH && strspn(last, "0123456789abcdefABCDEF") == HASH;
    return (hash && mentions(gc, last)) || names_path(gc, rest);
}

// The lists must be understood before anything is said to be unnamed.
static enum cli_exit check_lists(const struct gc *gc) {
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < gc->lists.count && result == CLI_OK; ++i) {
        const struct retained_one *one = &gc->lists.ones[i];
        struct update_list list;
        if (!update_list_read(&list, one->payload, one->size)) {
            const char *channel = topic_behind(one->topic, "mpypi/channels/");
            result = cli_fail(CLI_INPUT,
                              "gc: the list of channel '%s' cannot be read "
                              "(%s); publish it again or clear it first",
                              channel, list.why);
        }
        update_list_free(&list);
    }
    return result;
}

// Whether what a node is about to install is its channel's list.
static bool takes_channel(const struct gc *gc, const struct node *node) {
    struct node_plan plan;
    const char *latest = json_text(node->update, "latest");
    const char *channel = node_channel(node);
    char *topic = cli_format("mpypi/channels/%s", channel ? channel : "");
    const struct retained_one *list = retained_find(&gc->lists, topic);
    free(topic);
    if (latest == NULL || list == NULL) {
        return false;
    }
    bool same = node_plan_make(&plan, node, list->payload, list->size) &&
                strcmp(plan.set, latest) == 0;
    node_plan_free(&plan);
    return same;
}

// A list sent to a node alone is kept nowhere; its packages must not go while
// the node fetches them.
static enum cli_exit check_nodes(const struct gc *gc) {
    for (size_t i = 0; i < gc->fleet.count && !gc->request->force; ++i) {
        const struct node *node = &gc->fleet.nodes[i];
        const char *state = node_state(node);
        bool waits = state != NULL && (strcmp(state, "downloading") == 0 ||
                                       strcmp(state, "available") == 0);
        if (waits && !takes_channel(gc, node)) {
            return cli_fail(CLI_FAILED,
                            "gc: %s is about to install what no channel "
                            "names (%s); wait, or give --force",
                            gc->fleet.nodes[i].id, state);
        }
    }
    return CLI_OK;
}

// ---- what goes --------------------------------------------------------------

static int by_topic(const void *a, const void *b) {
    const struct retained_one *one = a, *other = b;
    return strcmp(one->topic, other->topic);
}

// Moves what goes to the front of packages, sorted. Returns how many.
static size_t select_unnamed(struct gc *gc) {
    struct retained *packages = &gc->packages;
    size_t count = 0;
    for (size_t i = 0; i < packages->count; ++i) {
        if (!packages->ones[i].fresh &&
            !is_named(gc, packages->ones[i].topic)) {
            struct retained_one one = packages->ones[i];
            packages->ones[i] = packages->ones[count];
            packages->ones[count++] = one;
        }
    }
    if (count > 0) {
        qsort(packages->ones, count, sizeof *packages->ones, by_topic);
    }
    return count;
}

static void print_json(const struct gc *gc, size_t count) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; ++i) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "topic", gc->packages.ones[i].topic);
        cJSON_AddNumberToObject(object, "bytes",
                                (double)gc->packages.ones[i].size);
        cJSON_AddItemToArray(array, object);
    }
    output_document(array);
}

static void print_table(const struct gc *gc, size_t count) {
    static const char *const headings[] = {"TOPIC", "BYTES"};
    struct table table;
    table_begin(&table, headings, 2);
    for (size_t i = 0; i < count; ++i) {
        table_cell(&table, STYLE_PLAIN, "%s", gc->packages.ones[i].topic);
        table_cell(&table, STYLE_PLAIN, "%zu", gc->packages.ones[i].size);
    }
    if (count > 0) {
        table_print(&table);
    }
    table_free(&table);
}

static enum cli_exit confirm(const struct gc *gc, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; ++i) {
        bytes += gc->packages.ones[i].size;
    }
    char *question = cli_format(
        "Remove %zu retained messages, %zu bytes, that no channel names?",
        count, bytes);
    enum cli_exit result = cli_ask("gc", question, gc->request->yes);
    free(question);
    return result;
}

static enum cli_exit remove_unnamed(const struct gc *gc, struct broker *broker,
                                    size_t count) {
    const char **topics = cli_grow(NULL, count, sizeof *topics);
    for (size_t i = 0; i < count; ++i) {
        topics[i] = gc->packages.ones[i].topic;
    }
    enum cli_exit result = clear_topics(broker, topics, count);
    free(topics);
    if (result == CLI_OK && !gc->request->output.json) {
        printf("%zu removed\n", count);
    }
    return result;
}

// Somebody may be publishing just now: what is named a little later stays.
static enum cli_exit look_again(struct gc *gc, struct broker *broker) {
    enum cli_exit result = broker_listen(broker, gc->request->wait, NULL);
    result = result == CLI_OK ? check_lists(gc) : result;
    return result == CLI_OK ? check_nodes(gc) : result;
}

static enum cli_exit collect(struct gc *gc, struct broker *broker) {
    enum cli_exit result = check_lists(gc);
    size_t count = select_unnamed(gc);
    if (result != CLI_OK) {
        return result;
    }
    if (gc->request->output.json) {
        print_json(gc, count);
    } else {
        print_table(gc, count);
    }
    if (count == 0 && !gc->request->output.json) {
        printf("nothing to remove\n");
    }
    if (gc->request->dry_run || count == 0) {
        return CLI_OK;
    }
    result = check_nodes(gc);
    result = result == CLI_OK ? confirm(gc, count) : result;
    result = result == CLI_OK ? look_again(gc, broker) : result;
    return result == CLI_OK ? remove_unnamed(gc, broker, select_unnamed(gc))
                            : result;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct gc gc = {.request = request};
    const struct broker_listener listener = {&gc, on_message};
    struct broker broker;
    request->wait = request->wait > 0 ? request->wait : WAIT;
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result != CLI_OK) {
        return result;
    }
    result = broker_open(&broker, &request->broker);
    if (result == CLI_OK) {
        result = broker_collect(&broker, &listener, FILTERS,
                                sizeof FILTERS / sizeof *FILTERS);
    }
    result = result == CLI_OK ? collect(&gc, &broker) : result;
    broker_close(&broker);
    retained_free(&gc.lists);
    retained_free(&gc.packages);
    fleet_free(&gc.fleet);
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "dry-run",
     .offset = offsetof(struct request, dry_run),
     .set = cli_set_true,
     .help = "only show what would go"},
    {.name = "yes",
     .offset = offsetof(struct request, yes),
     .set = cli_set_true,
     .help = "do not ask"},
    {.name = "force",
     .offset = offsetof(struct request, force),
     .set = cli_set_true,
     .help = "also while a node is about to install something else"},
    {.name = "wait",
     .value = "SECONDS",
     .offset = offsetof(struct request, wait),
     .set = cli_set_number,
     .help = "listen so long before anything goes: what somebody publishes "
             "meanwhile stays",
     .standard = "5"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_example EXAMPLES[] = {
    {"Shows what lies on the broker for nothing", "blox gc --dry-run"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_gc = {
    .name = "gc",
    .summary = "remove packages that no channel names",
    .about =
        "Removes retained packages from the broker that no channel's update "
        "list names. What any list names, in whatever form, stays; so does "
        "what is published while this runs. All packages are read for it: "
        "MQTT knows no other way to find them. Do not run it right after a "
        "publish --node: such a list is kept nowhere.",
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(FAILED),
    .request_size = sizeof(struct request),
    .run = run,
};
