// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/fleet_table.h"
#include "cli/output.h"
#include "cli/verbs.h"

static const double REDRAW = 0.2; // seconds

struct request {
    struct broker_settings broker;
    struct output_settings output;
    struct selection selection;
    unsigned seconds;
};

struct watch {
    const struct request *request;
    struct fleet fleet;
    struct table table;
    bool started;      // what was there before is known
    bool live;         // a table that is drawn again and again
    bool changed;      // since it was drawn
    char **said;       // what was last printed of each node
    size_t said_count; // in the order nodes came
};

// ---- lines ------------------------------------------------------------------

// What a line says of a node; progress alone is no news.
static char *describe(const struct node *node) {
    const char *state = node_state(node);
    const char *package = json_text(node->update, "pkg");
    const char *error = node_error(node);
    return cli_format("%s  %s  %s%s%s%s%s", node->id,
                      node_status_text(node->status),
                      state != NULL ? state : "-", package != NULL ? " " : "",
                      package != NULL ? package : "", error != NULL ? ": " : "",
                      error != NULL ? error : "");
}

// Whether text is news of that node; takes text over if so.
static bool is_news(struct watch *watch, const char *id, char *text) {
    size_t size = strlen(id);
    for (size_t i = 0; i < watch->said_count; ++i) {
        if (strncmp(watch->said[i], id, size) != 0 ||
            watch->said[i][size] != ' ') {
            continue;
        }
        if (strcmp(watch->said[i], text) == 0) {
            return false;
        }
        free(watch->said[i]);
        watch->said[i] = text;
        return true;
    }
    watch->said =
        cli_grow(watch->said, watch->said_count + 1, sizeof *watch->said);
    watch->said[watch->said_count++] = text;
    return true;
}

static void print_json(const struct node *node, const char *now) {
    cJSON *object = node_json(node);
    cJSON_DeleteItemFromObject(object, "info");
    cJSON_AddStringToObject(object, "time", now);
    output_line(object);
}

static void print_news(struct watch *watch, const struct node *node) {
    char now[32];
    time_t seconds = time(NULL);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    char *text = describe(node);
    if (!is_news(watch, node->id, text)) {
        free(text);
    } else if (watch->request->output.json) {
        print_json(node, now);
    } else {
        char *line = cli_format("%s", text);
        printf("%s  %s\n", now, terminal_clean(line));
        fflush(stdout);
        free(line);
    }
}

// ---- the table --------------------------------------------------------------

static void draw(struct watch *watch) {
    table_clear(&watch->table);
    fleet_table_rows(&watch->table, &watch->fleet, &watch->request->selection);
    table_redraw(&watch->table);
    watch->changed = false;
}

static void on_message(void *context, const struct broker_message *message) {
    struct watch *watch = context;
    const struct node *node = fleet_take(&watch->fleet, message);
    if (node == NULL || !selection_has(&watch->request->selection, node)) {
        return;
    }
    watch->changed = true;
    if (watch->started && !watch->live) {
        print_news(watch, node);
    }
}

static void print_start(struct watch *watch) {
    watch->started = true;
    for (size_t i = 0; i < watch->fleet.count && !watch->live; ++i) {
        const struct node *node = &watch->fleet.nodes[i];
        if (selection_has(&watch->request->selection, node)) {
            print_news(watch, node);
        }
    }
}

static enum cli_exit follow(struct watch *watch, struct broker *broker) {
    unsigned seconds = watch->request->seconds;
    double end = broker_clock() + seconds;
    enum cli_exit result = CLI_OK;
    unsigned losses = 0;
    print_start(watch);
    // What nobody reads any more, as behind `| head`, is not followed.
    while (result == CLI_OK && ferror(stdout) == 0 &&
           (seconds == 0 || broker_clock() < end)) {
        if (watch->live && watch->changed) {
            draw(watch);
        }
        result =
            broker_follow(broker, REDRAW, NULL, fleet_filters, FLEET_FILTERS);
        if (broker->losses != losses) {
            losses = broker->losses;
            table_forget(&watch->table);
        }
    }
    return result == CLI_INTERRUPTED ? CLI_OK : result;
}

static enum cli_exit watch(struct watch *watch) {
    struct broker broker;
    const struct broker_listener listener = {watch, on_message};
    enum cli_exit result = broker_open(&broker, &watch->request->broker);
    broker.patient = true;
    if (result == CLI_OK) {
        result =
            broker_collect(&broker, &listener, fleet_filters, FLEET_FILTERS);
        result = result == CLI_OK            ? follow(watch, &broker)
                 : result == CLI_INTERRUPTED ? CLI_OK
                                             : result;
    }
    broker_close(&broker);
    return result;
}

static void release(struct watch *watch) {
    for (size_t i = 0; i < watch->said_count; ++i) {
        free(watch->said[i]);
    }
    free(watch->said);
    table_free(&watch->table);
    fleet_free(&watch->fleet);
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct watch state = {.request = request};
    broker_settings_listen(&request->broker);
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result != CLI_OK) {
        return result;
    }
    state.live = terminal_is(STDOUT_FILENO) && !request->output.json;
    fleet_table_begin(&state.table);
    result = watch(&state);
    release(&state);
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "for",
     .value = "SECONDS",
     .offset = offsetof(struct request, seconds),
     .set = cli_set_number,
     .help = "end after so long",
     .standard = "until Ctrl-C"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Selection", selection_options, offsetof(struct request, selection)},
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "NODE",
     .offset = offsetof(struct request, selection.patterns),
     .set = cli_add_text,
     .help = "only nodes of this id; * stands for anything",
     .optional = true,
     .many = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Follows the devices of a channel", "blox watch --channel latest"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_watch = {
    .name = "watch",
    .summary = "follow the devices as they change",
    .about = "Shows the devices and their updates as they change: on a "
             "terminal a table that stays up to date, else a line for each "
             "change, with --json an object for each.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER,
    .request_size = sizeof(struct request),
    .run = run,
};
