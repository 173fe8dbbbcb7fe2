// SPDX-License-Identifier: MIT
// Lists and commands that arrive on the channel and on cmd, and what their
// plans say.

#include <string.h>

#include "core/base/error.h"
#include "core/ota/updater_parts.h"

void blox_updater_remember_origin(struct blox_updater *updater) {
    int error = blox_origin_write(updater->config.storage, &updater->origin);
    if (error != BLOX_OK) {
        blox_updater_notice(updater, "remembering the list", blox_span(NULL, 0),
                            blox_error_text(error));
    }
}

// ---- the payload

static void stop_check(struct blox_updater *updater) {
    updater->check = UPDATER_CHECKS_NOTHING;
    updater->wants &= ~(uint32_t)UPDATER_WANT_CHECK;
    blox_file_remove(updater->config.storage, BLOX_FILE_LIST_NEW);
}

// What is installed stays, and nothing is newer.
static void forget_origin(struct blox_origin *origin) {
    struct blox_origin none = {.settled = 0};
    memcpy(none.installed, origin->installed, sizeof none.installed);
    memcpy(none.latest, origin->installed, sizeof none.latest);
    *origin = none;
}

// A zero-length payload on the channel: there is no list (any more). A list on
// cmd that is still being checked came after the channel's.
static void no_list(struct blox_updater *updater) {
    memset(updater->seen, 0, sizeof updater->seen);
    if (updater->check == UPDATER_CHECKS_NEW && !updater->arrived_command) {
        stop_check(updater);
    }
    if (updater->waiting == UPDATER_WAITING_CHANNEL) {
        updater->waiting = UPDATER_WAITING_NONE;
        blox_file_remove(updater->config.storage, BLOX_FILE_WAITS);
    }
    if (!blox_updater_is_some(updater->origin.channel)) {
        return;
    }
    if (updater->check == UPDATER_CHECKS_KNOWN) {
        stop_check(updater);
    }
    blox_updater_stop(updater);
    blox_updater_forget_todo(updater);
    forget_origin(&updater->origin);
    updater->forced = false;
    updater->retry = false;
    blox_file_remove(updater->config.storage, BLOX_FILE_LIST);
    blox_updater_remember_origin(updater);
    if (updater->state != BLOX_UPDATER_TRIAL) {
        blox_updater_set_state(updater, BLOX_UPDATER_IDLE);
    }
}

static int open_arriving(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    int error = storage->make_directory(storage->context, BLOX_FILE_FOLDER);
    return error == BLOX_OK
               ? blox_updater_open_file(updater, BLOX_FILE_ARRIVING)
               : error;
}

// The list is refused for the reason in why. That changes nothing: a download
// goes on, and nothing but a warning is said; otherwise the state tells.
static void refuse(struct blox_updater *updater) {
    if (updater->fetch != UPDATER_FETCH_NOTHING ||
        updater->state == BLOX_UPDATER_TRIAL) {
        updater->wants |= UPDATER_WANT_NOTICE;
    } else {
        updater->forced = false;
        blox_updater_set_error(updater, blox_text_span(&updater->why));
        blox_updater_set_state(updater, BLOX_UPDATER_FAILED);
    }
}

static void refuse_io(struct blox_updater *updater, int error) {
    blox_updater_close_file(updater);
    blox_file_remove(updater->config.storage, BLOX_FILE_ARRIVING);
    blox_text_fail(&updater->why, error, "storing the list", blox_span(NULL, 0),
                   blox_error_text(error));
    refuse(updater);
}

bool blox_updater_begin_list(struct blox_updater *updater, bool command,
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
    int error = open_arriving(updater);
    if (error != BLOX_OK) {
        refuse_io(updater, error);
        return false;
    }
    updater->arriving_command = command;
    updater->arriving_byte = 0;
    updater->receive = UPDATER_RECEIVES_LIST;
    return true;
}

void blox_updater_feed_list(struct blox_updater *updater,
                            struct blox_span data) {
    int error = blox_updater_store(updater, data);
    if (updater->arriving_byte == 0 && data.size > 0) {
        updater->arriving_byte = data.data[0];
    }
    if (error != BLOX_OK) {
        updater->receive = UPDATER_RECEIVES_REST;
        refuse_io(updater, error);
    }
}

static bool same(const uint8_t *a, const uint8_t *b) {
    return memcmp(a, b, BLOX_SHA256_SIZE) == 0;
}

