// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/broker.h"
#include "cli/clear.h"
#include "cli/verbs.h"

struct request {
    struct broker_settings broker;
    const char *channel;
    bool yes;
};

static enum cli_exit clear(const struct request *request) {
    struct broker broker;
    char *topic = cli_format("mpypi/channels/%s", request->channel);
    const char *topics[] = {topic};
    enum cli_exit result = broker_open(&broker, &request->broker);
    result = result == CLI_OK ? clear_topics(&broker, topics, 1) : result;
    broker_close(&broker);
    if (result == CLI_OK) {
        printf("%s: cleared\n", request->channel);
    }
    free(topic);
    return result;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    char *question =
        cli_format("Take the update list off channel '%s'?", request->channel);
    enum cli_exit result = cli_ask("channel clear", question, request->yes);
    free(question);
    if (result == CLI_OK) {
        result = broker_settings_complete(&request->broker);
    }
    return result == CLI_OK ? clear(request) : result;
}

static const struct cli_option OPTIONS[] = {
    {.name = "yes",
     .offset = offsetof(struct request, yes),
     .set = cli_set_true,
     .help = "do not ask"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "CHANNEL",
     .offset = offsetof(struct request, channel),
     .set = cli_set_topic,
     .help = "the channel"},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Ends what a test began", "blox channel clear --yes test"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_channel_clear = {
    .name = "channel clear",
    .summary = "take the update list off a channel",
    .about = "Takes the update list off a channel. Devices keep what they "
             "have; an update that is being downloaded is given up. The "
             "packages stay on the broker until 'blox gc'.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER,
    .request_size = sizeof(struct request),
    .run = run,
};
