// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/json_write.h"
#include "core/ota/updater_parts.h"

static const char state_names[][12] = {
    "idle",  "available", "downloading", "installing", "rebooting",
    "trial", "confirmed", "rolled_back", "failed",
};

const char *blox_updater_state_name(enum blox_updater_state state) {
    return state_names[state];
}

// ---- state ------------------------------------------------------------------

void blox_updater_set_error(struct blox_updater *updater,
                            struct blox_span sentence) {
    struct blox_text text;
    blox_text_init(&text, updater->error, sizeof updater->error);
    blox_text_add_span(&text, sentence);
}

static bool is_at_work(enum blox_updater_state state) {
    return state == BLOX_UPDATER_DOWNLOADING ||
           state == BLOX_UPDATER_INSTALLING || state == BLOX_UPDATER_REBOOTING;
}

void blox_updater_set_state(struct blox_updater *updater,
                            enum blox_updater_state state) {
    if (state != BLOX_UPDATER_FAILED && state != BLOX_UPDATER_ROLLED_BACK) {
        updater->error[0] = '\0';
    }
    updater->state = state;
    updater->wants |= UPDATER_WANT_STATE | UPDATER_WANT_LOG;
    if (!is_at_work(state)) {
        updater->label[0] = '\0';
        updater->received = 0;
        updater->total = 0;
        updater->wants |= UPDATER_WANT_INFO;
    }
}

int blox_updater_open_file(struct blox_updater *updater, const char *path) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    int error = storage->open(storage->context, path, BLOX_STORAGE_WRITE,
                              &updater->file);
    if (error != BLOX_OK) {
        updater->file = NULL;
        return error;
    }
    return sha256->begin(sha256->context);
}

int blox_updater_store(struct blox_updater *updater, struct blox_span data) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    int error =
        storage->write(storage->context, updater->file, data.data, data.size);
    return error == BLOX_OK
               ? sha256->update(sha256->context, data.data, data.size)
               : error;
}

void blox_updater_close_file(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    if (updater->file != NULL) {
        storage->close(storage->context, updater->file);
        updater->file = NULL;
    }
}

static void remove_packages(struct blox_updater *updater) {
    char path[BLOX_FILE_NAME_MAX];
    for (uint32_t i = 0; i < BLOX_LIST_ENTRIES; ++i) {
        if (i == updater->todo.entry.index ||
            blox_updater_bit(updater->have, i)) {
            blox_file_package(path, i);
            blox_file_remove(updater->config.storage, path);
        }
    }
}

void blox_updater_stop(struct blox_updater *updater) {
    if (updater->fetch == UPDATER_FETCH_NOTHING) {
        return;
    }
    if (updater->receive == UPDATER_RECEIVES_PACKAGE) {
        blox_updater_close_file(updater);
        updater->receive = UPDATER_RECEIVES_REST;
    }
    blox_todo_close(&updater->todo);
    remove_packages(updater);
    if (updater->fetch == UPDATER_FETCH_ASKED ||
        updater->fetch == UPDATER_FETCH_WAITS ||
        updater->fetch == UPDATER_FETCH_TAKES) {
        updater->wants |= UPDATER_WANT_DROP;
    }
    memset(updater->have, 0, sizeof updater->have);
    updater->promised = 0;
    updater->wants &= ~(uint32_t)UPDATER_WANT_FETCH;
    updater->fetch = UPDATER_FETCH_NOTHING;
    updater->done = 0;
    updater->of = 0;
}

void blox_updater_forget_todo(struct blox_updater *updater) {
    blox_file_remove(updater->config.storage, BLOX_FILE_TODO);
}

// What was ordered stays ordered when it is tried again.
void blox_updater_fail(struct blox_updater *updater, const char *sentence) {
    blox_updater_stop(updater);
    blox_updater_forget_todo(updater);
    updater->forced = false;
    updater->retry = true;
    blox_updater_set_error(updater, blox_span_text(sentence));
    blox_updater_set_state(updater, BLOX_UPDATER_FAILED);
}

void blox_updater_fail_io(struct blox_updater *updater, const char *what,
                          struct blox_span shown, int error) {
    blox_text_fail(&updater->why, error, what, shown, blox_error_text(error));
    blox_updater_fail(updater, updater->why_data);
}

void blox_updater_notice(struct blox_updater *updater, const char *where,
                         struct blox_span shown, const char *what) {
    blox_text_fail(&updater->why, BLOX_OK, where, shown, what);
    updater->wants |= UPDATER_WANT_NOTICE;
}