static bool has_list(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_storage_stat stat;
    return storage->stat(storage->context, BLOX_FILE_LIST, &stat) == BLOX_OK;
}

// The channel's list is sent again at every connect: it counts as new only
// when it changed. So a command's list wins until then.
static bool is_known(struct blox_updater *updater, const uint8_t *digest) {
    return !updater->arriving_command &&
           same(digest, updater->origin.channel) && has_list(updater);
}

void blox_updater_plan_again(struct blox_updater *updater) {
    if (updater->state != BLOX_UPDATER_TRIAL &&
        updater->check == UPDATER_CHECKS_NOTHING &&
        blox_updater_is_some(updater->origin.list)) {
        blox_updater_want_check(updater, UPDATER_CHECKS_KNOWN);
    }
}

void blox_updater_want_check(struct blox_updater *updater, uint8_t check) {
    updater->check = check;
    updater->wants |= UPDATER_WANT_CHECK;
    if (updater->fetch != UPDATER_FETCH_READY) {
        updater->wants &= ~(uint32_t)UPDATER_WANT_REBOOT; // there may be memory
    }
}

static void take_known(struct blox_updater *updater) {
    blox_file_remove(updater->config.storage, BLOX_FILE_ARRIVING);
    if (updater->fetch != UPDATER_FETCH_NOTHING ||
        updater->state == BLOX_UPDATER_TRIAL) {
        return;
    }
    if (updater->origin.settled == 0) {
        blox_updater_plan_again(updater);
    } else if (updater->state != BLOX_UPDATER_CONFIRMED) {
        blox_updater_set_state(updater, BLOX_UPDATER_IDLE);
    }
}

// Keeps the list at path until the trial is over, instead of any that waited.
static int keep_waiting(struct blox_updater *updater, const char *path,
                        bool command) {
    const struct blox_storage *storage = updater->config.storage;
    int error = storage->rename(storage->context, path,
                                command ? BLOX_FILE_CMD : BLOX_FILE_WAITS);
    if (error != BLOX_OK) {
        return error;
    }
    blox_file_remove(storage, command ? BLOX_FILE_WAITS : BLOX_FILE_CMD);
    updater->waiting = command ? UPDATER_WAITING_CMD : UPDATER_WAITING_CHANNEL;
    blox_updater_notice(updater, "update", blox_span(NULL, 0),
                        "a new list waits until the trial is over");
    return BLOX_OK;
}

// Only a channel's list is known by its hash.
static void mark_as_command(struct blox_updater *updater) {
    updater->arrived_command = true;
    updater->arrived[0] = 1;
}

void blox_updater_check_waiting(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    bool command = updater->waiting == UPDATER_WAITING_CMD;
    if (updater->waiting == UPDATER_WAITING_NONE ||
        updater->state == BLOX_UPDATER_TRIAL ||
        updater->check != UPDATER_CHECKS_NOTHING) {
        return;
    }
    updater->waiting = UPDATER_WAITING_NONE;
    updater->arrived_command = false;
    memcpy(updater->arrived, updater->seen, BLOX_SHA256_SIZE);
    if (command) {
        mark_as_command(updater);
    }
    if (storage->rename(storage->context,
                        command ? BLOX_FILE_CMD : BLOX_FILE_WAITS,
                        BLOX_FILE_LIST_NEW) == BLOX_OK) {
        blox_updater_want_check(updater, UPDATER_CHECKS_NEW);
    }
}

void blox_updater_recall_waiting(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_storage_stat stat;
    if (storage->stat(storage->context, BLOX_FILE_CMD, &stat) == BLOX_OK) {
        updater->waiting = UPDATER_WAITING_CMD;
        blox_updater_check_waiting(updater);
    }
}

// The next thing to check, when a check is over.
static void check_next(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    if (!updater->queued || updater->check != UPDATER_CHECKS_NOTHING) {
        blox_updater_check_waiting(updater);
        return;
    }
    updater->queued = false;
    mark_as_command(updater);
    if (storage->rename(storage->context, BLOX_FILE_COMMAND,
                        BLOX_FILE_LIST_NEW) == BLOX_OK) {
        blox_updater_want_check(updater, UPDATER_CHECKS_NEW);
    }
}

// A command does not take the place of a list that is being checked.
static bool is_queued(const struct blox_updater *updater) {
    return updater->check == UPDATER_CHECKS_NEW && updater->arriving_command &&
           updater->arriving_byte == '{';
}

