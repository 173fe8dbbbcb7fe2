// SPDX-License-Identifier: MIT
#include "tests/core/ota/device.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/updater_parts.h"

#define NODE "test-01"
#define CHANNEL "main"

static const struct blox_storage *storage_of(struct device *device) {
    return &device->ram.ops;
}

// ---- power ------------------------------------------------------------------

static void start_updater(struct device *device) {
    bool trial = blox_journal_state(storage_of(device)) == BLOX_JOURNAL_TRIAL;
    struct blox_updater_config config = {
        .storage = storage_of(device),
        .sha256 = &device->crypto.hash,
        .node = blox_span_text(NODE),
        .channel = blox_span_text(CHANNEL),
        .auto_update = device->auto_update,
        .fetch_timeout_ms = 60000,
        .state = trial ? BLOX_UPDATER_TRIAL : BLOX_UPDATER_IDLE,
    };
    blox_updater_init(&device->updater, &config);
}

void device_init(struct device *device) {
    memset(device, 0, sizeof *device);
    storage_ram_init(&device->ram);
    conf_crypto_open(&device->crypto);
    conf_crypto_open(&device->plan_crypto);
    device->auto_update = true;
    device->platform = "esp32c3";
    device->now = 4294900000u; // wraps around soon
    blox_text_init(&device->plan_why, device->plan_sentence,
                   sizeof device->plan_sentence);
    start_updater(device);
}

void device_close(struct device *device) {
    blox_updater_close_file(&device->updater);
    blox_todo_close(&device->updater.todo);
    if (device->planning) {
        blox_plan_close(&device->plan);
    }
}

void device_free(struct device *device) {
    device_close(device);
    for (size_t i = 0; i < DEVICE_TOPICS; ++i) {
        free(device->retained[i].data);
    }
    conf_crypto_close(&device->crypto);
    conf_crypto_close(&device->plan_crypto);
    storage_ram_free(&device->ram);
}

// ---- the broker -------------------------------------------------------------

static void add(char *text, size_t capacity, struct blox_span span,
                const char *end) {
    size_t size = strlen(text);
    if (size + span.size + 2 < capacity) {
        if (span.size > 0) {
            memcpy(text + size, span.data, span.size);
        }
        strcpy(text + size + span.size, end);
    }
}

static bool *no_break(struct device *device, size_t at, bool *stop) {
    *stop = device->break_after != 0 && at >= device->break_after;
    if (*stop) {
        device->break_after = 0;
        blox_updater_end(&device->updater, false);
        device_disconnect(device);
    }
    return stop;
}

static void feed(struct device *device, const uint8_t *data, size_t size) {
    size_t chunk = device->chunk == 0 ? size : device->chunk;
    for (size_t at = 0; at < size; at += chunk) {
        bool stop;
        if (*no_break(device, at, &stop)) {
            return;
        }
        if (device->stall_after != 0 && at >= device->stall_after) {
            return;
        }
        size_t part = size - at < chunk ? size - at : chunk;
        uint8_t *copy = malloc(part);
        memcpy(copy, data + at, part);
        blox_updater_feed(&device->updater, blox_span(copy, part));
        free(copy);
        device->now += 1;
    }
    blox_updater_end(&device->updater, true);
}

static void deliver(struct device *device, const char *topic, const void *data,
                    size_t size) {
    if (blox_updater_begin(&device->updater, blox_span_text(topic),
                           (uint32_t)size, false) &&
        size > 0) {
        feed(device, data, size);
    }
}

static int subscription(struct device *device, const char *topic) {
    for (int i = 0; i < 8; ++i) {
        if (strcmp(device->subscribed[i], topic) == 0) {
            return i;
        }
    }
    return -1;
}

static void deliver_retained(struct device *device, const char *topic) {
    for (size_t i = 0; i < DEVICE_TOPICS; ++i) {
        if (device->retained[i].size > 0 &&
            strcmp(device->retained[i].topic, topic) == 0) {
            deliver(device, topic, device->retained[i].data,
                    device->retained[i].size);
        }
    }
}

static void subscribe(struct device *device, struct blox_span span) {
    char topic[300] = "";
    add(topic, sizeof topic, span, "");
    if (strstr(topic, "/packages/") != NULL) {
        add(device->topics, sizeof device->topics, span, "\n");
    }
    int slot = subscription(device, "");
    strcpy(device->subscribed[slot], topic);
    if (!device->mute && !device->slow_suback) {
        blox_updater_subscribed(&device->updater, span);
    }
    deliver_retained(device, topic);
    if (device->slow_suback) {
        blox_updater_subscribed(&device->updater, blox_span_text(topic));
    }
}