// ---- start ------------------------------------------------------------------

static void recall_failure(struct blox_updater *updater,
                           const struct blox_failure *failure) {
    memcpy(updater->failed, failure->set, sizeof updater->failed);
    if (updater->state == BLOX_UPDATER_IDLE) {
        blox_updater_set_error(updater, blox_span_text(failure->sentence));
        updater->state = failure->rolled_back != 0 ? BLOX_UPDATER_ROLLED_BACK
                                                   : BLOX_UPDATER_FAILED;
    }
}

int blox_updater_init(struct blox_updater *updater,
                      const struct blox_updater_config *config) {
    struct blox_failure failure;
    memset(updater, 0, sizeof *updater);
    updater->config = *config;
    updater->state = config->state;
    blox_text_init(&updater->why, updater->why_data, sizeof updater->why_data);
    int error = blox_failure_read(config->storage, &failure);
    if (error == BLOX_OK) {
        recall_failure(updater, &failure);
    }
    int also = blox_origin_read(config->storage, &updater->origin);
    if (also != BLOX_OK) {
        memset(&updater->origin, 0, sizeof updater->origin);
    }
    updater->retry = updater->origin.settled == 0;
    blox_updater_recall_waiting(updater);
    error = error == BLOX_OK ? also : error;
    return error == BLOX_ERROR_MISSING || error == BLOX_ERROR_FORMAT ? BLOX_OK
                                                                     : error;
}

// ---- payloads ---------------------------------------------------------------

static bool topic_is(struct blox_span topic, const char *prefix,
                     struct blox_span middle, const char *suffix) {
    size_t before = strlen(prefix);
    return topic.size == before + middle.size + strlen(suffix) &&
           blox_span_starts(topic, prefix) && blox_span_ends(topic, suffix) &&
           blox_span_equal(blox_span_part(topic, before, middle.size), middle);
}

static bool is_package(struct blox_updater *updater, struct blox_span topic) {
    return (updater->fetch == UPDATER_FETCH_ASKED ||
            updater->fetch == UPDATER_FETCH_WAITS) &&
           blox_span_is(topic, updater->topic);
}

bool blox_updater_begin(struct blox_updater *updater, struct blox_span topic,
                        uint32_t size, bool retain) {
    const struct blox_updater_config *config = &updater->config;
    if (updater->receive != UPDATER_RECEIVES_NOTHING) {
        blox_updater_end(updater, false);
    }
    if (is_package(updater, topic)) {
        return blox_updater_begin_package(updater, size);
    }
    bool command = topic_is(topic, "mpypi/nodes/", config->node, "/cmd");
    if (updater->fetch == UPDATER_FETCH_READY && !command) {
        return false; // about to reset: the broker sends it again
    }
    if (command && retain) {
        blox_updater_notice(updater, "update", topic,
                            "a retained message is not acted on; clear it");
        return false;
    }
    if (command || topic_is(topic, "mpypi/channels/", config->channel, "")) {
        return blox_updater_begin_list(updater, command, size);
    }
    return false;
}

void blox_updater_feed(struct blox_updater *updater, struct blox_span data) {
    if (updater->receive == UPDATER_RECEIVES_LIST) {
        blox_updater_feed_list(updater, data);
    } else if (updater->receive == UPDATER_RECEIVES_PACKAGE) {
        blox_updater_feed_package(updater, data);
    }
}

void blox_updater_end(struct blox_updater *updater, bool ok) {
    uint8_t receive = updater->receive;
    updater->receive = UPDATER_RECEIVES_NOTHING;
    if (receive == UPDATER_RECEIVES_LIST) {
        blox_updater_end_list(updater, ok);
    } else if (receive == UPDATER_RECEIVES_PACKAGE) {
        blox_updater_end_package(updater, ok);
    }
}

// ---- connection, commands ---------------------------------------------------

