// SPDX-License-Identifier: MIT
#include "cli/fleet_table.h"
#include "cli/output.h"
#include "cli/verbs.h"

struct request {
    struct broker_settings broker;
    struct output_settings output;
    struct selection selection;
    unsigned wait;
};

static void print_table(const struct fleet *fleet,
                        const struct selection *selection) {
    struct table table;
    fleet_table_begin(&table);
    fleet_table_rows(&table, fleet, selection);
    table_print(&table);
    table_free(&table);
}

static void print_json(const struct fleet *fleet,
                       const struct selection *selection) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < fleet->count; ++i) {
        if (selection_has(selection, &fleet->nodes[i])) {
            cJSON_AddItemToArray(array, node_json(&fleet->nodes[i]));
        }
    }
    output_document(array);
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    struct fleet fleet = {0};
    enum cli_exit result = broker_settings_complete(&request->broker);
    if (result == CLI_OK) {
        result = fleet_read(&fleet, &request->broker, NULL, request->wait);
    }
    if (result == CLI_OK && request->output.json) {
        print_json(&fleet, &request->selection);
    } else if (result == CLI_OK) {
        print_table(&fleet, &request->selection);
    }
    fleet_free(&fleet);
    return result;
}

static const struct cli_option OPTIONS[] = {
    {.name = "wait",
     .value = "SECONDS",
     .offset = offsetof(struct request, wait),
     .set = cli_set_number,
     .help = "listen so long for devices of before 1.0, whose description "
             "the broker does not keep",
     .standard = "0"},
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
    {"Shows every device that is switched on and did not take its update",
     "blox nodes --online --state failed --state rolled_back"},
    {"Lists the ids of all ESP32-C3, for a script",
     "blox nodes --platform esp32c3 --json | jq -r '.[].node'"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_nodes = {
    .name = "nodes",
    .summary = "list the devices",
    .about = "Lists the devices a broker knows of, with their version of "
             "mpy-blox, their channel and the state of their last update.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER,
    .request_size = sizeof(struct request),
    .run = run,
};
