// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/json_write.h"
#include "core/ota/remember.h"
#include "core/ota/updater_parts.h"

static const char state_names[][12] = {
    "idle",  "available", "downloading", "installing", "rebooting",
    "trial", "confirmed", "rolled_back", "failed",
};

const char *blox_updater_state_name(enum blox_updater_state state) {
    return state_names[state];
}

bool blox_updater_is_some(const uint8_t digest[BLOX_SHA256_SIZE]) {
    uint8_t any = 0;
    for (size_t i = 0; i < BLOX_SHA256_SIZE; ++i) {
        any = any | digest[i];
    }
    return any != 0;
}

static void set_error(struct blox_updater *updater, const char *sentence) {
    struct blox_text text;
    blox_text_init(&text, updater->error, sizeof updater->error);
    blox_text_add(&text, sentence);
}

// ---- state ------------------------------------------------------------------

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

void blox_updater_close_file(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    if (updater->file != NULL) {
        storage->close(storage->context, updater->file);
        updater->file = NULL;
    }
}

static void remove_package(struct blox_updater *updater, uint32_t index) {
    char path[BLOX_FILE_NAME_MAX];
    blox_file_package(path, index);
    blox_file_remove(updater->config.storage, path);
}

void blox_updater_stop(struct blox_updater *updater) {
    blox_plan_close(&updater->plan);
    if (updater->work == UPDATER_FETCHES) {
        blox_updater_close_file(updater);
        for (uint32_t i = 0; i < BLOX_LIST_ENTRIES; ++i) {
            if (i == updater->index || blox_plan_bit(updater->have, i)) {
                remove_package(updater, i);
            }
        }
        if (updater->fetch == UPDATER_FETCH_ASKED ||
            updater->fetch == UPDATER_FETCH_WAITS ||
            updater->fetch == UPDATER_FETCH_TAKES) {
            updater->wants |= UPDATER_WANT_DROP;
        }
    }
    memset(updater->have, 0, sizeof updater->have);
    updater->wants &= ~(uint32_t)UPDATER_WANT_FETCH;
    updater->work = UPDATER_RESTS;
    updater->done = 0;
    updater->of = 0;
}

void blox_updater_fail(struct blox_updater *updater, const char *sentence) {
    blox_updater_stop(updater);
    updater->forced = false;
    set_error(updater, sentence);
    blox_updater_set_state(updater, BLOX_UPDATER_FAILED);
}

void blox_updater_fail_io(struct blox_updater *updater, const char *what,
                          struct blox_span shown, int error) {
    blox_text_fail(&updater->why, error, what, shown, blox_error_text(error));
    blox_updater_fail(updater, updater->why_data);
}

// ---- start ------------------------------------------------------------------

static void recall_failure(struct blox_updater *updater,
                           const struct blox_failure *failure) {
    memcpy(updater->failed, failure->set, sizeof updater->failed);
    if (updater->state == BLOX_UPDATER_IDLE ||
        updater->state == BLOX_UPDATER_ROLLED_BACK) {
        set_error(updater, failure->sentence);
        updater->state = failure->rolled_back ? BLOX_UPDATER_ROLLED_BACK
                                              : BLOX_UPDATER_FAILED;
    }
}

int blox_updater_init(struct blox_updater *updater,
                      const struct blox_updater_config *config) {
    struct blox_failure failure;
    struct blox_origin origin;
    memset(updater, 0, sizeof *updater);
    updater->config = *config;
    updater->state = config->state;
    blox_text_init(&updater->why, updater->why_data, sizeof updater->why_data);
    blox_list_file_init(&updater->plan.file, config->storage);
    int error = blox_failure_read(config->storage, &failure);
    if (error == BLOX_OK) {
        recall_failure(updater, &failure);
    }
    int also = blox_origin_read(config->storage, &origin);
    if (also == BLOX_OK) {
        updater->list_command = origin.command;
        memcpy(updater->list, origin.list, sizeof updater->list);
        memcpy(updater->channel, origin.channel, sizeof updater->channel);
    }
    error = error == BLOX_OK ? also : error;
    return error == BLOX_ERROR_MISSING || error == BLOX_ERROR_FORMAT ? BLOX_OK
                                                                     : error;
}

void blox_updater_close(struct blox_updater *updater) {
    blox_updater_close_file(updater);
    blox_plan_close(&updater->plan);
}

// ---- plan -------------------------------------------------------------------