void blox_updater_connected(struct blox_updater *updater, bool online) {
    const uint32_t topics = UPDATER_WANT_CHANNEL | UPDATER_WANT_CMD |
                            UPDATER_WANT_FETCH | UPDATER_WANT_DROP;
    bool fetches = updater->fetch != UPDATER_FETCH_NOTHING &&
                   updater->fetch != UPDATER_FETCH_READY;
    updater->online = online;
    updater->wants &= ~topics;
    if (updater->receive != UPDATER_RECEIVES_NOTHING) {
        blox_updater_end(updater, false);
    }
    if (fetches) {
        updater->fetch = UPDATER_FETCH_OFFLINE;
    }
    if (!online) {
        return;
    }
    updater->wants |= UPDATER_WANT_CHANNEL | UPDATER_WANT_CMD |
                      UPDATER_WANT_STATE | UPDATER_WANT_INFO;
    if (fetches) {
        blox_updater_fetch_again(updater);
    } else if (updater->retry) {
        blox_updater_plan_again(updater);
    }
}

void blox_updater_subscribed(struct blox_updater *updater,
                             struct blox_span topic) {
    if (updater->fetch == UPDATER_FETCH_ASKED &&
        blox_span_is(topic, updater->topic)) {
        updater->fetch = UPDATER_FETCH_WAITS;
        updater->moved = true;
    }
}

void blox_updater_install(struct blox_updater *updater) {
    bool waits = updater->state == BLOX_UPDATER_AVAILABLE ||
                 updater->state == BLOX_UPDATER_FAILED ||
                 updater->state == BLOX_UPDATER_ROLLED_BACK;
    if (waits && blox_updater_is_some(updater->origin.list)) {
        updater->forced = true;
        updater->origin.ordered = 1;
        blox_updater_remember_origin(updater);
        blox_updater_plan_again(updater);
    }
}

void blox_updater_confirmed(struct blox_updater *updater) {
    if (updater->state != BLOX_UPDATER_TRIAL) {
        return;
    }
    memcpy(updater->origin.installed, updater->origin.latest, BLOX_ORIGIN_SET);
    blox_updater_remember_origin(updater);
    blox_updater_set_state(updater, BLOX_UPDATER_CONFIRMED);
    blox_updater_check_waiting(updater);
    blox_updater_plan_again(updater); // unless that is being checked
}

// ---- time -------------------------------------------------------------------

// Network requests wait for the connection; a check waits while a list
// arrives, which would be checked next.
static uint32_t allowed(const struct blox_updater *updater) {
    const uint32_t local =
        UPDATER_WANT_LOG | UPDATER_WANT_NOTICE | UPDATER_WANT_CHECK;
    uint32_t wants = updater->wants & ~(uint32_t)UPDATER_WANT_PROGRESS;
    return updater->online ? wants : wants & local;
}

// Until when there is nothing to do.
static uint32_t pause(const struct blox_updater *updater) {
    bool works = updater->fetch == UPDATER_FETCH_READY ||
                 (updater->fetch == UPDATER_FETCH_NEXT && updater->online &&
                  updater->check == UPDATER_CHECKS_NOTHING);
    if (allowed(updater) != 0 || works) {
        return 0;
    }
    return updater->fetch == UPDATER_FETCH_NOTHING ? 1000
                                                   : BLOX_UPDATER_STATE_MS;
}

uint32_t blox_updater_tick(struct blox_updater *updater, uint32_t now) {
    uint32_t passed = now - updater->now;
    updater->now = now;
    if (passed > BLOX_UPDATER_STEP_MS) {
        updater->since += passed - BLOX_UPDATER_STEP_MS;
    }
    if (updater->moved) {
        updater->since = now;
        updater->moved = false;
    }
    if (updater->fetch != UPDATER_FETCH_NOTHING) {
        blox_updater_fetch_tick(updater);
    }
    if ((updater->wants & UPDATER_WANT_PROGRESS) != 0 &&
        now - updater->state_at >= BLOX_UPDATER_STATE_MS) {
        updater->wants |= UPDATER_WANT_STATE;
    }
    return pause(updater);
}

// ---- what it wants ----------------------------------------------------------

static void write_text_or_null(struct blox_json_writer *json, const char *key,
                               const char *text) {
    blox_json_write_key(json, key);
    if (text[0] == '\0') {
        blox_json_write_null(json);
    } else {
        blox_json_write_string(json, text);
    }
}

static void write_number(struct blox_json_writer *json, const char *key,
                         uint32_t number) {
    blox_json_write_key(json, key);
    blox_json_write_u32(json, number);
}

static void write_set(struct blox_json_writer *json, const char *key,
                      const uint8_t *set) {
    char hex[2 * BLOX_ORIGIN_SET + 1];
    struct blox_text text;
    blox_text_init(&text, hex, sizeof hex);
    if ((set[0] | set[1] | set[2] | set[3]) != 0) {
        blox_text_add_hex(&text, set, BLOX_ORIGIN_SET);
    }
    write_text_or_null(json, key, hex);
}

