// SPDX-License-Identifier: MIT
#include "core/ota/command.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/json_write.h"
#include "core/ota/files.h"
#include "core/ota/journal.h"

enum {
    CHUNK = 128, // bytes of a file hashed at once
    CHUNKS = 8,  // of them in a step
};

static const struct {
    char name[10];
    uint8_t action;
    bool unsigned_too; // acts on what was verified, or tells what is known
} commands[] = {
    {"install", BLOX_COMMAND_INSTALL, true},
    {"info", BLOX_COMMAND_INFO, true},
    {"reboot", BLOX_COMMAND_REBOOT, false},
    {"rollback", BLOX_COMMAND_ROLLBACK, false},
    {"confirm", BLOX_COMMAND_CONFIRM, false},
    {"hash", BLOX_COMMAND_HASH, false},
};

void blox_command_init(struct blox_command *command,
                       const struct blox_command_config *config) {
    memset(command, 0, sizeof *command);
    command->config = *config;
    blox_text_clear(config->why);
    blox_list_file_init(&command->file, config->storage);
}

void blox_command_close(struct blox_command *command) {
    const struct blox_storage *storage = command->config.storage;
    blox_list_file_close(&command->file);
    if (command->hashing != NULL) {
        storage->close(storage->context, command->hashing);
        command->hashing = NULL;
    }
}

static int refuse(struct blox_command *command, int error, const char *what) {
    return blox_text_fail(command->config.why, error, "command",
                          blox_span_text(command->name), what);
}

// ---- reading ----------------------------------------------------------------

static void copy(char *to, size_t capacity, struct blox_span from) {
    struct blox_text text;
    blox_text_init(&text, to, capacity);
    blox_text_add_span(&text, from);
}

// An answer to a command that is refused names it too, and has its id.
static void keep(struct blox_command *command) {
    const struct blox_list *list = &command->file.list;
    copy(command->name, sizeof command->name,
         blox_span_text(list->texts.command));
    copy(command->id, sizeof command->id, list->entry.id);
    command->id_is_text = list->entry.id_is_text;
    if (list->error == BLOX_OK) {
        copy(command->path, sizeof command->path, list->entry.path);
    }
}

static int check_entry(struct blox_command *command) {
    const struct blox_list_entry *entry = &command->file.list.entry;
    bool first = entry->type == BLOX_LIST_COMMAND && entry->index == 0;
    if (first && command->name[0] == '\0') {
        keep(command);
        return BLOX_OK;
    }
    return entry->type == BLOX_LIST_SIGNATURE
               ? BLOX_OK
               : refuse(command, BLOX_ERROR_FORMAT,
                        "nothing but a signature may stand beside it");
}

static int read_command(struct blox_command *command) {
    int result = blox_list_file_open(&command->file, command->config.path, true,
                                     command->config.why);
    if (result != BLOX_OK) {
        return refuse(command, result, blox_error_text(result));
    }
    while ((result = blox_list_file_next(&command->file)) == 1) {
        int error = check_entry(command);
        if (error != BLOX_OK) {
            return error;
        }
    }
    if (result < 0 && command->name[0] == '\0') {
        keep(command);
    }
    if (result == BLOX_OK && command->name[0] == '\0') {
        return refuse(command, BLOX_ERROR_FORMAT, "there is none in it");
    }
    return result;
}

// ---- deciding ---------------------------------------------------------------

static int check_install(struct blox_command *command) {
    const struct blox_storage *storage = command->config.storage;
    struct blox_span state = command->config.state;
    struct blox_storage_stat stat;
    bool waits = blox_span_is(state, "available") ||
                 blox_span_is(state, "failed") ||
                 blox_span_is(state, "rolled_back");
    if (waits &&
        storage->stat(storage->context, BLOX_FILE_LIST, &stat) == BLOX_OK) {
        return BLOX_OK;
    }
    return refuse(command, BLOX_ERROR_STATE,
                  blox_span_is(state, "trial")
                      ? "a new set is on trial; confirm it or roll it back"
                  : blox_span_is(state, "idle") || waits ||
                          blox_span_is(state, "confirmed")
                      ? "no update waits"
                      : "an update is under way");
}

static bool on_trial(struct blox_command *command) {
    return blox_journal_state(command->config.storage) == BLOX_JOURNAL_TRIAL;
}

static int start_hash(struct blox_command *command) {
    const struct blox_storage *storage = command->config.storage;
    const struct blox_sha256 *sha256 = command->config.sha256;
    char target[BLOX_FILE_TARGET_MAX];
    struct blox_storage_stat stat;
    if (command->path[0] == '\0') {
        return refuse(command, BLOX_ERROR_FORMAT, "it needs the key 'path'");
    }
    blox_file_target(target, "/", blox_span_text(command->path));
    int error = storage->stat(storage->context, target, &stat);
    if (error == BLOX_OK && stat.kind == BLOX_STORAGE_DIRECTORY) {
        return refuse(command, BLOX_ERROR_PATH, "that is a directory");
    }
    if (error == BLOX_OK) {
        error = storage->open(storage->context, target, BLOX_STORAGE_READ,
                              &command->hashing);
        command->hashing = error == BLOX_OK ? command->hashing : NULL;
    }
    if (error == BLOX_OK) {
        error = sha256->begin(sha256->context);
    }
    return error == BLOX_OK
               ? 1
               : refuse(command, error,
                        error == BLOX_ERROR_MISSING ? "there is no such file"
                                                    : blox_error_text(error));
}