void blox_updater_start_plan(struct blox_updater *updater) {
    const struct blox_updater_config *config = &updater->config;
    struct blox_plan_config plan = {
        .storage = config->storage,
        .sha256 = config->sha256,
        .list = BLOX_FILE_LIST,
        .platform = config->platform,
        .mpy = config->mpy,
        .why = &updater->why,
    };
    if (updater->state == BLOX_UPDATER_TRIAL) {
        updater->waiting = true;
        return;
    }
    blox_plan_close(&updater->plan);
    blox_plan_init(&updater->plan, &plan);
    updater->work = UPDATER_PLANS;
    updater->retry = false;
}

// FAT replaces a file by removing it first, so a cut can lose both. It is
// known by this: it takes names in any letter case.
static bool storage_is_fat(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_storage_stat stat;
    return storage->stat(storage->context, BLOX_FILE_FOLDER "/LIST", &stat) ==
           BLOX_OK;
}

static void nothing_needed(struct blox_updater *updater) {
    updater->forced = false;
    if (updater->state != BLOX_UPDATER_CONFIRMED) {
        blox_updater_set_state(updater, BLOX_UPDATER_IDLE);
    }
}

// The set failed before: say so again, do not try it again.
static void failed_before(struct blox_updater *updater) {
    struct blox_failure failure;
    if (blox_failure_read(updater->config.storage, &failure) != BLOX_OK) {
        failure = (struct blox_failure){.sentence = "the set failed before"};
    }
    set_error(updater, failure.sentence);
    blox_updater_set_state(updater, failure.rolled_back
                                        ? BLOX_UPDATER_ROLLED_BACK
                                        : BLOX_UPDATER_FAILED);
}

static void act_on_plan(struct blox_updater *updater) {
    bool same =
        memcmp(updater->plan.set, updater->failed, BLOX_SHA256_SIZE) == 0;
    updater->work = UPDATER_RESTS;
    if (updater->plan.needed_count == 0) {
        nothing_needed(updater);
    } else if (storage_is_fat(updater)) {
        blox_updater_fail(updater, "updates need littlefs: this is a FAT file "
                                   "system, which a power cut can break");
    } else if (same && !updater->forced) {
        failed_before(updater);
    } else if (!updater->config.auto_update && !updater->forced) {
        blox_updater_set_state(updater, BLOX_UPDATER_AVAILABLE);
    } else {
        updater->forced = false;
        blox_updater_fetch_start(updater);
    }
}

static void plan_some(struct blox_updater *updater) {
    int result = blox_plan_step(&updater->plan);
    if (result < 0) {
        blox_updater_fail(updater, updater->why_data);
    } else if (result == 0) {
        act_on_plan(updater);
    }
}

// ---- payloads
// ----------------------------------------------------------------

static bool topic_is(struct blox_span topic, const char *prefix,
                     struct blox_span middle, const char *suffix) {
    size_t before = strlen(prefix);
    size_t size = before + middle.size + strlen(suffix);
    return topic.size == size && blox_span_starts(topic, prefix) &&
           blox_span_ends(topic, suffix) &&
           blox_span_equal(blox_span_part(topic, before, middle.size), middle);
}

static bool is_package(struct blox_updater *updater, struct blox_span topic) {
    return updater->work == UPDATER_FETCHES &&
           (updater->fetch == UPDATER_FETCH_ASKED ||
            updater->fetch == UPDATER_FETCH_WAITS) &&
           blox_span_is(topic, updater->topic);
}

bool blox_updater_begin(struct blox_updater *updater, struct blox_span topic,
                        uint32_t size) {
    const struct blox_updater_config *config = &updater->config;
    if (updater->receive != UPDATER_RECEIVES_NOTHING) {
        blox_updater_end(updater, false);
    }
    if (updater->state == BLOX_UPDATER_INSTALLING ||
        updater->state == BLOX_UPDATER_REBOOTING) {
        return false;
    }
    if (is_package(updater, topic)) {
        return blox_updater_begin_package(updater, size);
    }
    bool command = topic_is(topic, "mpypi/nodes/", config->node, "/cmd");
    if (command || topic_is(topic, "mpypi/channels/", config->channel, "")) {
        return blox_updater_begin_json(updater, command, size);
    }
    return false;
}

void blox_updater_feed(struct blox_updater *updater, struct blox_span data) {
    switch (updater->receive) {
    case UPDATER_RECEIVES_JSON:
    case UPDATER_RECEIVES_LIST:
    case UPDATER_RECEIVES_COMMAND:
        blox_updater_feed_json(updater, data);
        break;
    case UPDATER_RECEIVES_PACKAGE:
        blox_updater_feed_package(updater, data);
        break;
    default:
        break;
    }
}

