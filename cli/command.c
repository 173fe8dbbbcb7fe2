// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/output.h"

// What is needed while the answer is awaited.
struct dialogue {
    struct command *command;
    struct fleet fleet; // the one node
    char *reply_topic;
};

static void make_id(struct command *command) {
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
        number = (uint64_t)(broker_clock() * 1e9);
    }
    snprintf(command->id, sizeof command->id, "%016" PRIx64, number);
}

// Whether a reply is to our command. One that a device refused before it had
// read the id has none.
static bool is_ours(const struct command *command, const cJSON *reply) {
    const char *id = json_text(reply, "id");
    const char *name = json_text(reply, "cmd");
    return id != NULL ? strcmp(id, command->id) == 0
                      : command_error(reply) != NULL && name != NULL &&
                            strcmp(name, command->name) == 0;
}

static void take_reply(struct command *command,
                       const struct broker_message *message) {
    cJSON *reply = cJSON_ParseWithLength(message->payload, message->size);
    if (!command->answered && cJSON_IsObject(reply) &&
        is_ours(command, reply)) {
        command->reply = reply;
        command->answered = true;
    } else {
        cJSON_Delete(reply);
    }
}

static void on_message(void *context, const struct broker_message *message) {
    struct dialogue *dialogue = context;
    if (strcmp(message->topic, dialogue->reply_topic) == 0) {
        take_reply(dialogue->command, message);
    } else {
        fleet_take(&dialogue->fleet, message);
    }
}

static char *compose(const struct command *command) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "cmd", command->name);
    if (command->path != NULL) {
        cJSON_AddStringToObject(object, "path", command->path);
    }
    cJSON_AddStringToObject(object, "id", command->id);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return text;
}

static void on_moved(void *context, uint64_t bytes) {
    (void)context, (void)bytes;
}

static void on_acknowledged(void *context, const struct broker_delivery *one) {
    (void)context, (void)one;
}

static enum cli_exit deliver(struct broker *broker,
                             const struct command *command) {
    const struct broker_observer observer = {NULL, on_moved, on_acknowledged};
    char *topic = cli_format("mpypi/nodes/%s/cmd", command->node);
    char *plain = compose(command);
    char *text = sign_command(command->signer, topic, plain);
    struct broker_delivery delivery = {.topic = topic,
                                       .payload = text,
                                       .size = strlen(text),
                                       .label = "command"};
    enum cli_exit result = broker_deliver(broker, &delivery, 1, &observer);
    free(plain);
    free(text);
    free(topic);
    return result;
}

static enum cli_exit fail_offline(const struct command *command) {
    return cli_fail(CLI_SILENT,
                    "%s: offline, and commands are not kept; send it again "
                    "when the device is back",
                    command->node);
}

static enum cli_exit await(struct broker *broker, struct dialogue *dialogue) {
    struct command *command = dialogue->command;
    enum cli_exit result =
        broker_listen(broker, command->wait, &command->answered);
    return result != CLI_OK || command->answered
               ? result
               : cli_fail(CLI_SILENT,
                          "%s: no answer within %u s; see 'blox show %s', or "
                          "raise --wait (devices of before 1.0 know no "
                          "commands)",
                          command->node, command->wait, command->node);
}

static enum cli_exit talk(struct broker *broker, struct dialogue *dialogue) {
    const struct broker_listener listener = {dialogue, on_message};
    const char *filters[FLEET_FILTERS + 1];
    char *owned[FLEET_FILTERS];
    fleet_node_filters(owned, dialogue->command->node);
    memcpy(filters, owned, sizeof owned);
    filters[FLEET_FILTERS] = dialogue->reply_topic;
    enum cli_exit result =
        broker_collect(broker, &listener, filters, FLEET_FILTERS + 1);
    const struct node *node =
        fleet_find(&dialogue->fleet, dialogue->command->node);
    if (result == CLI_OK && node != NULL && node->status == NODE_OFFLINE) {
        result = fail_offline(dialogue->command);
    }
    result = result == CLI_OK ? deliver(broker, dialogue->command) : result;
    result = result == CLI_OK ? await(broker, dialogue) : result;
    broker->listener = NULL;
    fleet_free_filters(owned);
    return result;
}

enum cli_exit command_send(struct broker *broker, struct command *command) {
    struct dialogue dialogue = {.command = command};
    dialogue.reply_topic = cli_format("mpypi/nodes/%s/reply", command->node);
    command->reply = NULL;
    command->answered = false;
    make_id(command);
    enum cli_exit result = talk(broker, &dialogue);
    free(dialogue.reply_topic);
    fleet_free(&dialogue.fleet);
    return result;
}

const char *command_error(const cJSON *reply) {
    const char *error = json_text(reply, "error");
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "ok")) ? NULL
           : error != NULL                                             ? error
                           : "it did not say why not";
}
