// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fleet.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

// As Python's logging has them, the lowest first.
static const struct {
    const char *name;
    enum terminal_style style;
} LEVELS[] = {
    {"DEBUG", STYLE_DIM}, {"INFO", STYLE_PLAIN},   {"WARNING", STYLE_WARN},
    {"ERROR", STYLE_BAD}, {"CRITICAL", STYLE_BAD},
};

enum { LEVEL_COUNT = sizeof LEVELS / sizeof *LEVELS };

struct request {
    struct broker_settings broker;
    struct output_settings output;
    const char *node;
    const char *level;
    unsigned seconds;
    unsigned lines;
};

struct logs {
    const struct request *request;
    size_t lowest;
    unsigned printed;
    bool stop;
};

// The level whose name text begins with; LEVEL_COUNT: none.
static size_t level_of(const char *text) {
    size_t size = strcspn(text, " ");
    size_t level = 0;
    while (level < LEVEL_COUNT && (strlen(LEVELS[level].name) != size ||
                                   strncmp(LEVELS[level].name, text, size))) {
        ++level;
    }
    return level;
}

static size_t option_level(const char *name) {
    size_t level = 0;
    while (level < LEVEL_COUNT && strcasecmp(LEVELS[level].name, name) != 0) {
        ++level;
    }
    return level;
}

static void print_json(const char *node, size_t level, const char *record) {
    cJSON *object = cJSON_CreateObject();
    size_t size = strcspn(record, " ");
    char *time = cli_format("%.*s", (int)size, record);
    const char *text = record;
    cJSON_AddStringToObject(object, "node", node);
    if (level < LEVEL_COUNT) {
        text = record + size + 1 + strlen(LEVELS[level].name);
        text += *text == ' ';
        cJSON_AddStringToObject(object, "time", time);
        cJSON_AddStringToObject(object, "level", LEVELS[level].name);
    }
    cJSON_AddStringToObject(object, "text", text);
    output_line(object);
    free(time);
}

static void print_record(const char *node, size_t level, char *record) {
    enum terminal_style style =
        level < LEVEL_COUNT ? LEVELS[level].style : STYLE_PLAIN;
    for (char *line = strtok(record, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        printf("%s%s%s%s%s\n", node, *node != '\0' ? "  " : "",
               terminal_start(style), terminal_clean(line),
               terminal_end(style));
    }
    fflush(stdout);
}

// A record is "<time> <LEVEL> <logger>: <message>"; what is not is shown, too.
static void on_message(void *context, const struct broker_message *message) {
    struct logs *logs = context;
    const struct request *request = logs->request;
    char *node = fleet_topic_id(message->topic, "log");
    char *record = cli_format("%.*s", (int)message->size, message->payload);
    const char *space = strchr(record, ' ');
    size_t level = space != NULL ? level_of(space + 1) : LEVEL_COUNT;
    if (node != NULL && !logs->stop && level >= logs->lowest) {
        if (request->output.json) {
            print_json(node, level, record);
        } else {
            terminal_clean(node);
            print_record(strcmp(request->node, "+") == 0 ? node : "", level,
                         record);
        }
        ++logs->printed;
        // Nobody reads on, as behind `| head`: then there is no end to wait
        // for.
        logs->stop = logs->printed == request->lines || ferror(stdout) != 0;
    }
    free(record);
    free(node);
}

// A connection that was lost is followed by another, for the rest of the time.
static enum cli_exit listen(struct logs *logs, struct broker *broker,
                            const char *const *filters) {
    unsigned seconds = logs->request->seconds;
    double end = broker_clock() + seconds;
    enum cli_exit result = CLI_OK;
    while (result == CLI_OK && !logs->stop &&
           (seconds == 0 || broker_clock() < end)) {
        result = broker_follow(broker, seconds > 0 ? end - broker_clock() : -1,
                               &logs->stop, filters, 1);
    }
    return result == CLI_INTERRUPTED ? CLI_OK : result;
}

static enum cli_exit follow(struct logs *logs, struct broker *broker) {
    char *filter = cli_format("mpypi/nodes/%s/log", logs->request->node);
    const char *filters[] = {filter};
    const struct broker_listener listener = {logs, on_message};
    enum cli_exit result = broker_subscribe(broker, &listener, filters, 1);
    result = result == CLI_OK ? listen(logs, broker, filters) : result;
    broker->listener = NULL;
    free(filter);
    return result;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct logs logs = {.request = request};
    struct broker broker;
    logs.lowest = request->level != NULL ? option_level(request->level) : 0;
    request->node = request->node != NULL ? request->node : "+";
    broker_settings_listen(&request->broker);
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result != CLI_OK) {
        return result;
    }
    result = broker_open(&broker, &request->broker);
    broker.patient = true;
    result = result == CLI_OK ? follow(&logs, &broker) : result;
    broker_close(&broker);
    if (result == CLI_OK && logs.printed == 0) {
        return cli_fail(CLI_SILENT,
                        "logs: nothing came; a device sends its log when its "
                        "settings.json has logging.mqtt.level");
    }
    return result;
}

// ---- the verb ---------------------------------------------------------------

static const struct cli_option OPTIONS[] = {
    {.name = "level",
     .value = "debug|info|warning|error|critical",
     .offset = offsetof(struct request, level),
     .set = cli_set_text,
     .help = "only records of this level and above",
     .standard = "all that come"},
    {.name = "lines",
     .value = "COUNT",
     .offset = offsetof(struct request, lines),
     .set = cli_set_number,
     .help = "end after so many records"},
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
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "NODE",
     .offset = offsetof(struct request, node),
     .set = cli_set_level,
     .help = "the device's MQTT client id (default: all)",
     .optional = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Follows what goes wrong anywhere", "blox logs --level warning"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_logs = {
    .name = "logs",
    .summary = "follow what devices log",
    .about =
        "Follows the log of a device, or of all, as it comes. Devices send it "
        "over MQTT from the level that their setting logging.mqtt.level says; "
        "the broker keeps nothing of it, so what was logged before is not "
        "shown.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