static int decide(struct blox_command *command) {
    switch (command->action) {
    case BLOX_COMMAND_INSTALL:
        return check_install(command);
    case BLOX_COMMAND_CONFIRM:
        return on_trial(command) ? BLOX_OK
                                 : refuse(command, BLOX_ERROR_STATE,
                                          "no new set is on trial");
    case BLOX_COMMAND_ROLLBACK:
        return on_trial(command)
                   ? BLOX_OK
                   : refuse(command, BLOX_ERROR_STATE,
                            "no new set is on trial, and what a confirmed one "
                            "replaced is gone; publish a list of the versions "
                            "to go back to");
    case BLOX_COMMAND_HASH:
        return start_hash(command);
    default:
        return BLOX_OK;
    }
}

static int find(struct blox_command *command) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; ++i) {
        if (!blox_span_is(blox_span_text(command->name), commands[i].name)) {
            continue;
        }
        if (!command->config.trusted && !commands[i].unsigned_too) {
            return refuse(command, BLOX_ERROR_REFUSED,
                          "this device has a key, so it must be signed");
        }
        command->action = commands[i].action;
        return decide(command);
    }
    return refuse(command, BLOX_ERROR_UNSUPPORTED,
                  "this version does not know it");
}

// ---- hashing ----------------------------------------------------------------

static int hash_some(struct blox_command *command) {
    const struct blox_storage *storage = command->config.storage;
    const struct blox_sha256 *sha256 = command->config.sha256;
    uint8_t chunk[CHUNK];
    for (int i = 0; i < CHUNKS; ++i) {
        int32_t count = storage->read(storage->context, command->hashing, chunk,
                                      sizeof chunk);
        if (count <= 0) {
            blox_command_close(command);
            return count < 0 ? count
                             : sha256->finish(sha256->context, command->digest);
        }
        command->size += (uint32_t)count;
        int error = sha256->update(sha256->context, chunk, (size_t)count);
        if (error != BLOX_OK) {
            return error;
        }
    }
    return 1;
}

int blox_command_step(struct blox_command *command) {
    int result;
    if (command->hashing != NULL) {
        result = hash_some(command);
    } else {
        result = read_command(command);
        blox_list_file_close(&command->file);
        result = result == BLOX_OK ? find(command) : result;
    }
    if (result < 0) {
        blox_command_close(command);
        command->action = BLOX_COMMAND_NONE;
        if (command->config.why->size == 0) {
            refuse(command, result, blox_error_text(result));
        }
    }
    return result;
}

// ---- the answer -------------------------------------------------------------

static void write_id(struct blox_json_writer *json,
                     const struct blox_command *command) {
    if (command->id_is_text) {
        blox_json_write_key(json, "id");
        blox_json_write_string(json, command->id);
    } else if (command->id[0] != '\0') {
        blox_json_write_key(json, "id");
        blox_json_write_raw(json, blox_span_text(command->id));
    }
}

static void write_hash(struct blox_json_writer *json,
                       const struct blox_command *command) {
    char hex[2 * BLOX_SHA256_SIZE + 1];
    struct blox_text text;
    blox_text_init(&text, hex, sizeof hex);
    blox_text_add_hex(&text, command->digest, BLOX_SHA256_SIZE);
    blox_json_write_key(json, "path");
    blox_json_write_string(json, command->path);
    blox_json_write_key(json, "sha256");
    blox_json_write_string(json, hex);
    blox_json_write_key(json, "size");
    blox_json_write_u32(json, command->size);
}

void blox_command_reply(const struct blox_command *command,
                        struct blox_text *reply) {
    struct blox_span why = blox_text_span(command->config.why);
    struct blox_json_writer json;
    blox_json_write_init(&json, reply);
    blox_json_object_begin(&json);
    blox_json_write_key(&json, "cmd");
    if (command->name[0] == '\0') {
        blox_json_write_null(&json);
    } else {
        blox_json_write_string(&json, command->name);
    }
    write_id(&json, command);
    blox_json_write_key(&json, "ok");
    blox_json_write_raw(&json, blox_span_text(why.size > 0 ? "false" : "true"));
    if (why.size > 0) {
        blox_json_write_key(&json, "error");
        blox_json_write_span(&json, why);
    } else if (command->action == BLOX_COMMAND_HASH) {
        write_hash(&json, command);
    }
    blox_json_object_end(&json);
}