// A list that is new is checked from end to end before anything else happens.
// If another one is being checked, this one takes its place. Who is about to
// reset has no time for that.
static void take_new(struct blox_updater *updater, const uint8_t *digest) {
    const struct blox_storage *storage = updater->config.storage;
    bool later =
        updater->fetch == UPDATER_FETCH_READY && updater->arriving_byte != '{';
    bool queued = is_queued(updater);
    int error = later ? keep_waiting(updater, BLOX_FILE_ARRIVING, true)
                      : storage->rename(storage->context, BLOX_FILE_ARRIVING,
                                        queued ? BLOX_FILE_COMMAND
                                               : BLOX_FILE_LIST_NEW);
    if (error != BLOX_OK) {
        refuse_io(updater, error);
    } else if (queued) {
        updater->queued = true;
    } else if (!later) {
        memcpy(updater->arrived, digest, BLOX_SHA256_SIZE);
        updater->arrived_command = updater->arriving_command;
        blox_updater_want_check(updater, UPDATER_CHECKS_NEW);
    }
}

void blox_updater_end_list(struct blox_updater *updater, bool ok) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    uint8_t digest[BLOX_SHA256_SIZE];
    if (!ok) {
        blox_updater_close_file(updater);
        blox_file_remove(storage, BLOX_FILE_ARRIVING);
        return;
    }
    int error = sha256->finish(sha256->context, digest);
    int closed = storage->close(storage->context, updater->file);
    updater->file = NULL;
    error = error == BLOX_OK ? closed : error;
    if (error == BLOX_OK && !updater->arriving_command) {
        memcpy(updater->seen, digest, sizeof digest);
    }
    if (error != BLOX_OK) {
        refuse_io(updater, error);
    } else if (is_known(updater, digest)) {
        take_known(updater);
    } else {
        take_new(updater, digest);
    }
}

// ---- the plan's result ------------------------------------------------------

// Ends the check. Returns what was checked: nothing that counts when something
// else took its place, and its file, and is still to be checked.
static uint8_t end_check(struct blox_updater *updater) {
    uint8_t check = updater->check;
    if ((updater->wants & UPDATER_WANT_CHECK) != 0) {
        return UPDATER_CHECKS_NOTHING;
    }
    updater->check = UPDATER_CHECKS_NOTHING;
    return check;
}

void blox_updater_refused(struct blox_updater *updater,
                          struct blox_span sentence) {
    uint8_t check = end_check(updater);
    if (check == UPDATER_CHECKS_NEW) {
        blox_file_remove(updater->config.storage, BLOX_FILE_LIST_NEW);
    }
    if (check != UPDATER_CHECKS_NOTHING) {
        struct blox_text *why = &updater->why;
        blox_text_clear(why);
        blox_text_add_span(why, sentence);
        refuse(updater);
    }
    check_next(updater);
}

// No broker sends again what came on cmd: the next boot checks it, unless a
// list that waits goes before.
static void keep_for_boot(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    bool kept =
        updater->arrived_command && updater->waiting != UPDATER_WAITING_CMD &&
        storage->rename(storage->context, BLOX_FILE_LIST_NEW, BLOX_FILE_CMD) ==
            BLOX_OK;
    if (!kept) {
        blox_file_remove(storage, BLOX_FILE_LIST_NEW);
    }
}

// Whether it is more than a look at a list: somebody wants it to be acted on.
static bool is_wanted(const struct blox_updater *updater, uint8_t check) {
    return updater->config.auto_update || updater->forced ||
           (check == UPDATER_CHECKS_NEW ? updater->arrived_command
                                        : updater->origin.ordered != 0);
}

bool blox_updater_starved(struct blox_updater *updater,
                          struct blox_span sentence, bool may_reset) {
    uint8_t check = end_check(updater);
    bool wanted = is_wanted(updater, check);
    bool told = check == UPDATER_CHECKS_NEW ||
                (check == UPDATER_CHECKS_KNOWN &&
                 updater->state != BLOX_UPDATER_CONFIRMED);
    if (check == UPDATER_CHECKS_NEW) {
        keep_for_boot(updater);
    }
    if (told) {
        blox_text_clear(&updater->why);
        blox_text_add_span(&updater->why, sentence);
        refuse(updater);
    }
    bool failed = told && updater->state == BLOX_UPDATER_FAILED;
    check_next(updater);
    if (failed && wanted && may_reset) {
        updater->wants |= UPDATER_WANT_REBOOT;
    }
    return failed;
}

