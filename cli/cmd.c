// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"

enum { WAIT = 10 }; // seconds for an answer

struct request {
    struct broker_settings broker;
    struct output_settings output;
    struct sign_settings sign;
    struct command command;
};

// Members of the reply that a person knows already.
static bool is_known(const char *key) {
    return strcmp(key, "id") == 0 || strcmp(key, "cmd") == 0 ||
           strcmp(key, "ok") == 0;
}

static void print_reply(const cJSON *reply) {
    const cJSON *member;
    cJSON_ArrayForEach(member, reply) {
        if (!is_known(member->string) && !cJSON_IsNull(member)) {
            char *text = cJSON_IsString(member)
                             ? cli_format("%s", member->valuestring)
                             : cJSON_PrintUnformatted(member);
            char *line = cli_format("%s: %s", member->string, text);
            printf("%s\n", terminal_clean(line));
            free(line);
            free(text);
        }
    }
}

static enum cli_exit tell(const struct request *request) {
    const struct command *command = &request->command;
    const char *error = command_error(command->reply);
    if (request->output.json) {
        output_document(cJSON_Duplicate(command->reply, 1));
    } else if (error == NULL) {
        printf("%s: %s: done\n", command->node, command->name);
        print_reply(command->reply);
    }
    return error == NULL ? CLI_OK
                         : cli_fail(CLI_FAILED, "%s: %s", command->node, error);
}

static enum cli_exit send(struct request *request) {
    struct broker broker;
    struct signer signer;
    enum cli_exit result = sign_open(&signer, &request->sign);
    if (result != CLI_OK) {
        sign_close(&signer);
        return result;
    }
    request->command.signer = &signer;
    result = broker_open(&broker, &request->broker);
    if (result == CLI_OK) {
        result = command_send(&broker, &request->command);
    }
    broker_close(&broker);
    sign_close(&signer);
    result = result == CLI_OK ? tell(request) : result;
    cJSON_Delete(request->command.reply);
    return result;
}

static enum cli_exit check(const struct command *command) {
    bool hash = strcmp(command->name, "hash") == 0;
    if (hash && command->path == NULL) {
        return cli_fail(CLI_USAGE, "cmd: hash of what? name a PATH on the "
                                   "device");
    }
    if (!hash && command->path != NULL) {
        return cli_fail(CLI_USAGE, "cmd: %s takes no PATH; leave '%s' out",
                        command->name, command->path);
    }
    return CLI_OK;
}

static enum cli_exit run(void *arguments) {
    struct request *request = arguments;
    enum cli_exit result = check(&request->command);
    if (request->command.wait == 0) {
        request->command.wait = WAIT;
    }
    if (result == CLI_OK) {
        result = broker_settings_complete(&request->broker);
    }
    return result == CLI_OK ? send(request) : result;
}

// ---- the verb ---------------------------------------------------------------

#define COMMAND(field)                                                         \
    (offsetof(struct request, command) + offsetof(struct command, field))

static const struct cli_option OPTIONS[] = {
    {.name = "wait",
     .value = "SECONDS",
     .offset = COMMAND(wait),
     .set = cli_set_number,
     .help = "how long to wait for the answer",
     .standard = "10"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Signing", sign_options, offsetof(struct request, sign)},
    {"Output", output_options, offsetof(struct request, output)},
    {"Broker", broker_options, offsetof(struct request, broker)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "NODE",
     .offset = COMMAND(node),
     .set = cli_set_level,
     .help = "the device's MQTT client id"},
    {.name = "install|reboot|rollback|confirm|info|hash",
     .offset = COMMAND(name),
     .set = cli_set_text,
     .help = "install: act on the update that waits; rollback: undo the set on "
             "trial; confirm: end its trial; info: describe yourself again; "
             "hash: of a file"},
    {.name = "PATH",
     .offset = COMMAND(path),
     .set = cli_set_text,
     .help = "a file on the device, for hash",
     .optional = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Lets a device take the update that waits",
     "blox cmd esp32-840d8ed29760 install"},
    {"Asks for the hash of a file",
     "blox cmd esp32-840d8ed29760 hash user_main.py"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_cmd = {
    .name = "cmd",
    .summary = "send a device a command and wait for its answer",
    .about = "Sends one device a command and waits for its answer. The device "
             "must be connected: the broker keeps no commands. A device with a "
             "public key takes only install and info unsigned.",
    .usage = "[OPTION]... NODE COMMAND [PATH]",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_BROKER | CLI_EXIT(FAILED) | CLI_EXIT(SILENT),
    .request_size = sizeof(struct request),
    .run = run,
};