void device_publish(struct device *device, const char *topic, const void *data,
                    size_t size) {
    size_t free_slot = DEVICE_TOPICS;
    for (size_t i = DEVICE_TOPICS; i-- > 0;) {
        bool same = strcmp(device->retained[i].topic, topic) == 0;
        free_slot =
            same || device->retained[i].topic[0] == '\0' ? i : free_slot;
        if (same) {
            break;
        }
    }
    struct device_retained *retained = &device->retained[free_slot];
    free(retained->data);
    retained->data = malloc(size + 1);
    memcpy(retained->data, data, size);
    retained->size = size;
    strcpy(retained->topic, topic);
    if (subscription(device, topic) >= 0) {
        deliver(device, topic, data, size);
    }
}

void device_forget(struct device *device, const char *prefix) {
    for (size_t i = 0; i < DEVICE_TOPICS; ++i) {
        struct device_retained *retained = &device->retained[i];
        if (strncmp(retained->topic, prefix, strlen(prefix)) == 0) {
            free(retained->data);
            *retained = (struct device_retained){.size = 0};
        }
    }
}

void device_list(struct device *device, const char *list) {
    device_publish(device, "mpypi/channels/" CHANNEL, list, strlen(list));
}

void device_command(struct device *device, const char *text) {
    if (subscription(device, "mpypi/nodes/" NODE "/cmd") >= 0) {
        deliver(device, "mpypi/nodes/" NODE "/cmd", text, strlen(text));
    }
}

void device_connect(struct device *device) {
    blox_updater_connected(&device->updater, true);
}

void device_disconnect(struct device *device) {
    memset(device->subscribed, 0, sizeof device->subscribed);
    blox_updater_connected(&device->updater, false);
}

// ---- what the glue does -----------------------------------------------------

static bool is_object(struct device *device) {
    const struct storage_ram_file *file =
        storage_ram_get(&device->ram, BLOX_FILE_LIST_NEW);
    return file != NULL && file->size > 0 && file->data[0] == '{';
}

// Answers the command in BLOX_FILE_LIST_NEW, and does what the updater can.
static void obey(struct device *device) {
    static struct blox_command command;
    char data[BLOX_COMMAND_REPLY_MAX];
    struct blox_text reply;
    struct blox_command_config config = {
        .storage = storage_of(device),
        .sha256 = &device->plan_crypto.hash,
        .path = BLOX_FILE_LIST_NEW,
        .trusted = !device->has_key,
        .state = blox_span_text(blox_updater_state_name(device->updater.state)),
        .why = &device->plan_why,
    };
    blox_command_init(&command, &config);
    int result = blox_command_step(&command);
    blox_updater_command(&device->updater);
    while (result == 1) {
        result = blox_command_step(&command);
    }
    blox_text_init(&reply, data, sizeof data);
    blox_command_reply(&command, &reply);
    add(device->replies, sizeof device->replies, blox_text_span(&reply), "\n");
    if (command.action == BLOX_COMMAND_INSTALL) {
        blox_updater_install(&device->updater);
    } else if (command.action == BLOX_COMMAND_INFO) {
        ++device->infos;
    }
    blox_command_close(&command);
}

static void start_plan(struct device *device, struct blox_span path,
                       bool command) {
    static const char known[][32] = {BLOX_FILE_LIST, BLOX_FILE_LIST_NEW};
    if (device->planning) {
        blox_plan_close(&device->plan);
    }
    struct blox_plan_config config = {
        .storage = storage_of(device),
        .sha256 = &device->plan_crypto.hash,
        .list = blox_span_is(path, known[0]) ? known[0] : known[1],
        .command = command,
        .platform = blox_span_text(device->platform),
        .mpy = blox_span_text("6.3"),
        .why = &device->plan_why,
    };
    blox_plan_init(&device->plan, &config);
    device->planning = true;
}

static void plan_some(struct device *device) {
    struct blox_plan *plan = &device->plan;
    int result = blox_plan_step(plan);
    if (result == 1) {
        return;
    }
    device->planning = false;
    blox_plan_close(plan);
    if (result < 0) {
        blox_updater_refused(&device->updater,
                             blox_text_span(&device->plan_why));
    } else if (plan->command) {
        obey(device);
    } else {
        add(device->log, sizeof device->log, blox_text_span(&device->plan_why),
            device->plan_why.size > 0 ? "\n" : "");
        struct blox_updater_plan result_of = {plan->needed, plan->fetched,
                                              plan->blocks, plan->set};
        blox_updater_planned(&device->updater, &result_of);
    }
}

