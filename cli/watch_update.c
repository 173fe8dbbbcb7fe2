// SPDX-License-Identifier: MIT
#include "cli/watch_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/node_plan.h"
#include "cli/output.h"
#include "cli/select.h"

enum { LIMIT = 180 }; // seconds; a trial alone is silent for 60

static const double TURN = 0.2;
// A result that is not certainly of our list counts when it stays so long, or
// half the limit.
static const double STALE = 8;

const struct cli_option watch_options[] = {
    {.name = "watch",
     .offset = offsetof(struct watch_settings, on),
     .set = cli_set_true,
     .help = "then follow every node until the update is confirmed, rolled "
             "back or failed"},
    {.name = "watch-limit",
     .value = "SECONDS",
     .offset = offsetof(struct watch_settings, limit),
     .set = cli_set_number,
     .help = "how long a node may say nothing before it counts as silent",
     .standard = "180"},
    {.name = NULL},
};

static const struct {
    const char *text;
    enum terminal_style style;
} OUTCOMES[WATCH_OUTCOMES] = {
    [WATCH_WAITING] = {"waiting", STYLE_WARN},
    [WATCH_CONFIRMED] = {"confirmed", STYLE_GOOD},
    [WATCH_NOT_FOR_ME] = {"not for it", STYLE_DIM},
    [WATCH_FAILED] = {"failed", STYLE_BAD},
    [WATCH_ROLLED_BACK] = {"rolled back", STYLE_BAD},
    [WATCH_OFFLINE] = {"offline", STYLE_WARN},
    [WATCH_SILENT] = {"silent", STYLE_WARN},
};

// ---- who is followed --------------------------------------------------------

