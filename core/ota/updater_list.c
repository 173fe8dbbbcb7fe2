// SPDX-License-Identifier: MIT
// Lists and commands that arrive on the channel and on cmd.

#include <string.h>

#include "core/base/error.h"
#include "core/ota/remember.h"
#include "core/ota/updater_parts.h"

// A list that is refused changes nothing: a download goes on, and says
// nothing but a warning; otherwise the state tells.
static void refuse(struct blox_updater *updater) {
    updater->noticed = false;
    if (updater->work == UPDATER_FETCHES ||
        updater->state == BLOX_UPDATER_TRIAL) {
        updater->wants |= UPDATER_WANT_NOTICE;
    } else {
        blox_updater_fail(updater, updater->why_data);
    }
}

static void remember_origin(struct blox_updater *updater) {
    struct blox_origin origin = {.command = updater->list_command};
    memcpy(origin.list, updater->list, sizeof origin.list);
    memcpy(origin.channel, updater->channel, sizeof origin.channel);
    int error = blox_origin_write(updater->config.storage, &origin);
    if (error != BLOX_OK) {
        blox_text_fail(&updater->why, error, "remembering the list",
                       blox_span(NULL, 0), blox_error_text(error));
        updater->wants |= UPDATER_WANT_NOTICE;
    }
}

// A zero-length payload on the channel: there is no list (any more).
static void no_list(struct blox_updater *updater) {
    if (!blox_updater_is_some(updater->channel)) {
        return;
    }
    blox_updater_stop(updater);
    memset(updater->channel, 0, sizeof updater->channel);
    memset(updater->list, 0, sizeof updater->list);
    updater->list_command = false;
    updater->waiting = false;
    updater->forced = false;
    blox_file_remove(updater->config.storage, BLOX_FILE_LIST);
    remember_origin(updater);
    if (updater->state != BLOX_UPDATER_TRIAL) {
        blox_updater_set_state(updater, BLOX_UPDATER_IDLE);
    }
}

bool blox_updater_begin_json(struct blox_updater *updater, bool command,
                             uint32_t size) {
    if (size == 0) {
        if (!command) {
            no_list(updater);
        }
        return false;
    }
    if (size > BLOX_LIST_MAX) {
        blox_text_fail(&updater->why, BLOX_ERROR_LIMIT, "list",
                       blox_span(NULL, 0), "a list may have 64 KiB, no more");
        refuse(updater);
        return false;
    }
    // The plan reads with the struct that is needed now; it starts over when
    // this payload is over.
    blox_plan_close(&updater->plan);
    blox_list_init(&updater->plan.file.list, &updater->why);
    blox_text_clear(&updater->why);
    updater->wants &= ~(uint32_t)UPDATER_WANT_NOTICE;
    updater->arriving_command = command;
    updater->noticed = false;
    updater->receive = UPDATER_RECEIVES_JSON;
    return true;
}

// Gives up on the payload: reading and writing stop.
static void drop(struct blox_updater *updater) {
    blox_updater_close_file(updater);
    blox_file_remove(updater->config.storage, BLOX_FILE_LIST_NEW);
    updater->receive = UPDATER_RECEIVES_REST;
}

// What was being done before the payload came goes on.
static void resume(struct blox_updater *updater) {
    if (updater->work == UPDATER_PLANS) {
        blox_updater_start_plan(updater);
    } else if (updater->work == UPDATER_FETCHES) {
        blox_updater_fetch_again(updater);
    }
}

static int start_list(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    updater->receive = UPDATER_RECEIVES_LIST;
    int error = storage->make_directory(storage->context, BLOX_FILE_FOLDER);
    if (error == BLOX_OK) {
        error = storage->open(storage->context, BLOX_FILE_LIST_NEW,
                              BLOX_STORAGE_WRITE, &updater->file);
    }
    if (error != BLOX_OK) {
        updater->file = NULL;
        return error;
    }
    return sha256->begin(sha256->context);
}