static void note_state(struct device *device, struct blox_span document) {
    struct blox_span name = blox_span_part(document, 10, document.size);
    name.size = blox_span_find(name, '"');
    device->document[0] = '\0';
    add(device->document, sizeof device->document, document, "");
    char last[40] = "";
    add(last, sizeof last, name, " ");
    size_t size = strlen(device->states);
    if (size < strlen(last) ||
        strcmp(device->states + size - strlen(last), last) != 0) {
        add(device->states, sizeof device->states, name, " ");
    }
}

static void carry_out(struct device *device,
                      const struct blox_updater_event *event) {
    switch (event->kind) {
    case BLOX_UPDATER_SUBSCRIBE:
        subscribe(device, event->text);
        break;
    case BLOX_UPDATER_UNSUBSCRIBE: {
        char topic[300] = "";
        add(topic, sizeof topic, event->text, "");
        int slot = subscription(device, topic);
        if (slot >= 0) {
            device->subscribed[slot][0] = '\0';
        }
        break;
    }
    case BLOX_UPDATER_CHECK:
    case BLOX_UPDATER_CHECK_CMD:
        if (device->starving) {
            device->early = blox_updater_starved(
                &device->updater, blox_span_text("no memory"), true);
            break;
        }
        if (event->kind == BLOX_UPDATER_CHECK_CMD && is_object(device)) {
            obey(device);
            break;
        }
        start_plan(device, event->text, event->kind == BLOX_UPDATER_CHECK_CMD);
        break;
    case BLOX_UPDATER_STATE:
        note_state(device, event->text);
        break;
    case BLOX_UPDATER_INFO:
        ++device->infos;
        break;
    case BLOX_UPDATER_REBOOT:
        device->reboot = true;
        break;
    default:
        add(device->log, sizeof device->log, event->text, "\n");
        break;
    }
}

// Returns whether there was something to do; if not, time went on.
bool device_step(struct device *device) {
    struct blox_updater_event event;
    bool busy = device->planning;
    while (blox_updater_next(&device->updater, &event)) {
        carry_out(device, &event);
        busy = true;
    }
    if (device->planning) {
        plan_some(device);
        return true;
    }
    uint32_t pause = blox_updater_tick(&device->updater, device->now);
    device->now += pause == 0 ? 1 : pause;
    return busy;
}

void device_run(struct device *device) {
    uint32_t since = device->now;
    while (device->now - since < 200000 && !device->reboot &&
           !(device->stop_at_fetch && device->topics[0] != '\0')) {
        since = device_step(device) ? device->now : since;
    }
}

// ---- what rescue() does -----------------------------------------------------

static bool there(struct device *device, const char *path) {
    struct blox_storage_stat stat;
    return storage_of(device)->stat(device->ram.ops.context, path, &stat) ==
           BLOX_OK;
}

static int rename_file(struct device *device, const char *from,
                       const char *to) {
    return storage_of(device)->rename(device->ram.ops.context, from, to);
}

static int move(struct device *device, const char *from, const char *to) {
    return there(device, from) && !there(device, to)
               ? rename_file(device, from, to)
               : BLOX_OK;
}

static bool has_crc(struct device *device, const char *path, const char *crc) {
    const struct storage_ram_file *file = storage_ram_get(&device->ram, path);
    char own[9];
    snprintf(own, sizeof own, "%08x",
             (unsigned)blox_crc32(0, file->data, file->size));
    return strcmp(own, crc) == 0;
}

static int step_back(struct device *device, char *const *word) {
    if (strcmp(word[0], "mkdir") == 0) {
        storage_of(device)->remove(device->ram.ops.context, word[1]);
    } else if (strcmp(word[0], "remove") == 0) {
        return move(device, word[2], word[1]);
    } else {
        if (!there(device, word[1]) && there(device, word[2]) &&
            has_crc(device, word[2], word[4])) {
            rename_file(device, word[2], word[1]);
        }
        return move(device, word[3], word[2]);
    }
    return BLOX_OK;
}

static int step_on(struct device *device, char *const *word) {
    if (strcmp(word[0], "mkdir") == 0) {
        return storage_of(device)->make_directory(device->ram.ops.context,
                                                  word[1]);
    }
    if (strcmp(word[0], "remove") == 0) {
        return move(device, word[1], word[2]);
    }
    int error = BLOX_OK;
    if (there(device, word[1])) {
        error = move(device, word[2], word[3]);
        error =
            error == BLOX_OK ? rename_file(device, word[1], word[2]) : error;
    }
    return error;
}