bool blox_updater_command(struct blox_updater *updater) {
    bool counts = end_check(updater) == UPDATER_CHECKS_NEW;
    if (counts) {
        blox_file_remove(updater->config.storage, BLOX_FILE_LIST_NEW);
    }
    check_next(updater);
    return counts;
}

// The list that was checked comes into force.
static int accept(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_origin *origin = &updater->origin;
    blox_updater_stop(updater);
    int error =
        storage->rename(storage->context, BLOX_FILE_LIST_NEW, BLOX_FILE_LIST);
    if (error != BLOX_OK) {
        return error;
    }
    if (updater->waiting == UPDATER_WAITING_NONE) {
        blox_file_remove(storage, BLOX_FILE_CMD); // it is older
    }
    updater->forced = updater->forced || updater->arrived_command;
    memcpy(origin->list, updater->arrived, BLOX_SHA256_SIZE);
    if (!updater->arrived_command) {
        memcpy(origin->channel, updater->arrived, BLOX_SHA256_SIZE);
    } else if (blox_updater_is_some(updater->seen)) {
        memcpy(origin->channel, updater->seen, BLOX_SHA256_SIZE);
    }
    origin->ordered = updater->forced;
    return BLOX_OK;
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
    blox_updater_set_error(updater, blox_span_text(failure.sentence));
    blox_updater_set_state(updater, failure.rolled_back != 0
                                        ? BLOX_UPDATER_ROLLED_BACK
                                        : BLOX_UPDATER_FAILED);
}

// FAT replaces a file by removing it first, so a cut can lose both. It is
// known by this: it takes names in any letter case.
static bool is_fat(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    struct blox_storage_stat stat;
    return storage->stat(storage->context, BLOX_FILE_FOLDER "/TODO", &stat) ==
           BLOX_OK;
}

static void act(struct blox_updater *updater,
                const struct blox_updater_plan *plan) {
    if (plan->needed == 0) {
        nothing_needed(updater);
    } else if (same(plan->set, updater->failed) && !updater->forced) {
        failed_before(updater);
    } else if (is_fat(updater)) {
        blox_updater_fail(updater, "updates need littlefs: on this FAT file "
                                   "system a power cut can lose a file");
    } else if (!blox_updater_has_room(updater, "update", plan->blocks)) {
        blox_updater_fail(updater, updater->why_data);
    } else if (!updater->config.auto_update && updater->origin.ordered == 0) {
        blox_updater_set_state(updater, BLOX_UPDATER_AVAILABLE);
    } else {
        updater->forced = false;
        blox_updater_fetch_start(updater, plan->fetched);
        return;
    }
    blox_updater_forget_todo(updater);
}

// The list is right, and comes into force when the trial is over.
static void put_off(struct blox_updater *updater) {
    int error =
        keep_waiting(updater, BLOX_FILE_LIST_NEW, updater->arrived_command);
    blox_updater_forget_todo(updater);
    if (error != BLOX_OK) {
        refuse_io(updater, error);
    }
}

// Written when it changes: for a list that is new, and when it is settled.
static void remember_set(struct blox_updater *updater,
                         const struct blox_updater_plan *plan, bool is_new) {
    struct blox_origin *origin = &updater->origin;
    struct blox_origin before = *origin;
    origin->settled = 0;
    memcpy(origin->latest, plan->set, sizeof origin->latest);
    if (plan->needed == 0) {
        blox_origin_settle(origin);
    }
    if (is_new || memcmp(&before, origin, sizeof before) != 0) {
        blox_updater_remember_origin(updater);
    }
}

static void take_plan(struct blox_updater *updater,
                      const struct blox_updater_plan *plan) {
    uint8_t check = end_check(updater);
    if (check == UPDATER_CHECKS_NOTHING) { // withdrawn meanwhile
        blox_updater_forget_todo(updater);
        return;
    }
    if (updater->state == BLOX_UPDATER_TRIAL) {
        put_off(updater);
        return;
    }
    updater->retry = false;
    int error = check == UPDATER_CHECKS_NEW ? accept(updater) : BLOX_OK;
    if (error != BLOX_OK) {
        blox_updater_fail_io(updater, "storing the list", blox_span(NULL, 0),
                             error);
        return;
    }
    remember_set(updater, plan, check == UPDATER_CHECKS_NEW);
    act(updater, plan);
}

void blox_updater_planned(struct blox_updater *updater,
                          const struct blox_updater_plan *plan) {
    take_plan(updater, plan);
    check_next(updater);
}