// The first notice about what was skipped is kept for the log.
static void notice(struct blox_updater *updater) {
    const struct blox_list_entry *entry = &updater->plan.file.list.entry;
    if (updater->noticed || entry->unknown.size == 0) {
        return;
    }
    updater->noticed = true;
    blox_text_fail(&updater->why, BLOX_OK, "list", entry->unknown,
                   entry->type == BLOX_LIST_UNKNOWN
                       ? "this type of entry is not known here; skipped"
                       : "this key is not known here; skipped");
}

static int store_list(struct blox_updater *updater, struct blox_span data) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    int error =
        storage->write(storage->context, updater->file, data.data, data.size);
    return error == BLOX_OK
               ? sha256->update(sha256->context, data.data, data.size)
               : error;
}

static void feed_list(struct blox_updater *updater, struct blox_span data) {
    int result = store_list(updater, data);
    if (result != BLOX_OK) {
        blox_text_fail(&updater->why, result, "storing the list",
                       blox_span(NULL, 0), blox_error_text(result));
    }
    while (result == BLOX_OK && data.size > 0) {
        result = blox_list_feed(&updater->plan.file.list, &data);
        if (result == 1) {
            notice(updater);
            result = BLOX_OK;
        }
    }
    if (result < 0) {
        drop(updater);
        refuse(updater);
        resume(updater);
    }
}

// A command fits the buffer of an entry.
static void feed_command(struct blox_updater *updater, struct blox_span data) {
    struct blox_list *list = &updater->plan.file.list;
    if (data.size > sizeof list->data - list->size) {
        blox_text_fail(&updater->why, BLOX_ERROR_LIMIT, "command",
                       blox_span(NULL, 0),
                       "a command may have 768 bytes, no more");
        updater->wants |= UPDATER_WANT_NOTICE;
        updater->receive = UPDATER_RECEIVES_REST;
        resume(updater);
        return;
    }
    memcpy(list->data + list->size, data.data, data.size);
    list->size = (uint16_t)(list->size + data.size);
}

// The first byte that is no white space tells a command from a list.
static void start_json(struct blox_updater *updater, struct blox_span data) {
    size_t i = 0;
    while (i < data.size && (data.data[i] == ' ' || data.data[i] == '\t' ||
                             data.data[i] == '\r' || data.data[i] == '\n')) {
        ++i;
    }
    if (i == data.size) {
        return;
    }
    if (data.data[i] == '{' && updater->arriving_command) {
        updater->receive = UPDATER_RECEIVES_COMMAND;
        return;
    }
    int error = start_list(updater);
    if (error != BLOX_OK) {
        blox_text_fail(&updater->why, error, "storing the list",
                       blox_span(NULL, 0), blox_error_text(error));
        drop(updater);
        refuse(updater);
        resume(updater);
    }
}

void blox_updater_feed_json(struct blox_updater *updater,
                            struct blox_span data) {
    if (updater->receive == UPDATER_RECEIVES_JSON) {
        start_json(updater, data);
    }
    if (updater->receive == UPDATER_RECEIVES_LIST) {
        feed_list(updater, data);
    } else if (updater->receive == UPDATER_RECEIVES_COMMAND) {
        feed_command(updater, data);
    }
}

// ---- the end of a list
// -----------------------------------------------------------

static bool same(const uint8_t *a, const uint8_t *b) {
    return memcmp(a, b, BLOX_SHA256_SIZE) == 0;
}

// The list comes into force. Returns BLOX_OK or an error of storage.
static int accept(struct blox_updater *updater, const uint8_t *digest) {
    const struct blox_storage *storage = updater->config.storage;
    int error =
        storage->rename(storage->context, BLOX_FILE_LIST_NEW, BLOX_FILE_LIST);
    if (error != BLOX_OK) {
        return error;
    }
    updater->list_command = updater->arriving_command;
    memcpy(updater->list, digest, BLOX_SHA256_SIZE);
    if (!updater->arriving_command) {
        memcpy(updater->channel, digest, BLOX_SHA256_SIZE);
    }
    remember_origin(updater);
    return BLOX_OK;
}