static int replay(struct device *device, bool back) {
    const struct storage_ram_file *file =
        storage_ram_get(&device->ram, BLOX_FILE_JOURNAL);
    static char text[400000];
    static char *line[4000];
    size_t count = 0;
    memcpy(text, file->data, file->size);
    text[file->size] = '\0';
    strtok(text, "\n");
    for (char *at = strtok(NULL, "\n"); at != NULL; at = strtok(NULL, "\n")) {
        line[count++] = at;
    }
    int error = BLOX_OK;
    for (size_t i = 0; i < count && error == BLOX_OK; ++i) {
        char *word[5] = {NULL};
        char *at = line[back ? count - 1 - i : i];
        for (int w = 0; w < 5 && at != NULL; ++w) {
            word[w] = at;
            at = strchr(at, '\t');
            if (at != NULL) {
                *at++ = '\0';
            }
        }
        error =
            back ? (step_back(device, word), BLOX_OK) : step_on(device, word);
    }
    return error;
}

void device_rescue(struct device *device) {
    int state = blox_journal_state(storage_of(device));
    if (state == BLOX_JOURNAL_APPLY) {
        blox_file_remove(storage_of(device), BLOX_FILE_RESERVE);
        if (replay(device, false) == BLOX_OK &&
            rename_file(device, BLOX_FILE_JOURNAL_TRIAL, BLOX_FILE_JOURNAL) ==
                BLOX_OK) {
            return;
        }
        state = BLOX_JOURNAL_UNDO;
    }
    if (state == BLOX_JOURNAL_UNDO) {
        if (there(device, BLOX_FILE_JOURNAL_UNDO)) {
            rename_file(device, BLOX_FILE_JOURNAL_UNDO, BLOX_FILE_JOURNAL);
        }
        replay(device, true);
    }
}

int device_confirm(struct device *device) {
    return blox_journal_state(storage_of(device)) == BLOX_JOURNAL_TRIAL
               ? rename_file(device, BLOX_FILE_JOURNAL_CONFIRMED,
                             BLOX_FILE_JOURNAL)
               : BLOX_ERROR_STATE;
}

// ---- booting ----------------------------------------------------------------

int device_install(struct device *device, char *sentence, size_t capacity) {
    static uint8_t window[32768];
    uint8_t io[512], bitmap[64];
    struct blox_install install;
    struct blox_text why;
    blox_text_init(&why, sentence, capacity);
    struct blox_install_config config = {
        .storage = storage_of(device),
        .sha256 = &device->plan_crypto.hash,
        .unpack = &blox_unpack_ops,
        .platform = blox_span_text(device->platform),
        .io = io,
        .io_size = sizeof io,
        .bitmap = bitmap,
        .bitmap_size = sizeof bitmap,
        .why = &why,
    };
    blox_install_init(&install, &config);
    int result;
    do {
        result = blox_install_step(&install);
        if (result == BLOX_INSTALL_WINDOW) {
            blox_install_set_window(&install, window, install.window_wanted);
        } else if (result == BLOX_INSTALL_CHECK) {
            const struct storage_ram_file *file =
                storage_ram_get(&device->ram, install.check_path);
            bool compiles =
                memmem(file->data, file->size, "SYNTAX ERROR", 12) == NULL;
            blox_install_checked(&install, compiles,
                                 blox_span_text("SyntaxError"));
        }
    } while (result > 0);
    blox_install_close(&install);
    return result;
}

void device_settle(struct device *device, const char *sentence) {
    struct blox_settle settle;
    if (blox_settle_init(&settle, storage_of(device), sentence) == BLOX_OK) {
        while (blox_settle_step(&settle) == 1) {
        }
    }
    blox_settle_close(&settle);
}

int device_reset(struct device *device) {
    char sentence[160];
    int result = BLOX_ERROR_MISSING;
    device_close(device);
    storage_ram_boot(&device->ram);
    memset(device->subscribed, 0, sizeof device->subscribed);
    device->reboot = false;
    device->planning = false;
    device_rescue(device);
    if (blox_journal_state(storage_of(device)) == BLOX_JOURNAL_NONE) {
        result = device_install(device, sentence, sizeof sentence);
        if (result == BLOX_OK) {
            device_rescue(device);
        }
    }
    bool refused = result < 0 && result != BLOX_ERROR_MISSING;
    device_settle(device, refused ? sentence : NULL);
    start_updater(device);
    return result;
}

// ---- looking ----------------------------------------------------------------

void device_sha256(const void *data, size_t size, char hex[65]) {
    uint8_t digest[32];
    SHA256(data, size, digest);
    for (int i = 0; i < 32; ++i) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
}

bool device_has(const struct device *device, const char *path,
                const char *text) {
    const struct storage_ram_file *file = storage_ram_get(&device->ram, path);
    if (text == NULL || file == NULL) {
        return text == NULL && file == NULL;
    }
    return file->size == strlen(text) &&
           (file->size == 0 || memcmp(file->data, text, file->size) == 0);
}
