// SPDX-License-Identifier: MIT
// Commands of `mpypi/nodes/<node>/cmd` (PROTOCOL §5): what a device may do
// that is told {"cmd":"reboot"}, and the answer for `reply`. Reads the command
// from storage, decides, hashes a file if that is asked for; what is to be
// carried out the caller does, after the answer was sent.
//
//     {"cmd":"hash","path":"user_main.py","id":7}
//     [{"type":"command","cmd":"reboot","id":"a"},{"type":"signature",...}]
//
//     {"cmd":"hash","id":7,"ok":true,"path":"user_main.py","sha256":"...",
//      "size":812}
//     {"cmd":"reboot","id":"a","ok":false,"error":"..."}
//
// Whether a signature is right is not looked at here: trusted says so.
#ifndef CORE_OTA_COMMAND_H
#define CORE_OTA_COMMAND_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/list_file.h"

enum {
    BLOX_COMMAND_REPLY_MAX = 600, // bytes of an answer
};

enum blox_command_action {
    BLOX_COMMAND_NONE, // the answer is all, or it was refused
    BLOX_COMMAND_INSTALL,
    BLOX_COMMAND_REBOOT,
    BLOX_COMMAND_ROLLBACK, // rename the journal's `undo` over it and reset
    BLOX_COMMAND_CONFIRM,
    BLOX_COMMAND_INFO, // publish `info` again
    BLOX_COMMAND_HASH, // done here
};

// Every pointer and span must stay valid as long as the command.
struct blox_command_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    const char *path;       // of the payload; read by the first step
    bool trusted;           // signed by our key, or we have none. Otherwise
                            // only install and info are obeyed.
    struct blox_span state; // of the updater, as documents spell it
    struct blox_text *why;  // gets the sentence why it is refused
};

struct blox_command {
    // Once it is done:
    enum blox_command_action action;
    char name[BLOX_LIST_COMMAND_MAX + 1]; // empty: there is none in it

    // Private.
    struct blox_command_config config;
    struct blox_list_file file;
    char id[BLOX_LIST_ID_MAX + 1];
    bool id_is_text;
    char path[BLOX_PATH_MAX + 1];
    void *hashing;
    uint32_t size; // of the file that is hashed
    uint8_t digest[BLOX_SHA256_SIZE];
};

// Starts; touches nothing.
void blox_command_init(struct blox_command *command,
                       const struct blox_command_config *config);

// Does the next piece of work: reads the command, or a KiB of a file. Returns 1
// when there is more to do; 0 when action is to be carried out; or, with a
// sentence, why it is refused: an error of the list (no command, wrong JSON, a
// path that is not allowed), BLOX_ERROR_UNSUPPORTED (an unknown command),
// BLOX_ERROR_REFUSED (not signed), BLOX_ERROR_STATE (nothing to install,
// confirm or roll back), BLOX_ERROR_MISSING (no such file), one of storage or
// sha256.
int blox_command_step(struct blox_command *command);

// Writes the answer, once step() is done or has refused.
void blox_command_reply(const struct blox_command *command,
                        struct blox_text *reply);

// Closes what is open. Safe at any time after init, more than once.
void blox_command_close(struct blox_command *command);

#endif