void blox_updater_end(struct blox_updater *updater, bool ok) {
    uint8_t receive = updater->receive;
    updater->receive = UPDATER_RECEIVES_NOTHING;
    switch (receive) {
    case UPDATER_RECEIVES_JSON:
    case UPDATER_RECEIVES_LIST:
    case UPDATER_RECEIVES_COMMAND:
        updater->receive = receive;
        blox_updater_end_json(updater, ok);
        updater->receive = UPDATER_RECEIVES_NOTHING;
        break;
    case UPDATER_RECEIVES_PACKAGE:
        blox_updater_end_package(updater, ok);
        break;
    default:
        break;
    }
}

// ---- connection, commands
// -----------------------------------------------------

void blox_updater_connected(struct blox_updater *updater, bool online) {
    const uint32_t topics = UPDATER_WANT_CHANNEL | UPDATER_WANT_CMD |
                            UPDATER_WANT_FETCH | UPDATER_WANT_DROP;
    bool fetches = updater->work == UPDATER_FETCHES &&
                   updater->fetch != UPDATER_FETCH_READY;
    updater->online = online;
    updater->wants &= ~topics;
    if (updater->receive != UPDATER_RECEIVES_NOTHING) {
        blox_updater_end(updater, false);
    }
    if (!online) {
        updater->fetch = fetches ? UPDATER_FETCH_OFFLINE : updater->fetch;
        return;
    }
    updater->wants |= UPDATER_WANT_CHANNEL | UPDATER_WANT_CMD |
                      UPDATER_WANT_STATE | UPDATER_WANT_INFO;
    if (fetches) {
        blox_updater_fetch_again(updater);
    } else if (updater->retry) {
        blox_updater_start_plan(updater);
    }
}

void blox_updater_subscribed(struct blox_updater *updater,
                             struct blox_span topic) {
    if (updater->work == UPDATER_FETCHES &&
        updater->fetch == UPDATER_FETCH_ASKED &&
        blox_span_is(topic, updater->topic)) {
        updater->fetch = UPDATER_FETCH_WAITS;
        updater->moved = true;
    }
}

void blox_updater_install(struct blox_updater *updater) {
    bool waits = updater->state == BLOX_UPDATER_AVAILABLE ||
                 updater->state == BLOX_UPDATER_FAILED ||
                 updater->state == BLOX_UPDATER_ROLLED_BACK;
    if (waits && updater->work == UPDATER_RESTS &&
        blox_updater_is_some(updater->list)) {
        updater->forced = true;
        blox_updater_start_plan(updater);
    }
}

void blox_updater_confirmed(struct blox_updater *updater) {
    if (updater->state != BLOX_UPDATER_TRIAL) {
        return;
    }
    blox_updater_set_state(updater, BLOX_UPDATER_CONFIRMED);
    if (updater->waiting) {
        updater->waiting = false;
        blox_updater_start_plan(updater);
    }
}

// ---- time

// Network requests wait for the connection; what is written into the list's
// buffer waits until no list is being read.
static uint32_t allowed(const struct blox_updater *updater) {
    const uint32_t local = UPDATER_WANT_LOG | UPDATER_WANT_NOTICE;
    const uint32_t buffered = UPDATER_WANT_CHANNEL | UPDATER_WANT_CMD |
                              UPDATER_WANT_STATE | UPDATER_WANT_LOG;
    uint32_t wants = updater->wants & ~(uint32_t)UPDATER_WANT_PROGRESS;
    bool reads = updater->receive == UPDATER_RECEIVES_JSON ||
                 updater->receive == UPDATER_RECEIVES_LIST ||
                 updater->receive == UPDATER_RECEIVES_COMMAND;
    wants &= updater->online ? ~0u : local;
    return reads ? wants & ~buffered : wants;
}

// ---------------------------------------------------------------------

// Until when there is nothing to do.
static uint32_t pause(const struct blox_updater *updater, bool free) {
    bool fetches = updater->work == UPDATER_FETCHES;
    bool finds = fetches && updater->fetch == UPDATER_FETCH_NEXT;
    bool works = updater->work == UPDATER_PLANS || (finds && updater->online) ||
                 (fetches && updater->fetch == UPDATER_FETCH_READY);
    if (allowed(updater) != 0 || (works && free)) {
        return 0;
    }
    return fetches ? BLOX_UPDATER_STATE_MS : 1000;
}

uint32_t blox_updater_tick(struct blox_updater *updater, uint32_t now) {
    bool free = updater->receive != UPDATER_RECEIVES_JSON &&
                updater->receive != UPDATER_RECEIVES_LIST &&
                updater->receive != UPDATER_RECEIVES_COMMAND;
    updater->now = now;
    if (updater->moved) {
        updater->since = now;
        updater->moved = false;
    }
    if (updater->work == UPDATER_PLANS && free) {
        plan_some(updater);
    } else if (updater->work == UPDATER_FETCHES && free) {
        blox_updater_fetch_tick(updater);
    }
    if ((updater->wants & UPDATER_WANT_PROGRESS) != 0 &&
        now - updater->state_at >= BLOX_UPDATER_STATE_MS) {
        updater->wants |= UPDATER_WANT_STATE;
    }
    return pause(updater, free);
}