static void write_state(struct blox_updater *updater, struct blox_text *text) {
    struct blox_json_writer json;
    blox_json_write_init(&json, text);
    blox_json_object_begin(&json);
    blox_json_write_key(&json, "state");
    blox_json_write_string(&json, state_names[updater->state]);
    write_text_or_null(&json, "pkg", updater->label);
    write_number(&json, "received", updater->received);
    write_number(&json, "total", updater->total);
    write_number(&json, "done", updater->done);
    write_number(&json, "of", updater->of);
    write_set(&json, "installed", updater->origin.installed);
    write_set(&json, "latest", updater->origin.latest);
    write_text_or_null(&json, "error", updater->error);
    blox_json_object_end(&json);
    updater->state_at = updater->now;
    updater->wants &= ~(uint32_t)UPDATER_WANT_PROGRESS;
}

static void write_log(struct blox_updater *updater, struct blox_text *text) {
    blox_text_add(text, state_names[updater->state]);
    if (updater->state == BLOX_UPDATER_DOWNLOADING) {
        blox_text_add(text, ": packages to fetch: ");
        blox_text_add_u32(text, updater->of - updater->done);
    }
    if (updater->error[0] != '\0') {
        blox_text_add(text, ": ");
        blox_text_add(text, updater->error);
    }
}

static void write_topic(struct blox_text *text, const char *prefix,
                        struct blox_span middle, const char *suffix) {
    blox_text_add(text, prefix);
    blox_text_add_span(text, middle);
    blox_text_add(text, suffix);
}

static struct blox_span text_of(struct blox_updater *updater, uint32_t want) {
    const struct blox_updater_config *config = &updater->config;
    struct blox_text text;
    blox_text_init(&text, updater->document, sizeof updater->document);
    switch (want) {
    case UPDATER_WANT_CHANNEL:
        write_topic(&text, "mpypi/channels/", config->channel, "");
        break;
    case UPDATER_WANT_CMD:
        write_topic(&text, "mpypi/nodes/", config->node, "/cmd");
        break;
    case UPDATER_WANT_DROP:
    case UPDATER_WANT_FETCH:
        return blox_span_text(updater->topic);
    case UPDATER_WANT_CHECK:
        return blox_span_text(updater->check == UPDATER_CHECKS_NEW
                                  ? BLOX_FILE_LIST_NEW
                                  : BLOX_FILE_LIST);
    case UPDATER_WANT_STATE:
        write_state(updater, &text);
        break;
    case UPDATER_WANT_LOG:
        write_log(updater, &text);
        break;
    case UPDATER_WANT_NOTICE:
        return blox_text_span(&updater->why);
    default:
        break;
    }
    return blox_text_span(&text);
}

static enum blox_updater_event_kind kind_of(const struct blox_updater *updater,
                                            uint32_t want) {
    switch (want) {
    case UPDATER_WANT_CHANNEL:
    case UPDATER_WANT_CMD:
    case UPDATER_WANT_FETCH:
        return BLOX_UPDATER_SUBSCRIBE;
    case UPDATER_WANT_DROP:
        return BLOX_UPDATER_UNSUBSCRIBE;
    case UPDATER_WANT_CHECK:
        return updater->check == UPDATER_CHECKS_NEW && updater->arrived_command
                   ? BLOX_UPDATER_CHECK_CMD
                   : BLOX_UPDATER_CHECK;
    case UPDATER_WANT_STATE:
        return BLOX_UPDATER_STATE;
    case UPDATER_WANT_LOG:
        return updater->error[0] == '\0' ? BLOX_UPDATER_LOG : BLOX_UPDATER_WARN;
    case UPDATER_WANT_NOTICE:
        return BLOX_UPDATER_WARN;
    case UPDATER_WANT_INFO:
        return BLOX_UPDATER_INFO;
    default:
        return BLOX_UPDATER_REBOOT;
    }
}

bool blox_updater_next(struct blox_updater *updater,
                       struct blox_updater_event *event) {
    uint32_t wants = allowed(updater);
    uint32_t want = wants & (~wants + 1);
    *event = (struct blox_updater_event){.kind = BLOX_UPDATER_NOTHING};
    if (want == 0) {
        return false;
    }
    updater->wants &= ~want;
    event->text = text_of(updater, want);
    event->kind = kind_of(updater, want);
    return true;
}
