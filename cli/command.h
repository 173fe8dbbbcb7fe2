// SPDX-License-Identifier: MIT
// A command to one device (PROTOCOL §5), and its answer.
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/fleet.h"
#include "cli/sign.h"

struct command {
    const char *node;
    const char *name;      // "reboot"
    const char *path;      // of `hash`; else NULL
    unsigned wait;         // seconds for the answer
    struct signer *signer; // to sign it with; NULL: not signed

    char id[20];   // of this command, which its answer has too
    cJSON *reply;  // the answer, once it is there; free with cJSON_Delete
    bool answered; // private
};

// Sends a command over an open connection that nothing else listens on, and
// waits for the answer. A device that is known to be offline is not waited
// for: commands are not kept. On failure says why and returns, besides what
// broker.h says, CLI_SILENT. Whether the device did it is in the reply.
enum cli_exit command_send(struct broker *broker, struct command *command);

// Why the device did not do what the reply is about, or NULL: it did.
const char *command_error(const cJSON *reply);

#endif