// ---- what it wants
// --------------------------------------------------------------

static void write_state(struct blox_updater *updater, struct blox_text *text) {
    struct blox_json_writer json;
    blox_json_write_init(&json, text);
    blox_json_object_begin(&json);
    blox_json_write_key(&json, "state");
    blox_json_write_string(&json, blox_updater_state_name(updater->state));
    blox_json_write_key(&json, "pkg");
    if (updater->label[0] == '\0') {
        blox_json_write_null(&json);
    } else {
        blox_json_write_string(&json, updater->label);
    }
    blox_json_write_key(&json, "received");
    blox_json_write_u32(&json, updater->received);
    blox_json_write_key(&json, "total");
    blox_json_write_u32(&json, updater->total);
    blox_json_write_key(&json, "done");
    blox_json_write_u32(&json, updater->done);
    blox_json_write_key(&json, "of");
    blox_json_write_u32(&json, updater->of);
    blox_json_write_key(&json, "error");
    if (updater->error[0] == '\0') {
        blox_json_write_null(&json);
    } else {
        blox_json_write_string(&json, updater->error);
    }
    blox_json_object_end(&json);
}

// The list's buffer is free while no list is read: the document goes there.
static struct blox_span state_document(struct blox_updater *updater) {
    struct blox_list *list = &updater->plan.file.list;
    struct blox_text text;
    blox_text_init(&text, (char *)list->data, sizeof list->data);
    write_state(updater, &text);
    updater->state_at = updater->now;
    updater->wants &= ~(uint32_t)UPDATER_WANT_PROGRESS;
    return blox_text_span(&text);
}

static struct blox_span write_topic(struct blox_updater *updater,
                                    const char *prefix, struct blox_span middle,
                                    const char *suffix) {
    struct blox_list *list = &updater->plan.file.list;
    struct blox_text text;
    blox_text_init(&text, (char *)list->data, sizeof list->data);
    blox_text_add(&text, prefix);
    blox_text_add_span(&text, middle);
    blox_text_add(&text, suffix);
    return blox_text_span(&text);
}

static struct blox_span log_sentence(struct blox_updater *updater) {
    struct blox_list *list = &updater->plan.file.list;
    struct blox_text text;
    blox_text_init(&text, (char *)list->data, sizeof list->data);
    blox_text_add(&text, "update: ");
    blox_text_add(&text, blox_updater_state_name(updater->state));
    if (updater->error[0] != '\0') {
        blox_text_add(&text, ": ");
        blox_text_add(&text, updater->error);
    }
    return blox_text_span(&text);
}

// Fills the event for the lowest bit of wants that is allowed now.
static void fill(struct blox_updater *updater, uint32_t want,
                 struct blox_updater_event *event) {
    const struct blox_updater_config *config = &updater->config;
    switch (want) {
    case UPDATER_WANT_CHANNEL:
        event->kind = BLOX_UPDATER_SUBSCRIBE;
        event->text =
            write_topic(updater, "mpypi/channels/", config->channel, "");
        break;
    case UPDATER_WANT_CMD:
        event->kind = BLOX_UPDATER_SUBSCRIBE;
        event->text =
            write_topic(updater, "mpypi/nodes/", config->node, "/cmd");
        break;
    case UPDATER_WANT_DROP:
    case UPDATER_WANT_FETCH:
        event->kind = want == UPDATER_WANT_DROP ? BLOX_UPDATER_UNSUBSCRIBE
                                                : BLOX_UPDATER_SUBSCRIBE;
        event->text = blox_span_text(updater->topic);
        break;
    case UPDATER_WANT_STATE:
        event->kind = BLOX_UPDATER_STATE;
        event->text = state_document(updater);
        break;
    case UPDATER_WANT_LOG:
        event->kind =
            updater->error[0] == '\0' ? BLOX_UPDATER_LOG : BLOX_UPDATER_WARN;
        event->text = log_sentence(updater);
        break;
    case UPDATER_WANT_NOTICE:
        event->kind = BLOX_UPDATER_WARN;
        event->text = blox_text_span(&updater->why);
        break;
    case UPDATER_WANT_INFO:
        event->kind = BLOX_UPDATER_INFO;
        break;
    default:
        event->kind = BLOX_UPDATER_REBOOT;
        break;
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
    fill(updater, want, event);
    return true;
}