static bool has_text(const struct cli_texts *texts, const char *text) {
    for (size_t i = 0; text != NULL && i < texts->count; ++i) {
        if (strcmp(texts->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static struct followed *find(const struct update_watch *watch, const char *id) {
    for (size_t i = 0; i < watch->count; ++i) {
        if (strcmp(watch->followed[i].id, id) == 0) {
            return &watch->followed[i];
        }
    }
    return NULL;
}

static struct followed *obtain(struct update_watch *watch, const char *id) {
    struct followed *one = find(watch, id);
    if (one == NULL) {
        watch->followed = cli_grow(watch->followed, watch->count + 1,
                                   sizeof *watch->followed);
        one = &watch->followed[watch->count++];
        *one = (struct followed){.id = cli_format("%s", id),
                                 .for_me = true,
                                 .heard = broker_clock()};
    }
    return one;
}

// Which set the list is to this node, once that can be told.
static void learn_set(struct update_watch *watch, struct followed *one,
                      const struct node *node) {
    struct node_plan plan;
    if (one->set[0] != '\0' || node->info == NULL) {
        return;
    }
    if (node_plan_make(&plan, node, watch->list, strlen(watch->list))) {
        memcpy(one->set, plan.set, sizeof one->set);
        one->for_me = plan.for_me;
    }
    node_plan_free(&plan);
}

static void on_message(void *context, const struct broker_message *message) {
    struct update_watch *watch = context;
    const struct node *node = fleet_take(&watch->fleet, message);
    if (node == NULL || (!has_text(watch->channels, node_channel(node)) &&
                         !has_text(watch->nodes, node->id))) {
        return;
    }
    struct followed *one = obtain(watch, node->id);
    size_t size = strlen(message->topic);
    bool update = size > 7 && strcmp(message->topic + size - 7, "/update") == 0;
    one->heard = broker_clock();
    one->fresh |= update && watch->published && !message->retained;
    learn_set(watch, one, node);
}

// ---- what becomes of it -----------------------------------------------------

static bool state_is(const struct node *node, const char *state) {
    const char *own = node_state(node);
    return own != NULL && strcmp(own, state) == 0;
}

// A device of before 1.0 tells nothing but what it has.
static bool original_has_it(const struct update_watch *watch,
                            const struct node *node) {
    struct node_plan plan;
    bool has = node_is_original(node) &&
               node_plan_make(&plan, node, watch->list, strlen(watch->list));
    has = has && plan.count == 0;
    if (node_is_original(node)) {
        node_plan_free(&plan);
    }
    return has;
}

// Whether a node has ended with the list in force, or with any since then.
static enum watch_outcome ended(const struct node *node,
                                const struct followed *one, bool stays) {
    const char *latest = json_text(node->update, "latest");
    const char *installed = json_text(node->update, "installed");
    bool ours = latest != NULL && strcmp(latest, one->set) == 0;
    bool all_in_place = state_is(node, "idle") && installed != NULL &&
                        strcmp(installed, one->set) == 0;
    bool counts = (one->fresh && ours) || ((one->fresh || ours) && stays);
    if (ours && (state_is(node, "confirmed") || all_in_place)) {
        return WATCH_CONFIRMED;
    }
    return counts && state_is(node, "failed")        ? WATCH_FAILED
           : counts && state_is(node, "rolled_back") ? WATCH_ROLLED_BACK
                                                     : WATCH_WAITING;
}

static enum watch_outcome judge(const struct update_watch *watch,
                                const struct followed *one) {
    const struct node *node = fleet_find(&watch->fleet, one->id);
    double quiet = broker_clock() - one->heard;
    unsigned limit =
        watch->settings->limit > 0 ? watch->settings->limit : LIMIT;
    enum watch_outcome outcome = WATCH_WAITING;
    if (!one->for_me) {
        return WATCH_NOT_FOR_ME;
    }
    if (node != NULL) {
        outcome = original_has_it(watch, node)
                      ? WATCH_CONFIRMED
                      : ended(node, one, quiet > STALE || quiet > limit / 2.);
    }
    if (outcome == WATCH_WAITING && node != NULL && !one->fresh &&
        node->status == NODE_OFFLINE) {
        return WATCH_OFFLINE;
    }
    return outcome == WATCH_WAITING && quiet > limit ? WATCH_SILENT : outcome;
}

// ---- showing it -------------------------------------------------------------

// How far a node is, or why it ended so. What it said before we published is
// about another update.
static char *describe(const struct node *node, const struct followed *one) {
    const char *error = node != NULL ? node_error(node) : NULL;
    enum watch_outcome outcome = one->outcome;
    if (outcome == WATCH_WAITING || outcome == WATCH_SILENT) {
        return one->fresh ? node_progress(node) : cli_format("%s", "");
    }
    bool bad = outcome == WATCH_FAILED || outcome == WATCH_ROLLED_BACK;
    return cli_format("%s", bad && error != NULL ? error : "");
}

static void draw(struct update_watch *watch) {
    table_clear(&watch->table);
    for (size_t i = 0; i < watch->count; ++i) {
        const struct followed *one = &watch->followed[i];
        const struct node *node = fleet_find(&watch->fleet, one->id);
        char *text = describe(node, one);
        table_cell(&watch->table, STYLE_PLAIN, "%s", one->id);
        table_cell(&watch->table, OUTCOMES[one->outcome].style, "%s",
                   OUTCOMES[one->outcome].text);
        table_cell(&watch->table, STYLE_PLAIN, "%s", text);
        free(text);
    }
    table_redraw(&watch->table);
}

static void print_json(const struct update_watch *watch,
                       const struct followed *one) {
    const struct node *node = fleet_find(&watch->fleet, one->id);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "node", one->id);
    cJSON_AddStringToObject(object, "outcome", OUTCOMES[one->outcome].text);
    output_add_text(object, "state", node != NULL ? node_state(node) : NULL);
    output_add_text(object, "error", node != NULL ? node_error(node) : NULL);
    output_line(object);
}

// A line when the outcome or the state changes; progress alone is no news.
static void print_news(struct update_watch *watch, struct followed *one) {
    const struct node *node = fleet_find(&watch->fleet, one->id);
    const char *state = node != NULL ? node_state(node) : NULL;
    bool waits = one->outcome == WATCH_WAITING;
    char *why = describe(node, one);
    char *text = cli_format(
        "%s: %s%s%s", one->id,
        waits && one->fresh && state != NULL ? state
                                             : OUTCOMES[one->outcome].text,
        waits || why[0] == '\0' ? "" : ": ", waits ? "" : why);
    free(why);
    if (one->said != NULL && strcmp(one->said, text) == 0) {
        free(text);
        return;
    }
    free(one->said);
    one->said = terminal_clean(text);
    if (watch->json) {
        print_json(watch, one);
    } else {
        printf("%s\n", text);
        fflush(stdout);
    }
}

static int by_id(const void *a, const void *b) {
    const struct followed *one = a, *other = b;
    return strcmp(one->id, other->id);
}

// Judges all anew and shows it. Returns whether all have ended.
static bool show(struct update_watch *watch) {
    bool done = true;
    if (watch->count > 0) {
        qsort(watch->followed, watch->count, sizeof *watch->followed, by_id);
    }
    for (size_t i = 0; i < watch->count; ++i) {
        struct followed *one = &watch->followed[i];
        one->outcome = judge(watch, one);
        done = done && one->outcome != WATCH_WAITING;
        if (!watch->live) {
            print_news(watch, one);
        }
    }
    if (watch->live) {
        draw(watch);
    }
    return done;
}

// A live table may have cut why.
static void print_failures(const struct update_watch *watch) {
    for (size_t i = 0; i < watch->count && watch->live; ++i) {
        const struct followed *one = &watch->followed[i];
        char *why =
            terminal_clean(describe(fleet_find(&watch->fleet, one->id), one));
        bool failed =
            one->outcome == WATCH_FAILED || one->outcome == WATCH_ROLLED_BACK;
        if (failed && why[0] != '\0') {
            printf("%s: %s\n", one->id, why);
        }
        free(why);
    }
}

static enum cli_exit sum_up(const struct update_watch *watch) {
    size_t counts[WATCH_OUTCOMES] = {0};
    for (size_t i = 0; i < watch->count; ++i) {
        ++counts[watch->followed[i].outcome];
    }
    const char *gap = "";
    print_failures(watch);
    for (size_t i = 0; i < WATCH_OUTCOMES && !watch->json; ++i) {
        if (counts[i] > 0) {
            printf("%s%zu %s", gap, counts[i], OUTCOMES[i].text);
            gap = ", ";
        }
    }
    printf("%s", watch->json ? "" : "\n");
    if (counts[WATCH_FAILED] + counts[WATCH_ROLLED_BACK] > 0) {
        return CLI_FAILED;
    }
    return counts[WATCH_OFFLINE] + counts[WATCH_SILENT] > 0 ? CLI_SILENT
                                                            : CLI_OK;
}

// ---- from outside -----------------------------------------------------------

enum cli_exit update_watch_begin(struct update_watch *watch,
                                 struct broker *broker) {
    static const char *const headings[] = {"NODE", "OUTCOME", "UPDATE"};
    watch->live = terminal_is(STDOUT_FILENO) && !watch->json;
    watch->listener = (struct broker_listener){watch, on_message};
    table_begin(&watch->table, headings, 3);
    for (size_t i = 0; i < watch->nodes->count; ++i) {
        obtain(watch, watch->nodes->items[i]);
    }
    return broker_collect(broker, &watch->listener, fleet_filters,
                          FLEET_FILTERS);
}

enum cli_exit update_watch_follow(struct update_watch *watch,
                                  struct broker *broker) {
    enum cli_exit result = CLI_OK;
    unsigned losses = 0;
    if (watch->count == 0) {
        return cli_fail(CLI_SILENT, "watch: the broker knows no node of this "
                                    "channel; see 'blox nodes'");
    }
    watch->published = true;
    broker->patient = true;
    for (size_t i = 0; i < watch->count; ++i) {
        watch->followed[i].heard = broker_clock();
    }
    while (!show(watch) && result == CLI_OK) {
        result =
            broker_follow(broker, TURN, NULL, fleet_filters, FLEET_FILTERS);
        if (broker->losses != losses) {
            losses = broker->losses;
            table_forget(&watch->table);
        }
    }
    return result == CLI_OK ? sum_up(watch)
           : result == CLI_INTERRUPTED
               ? cli_fail(result, "stopped watching; the update goes on "
                                  "without us, see 'blox watch'")
               : result;
}

void update_watch_free(struct update_watch *watch) {
    for (size_t i = 0; i < watch->count; ++i) {
        free(watch->followed[i].id);
        free(watch->followed[i].said);
    }
    free(watch->followed);
    table_free(&watch->table);
    fleet_free(&watch->fleet);
}