// The channel's list is sent again at every connect: it counts as new only
// when it changed.
static bool is_known(struct blox_updater *updater, const uint8_t *digest) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_storage_stat stat;
    bool command = updater->arriving_command;
    bool again = !command && same(digest, updater->channel);
    return (again || (same(digest, updater->list) &&
                      command == updater->list_command)) &&
           storage->stat(storage->context, BLOX_FILE_LIST, &stat) == BLOX_OK;
}

// A complete and valid list.
static void take_list(struct blox_updater *updater, const uint8_t *digest) {
    bool command = updater->arriving_command;
    bool known = is_known(updater, digest);
    if (known && updater->work == UPDATER_FETCHES) {
        drop(updater);
        resume(updater);
        return;
    }
    int error = BLOX_OK;
    if (known) {
        drop(updater);
    } else {
        blox_updater_stop(updater);
        error = accept(updater, digest);
    }
    if (error != BLOX_OK) {
        blox_updater_fail_io(updater, "storing the list", blox_span(NULL, 0),
                             error);
        return;
    }
    updater->forced = updater->forced || command;
    blox_updater_start_plan(updater);
}

static void end_list(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    uint8_t digest[BLOX_SHA256_SIZE];
    int error = sha256->finish(sha256->context, digest);
    int closed = storage->close(storage->context, updater->file);
    updater->file = NULL;
    error = error == BLOX_OK ? closed : error;
    if (error != BLOX_OK) {
        blox_text_fail(&updater->why, error, "storing the list",
                       blox_span(NULL, 0), blox_error_text(error));
    } else {
        error = blox_list_end(&updater->plan.file.list);
    }
    if (error != BLOX_OK) {
        drop(updater);
        refuse(updater);
        resume(updater);
        return;
    }
    updater->wants |= updater->noticed ? UPDATER_WANT_NOTICE : 0;
    take_list(updater, digest);
}

// ---- commands
// -----------------------------------------------------------------------

static void warn(struct blox_updater *updater, struct blox_span shown,
                 const char *what) {
    blox_text_fail(&updater->why, BLOX_OK, "command", shown, what);
    updater->wants |= UPDATER_WANT_NOTICE;
}

static void run_command(struct blox_updater *updater) {
    struct blox_list *list = &updater->plan.file.list;
    struct blox_json_object object;
    int error = blox_json_object_parse(
        &object, blox_span(list->data, list->size), list->tokens,
        BLOX_LIST_ENTRY_TOKENS, "command", &updater->why);
    if (error != BLOX_OK) {
        updater->wants |= UPDATER_WANT_NOTICE;
        return;
    }
    int name = blox_json_find(&object, "cmd");
    if (name < 0) {
        warn(updater, blox_span(NULL, 0), "the key 'cmd' is missing");
    } else if (blox_json_is(&object, name, "install")) {
        blox_updater_install(updater);
    } else if (blox_json_is(&object, name, "info")) {
        updater->wants |= UPDATER_WANT_INFO;
    } else {
        warn(updater, blox_json_raw(&object, name),
             "this version does not know it");
    }
}

void blox_updater_end_json(struct blox_updater *updater, bool ok) {
    uint8_t receive = updater->receive;
    if (!ok) {
        if (receive == UPDATER_RECEIVES_LIST) {
            drop(updater);
        }
        resume(updater);
    } else if (receive == UPDATER_RECEIVES_LIST) {
        end_list(updater);
    } else if (receive == UPDATER_RECEIVES_COMMAND) {
        run_command(updater);
        resume(updater);
    } else { // nothing but white space
        blox_list_end(&updater->plan.file.list);
        refuse(updater);
        resume(updater);
    }
}
