// SPDX-License-Identifier: MIT
// Packages: one after the other, each in the forms of topic it may have.

#include <string.h>

#include "core/base/error.h"
#include "core/ota/updater_parts.h"

// ---- topics (PROTOCOL §3) ---------------------------------------------------

enum topic_form { FORM_A, FORM_B, FORM_C, FORMS };

// Writes the topic of a form. Returns whether there is such a form: for a
// wheel B is A.
static bool write_topic(struct blox_updater *updater, uint8_t form) {
    const struct blox_todo_entry *entry = &updater->todo.entry;
    bool src = entry->type == BLOX_LIST_SRC;
    struct blox_text text;
    if (form >= FORMS || (form == FORM_B && !src)) {
        return false;
    }
    blox_text_init(&text, updater->topic, sizeof updater->topic);
    blox_text_add(&text, form == FORM_C ? "mypypi/packages/"
                         : src          ? "mpypi/packages/src/"
                                        : "mpypi/packages/wheel/");
    if (src) {
        blox_text_add(&text, entry->name);
        blox_text_add(&text, form == FORM_A ? "/" : "");
    }
    if (!src || form == FORM_A) {
        blox_text_add_hex(&text, entry->sha256, sizeof entry->sha256);
    }
    return true;
}

static void ask(struct blox_updater *updater) {
    updater->fetch = UPDATER_FETCH_ASKED;
    updater->wants |= UPDATER_WANT_FETCH;
    updater->since = updater->now;
    updater->moved = true;
}

// ---- one after the other ----------------------------------------------------

void blox_updater_fetch_start(struct blox_updater *updater, uint32_t packages) {
    blox_updater_stop(updater);
    memset(updater->have, 0, sizeof updater->have);
    updater->done = 0;
    updater->of = packages;
    updater->todo.entry.index = BLOX_LIST_ENTRIES;
    updater->fetch = UPDATER_FETCH_OFFLINE;
    blox_updater_set_state(updater, BLOX_UPDATER_DOWNLOADING);
    blox_updater_fetch_again(updater);
}

void blox_updater_fetch_again(struct blox_updater *updater) {
    updater->fetch = UPDATER_FETCH_NEXT;
    int error =
        blox_todo_open(&updater->todo, updater->config.storage, BLOX_FILE_TODO);
    if (error != BLOX_OK) {
        blox_updater_fail_io(updater, "reading what is to be done",
                             blox_span(NULL, 0), error);
    }
}

// Makes the current entry the package to fetch.
static void take_entry(struct blox_updater *updater) {
    const struct blox_todo_entry *entry = &updater->todo.entry;
    struct blox_text label;
    blox_text_init(&label, updater->label, sizeof updater->label);
    blox_text_add(&label, entry->name);
    blox_text_add(&label, entry->version[0] != '\0' ? " " : "");
    blox_text_add(&label, entry->version);
    updater->received = 0;
    updater->total = entry->has_size ? entry->size : 0;
    updater->wrong = UPDATER_WRONG_NOT;
    updater->form = FORM_A;
    updater->wants |= UPDATER_WANT_PROGRESS;
    write_topic(updater, FORM_A);
    ask(updater);
}

// All packages are staged: by one rename the next boot installs them.
static void all_there(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    blox_todo_close(&updater->todo);
    int error =
        storage->rename(storage->context, BLOX_FILE_TODO, BLOX_FILE_READY);
    if (error != BLOX_OK) {
        blox_updater_fail_io(updater, "staging the update", blox_span(NULL, 0),
                             error);
        return;
    }
    updater->fetch = UPDATER_FETCH_READY;
    updater->label[0] = '\0';
    updater->received = 0;
    updater->total = 0;
    blox_updater_set_state(updater, BLOX_UPDATER_INSTALLING);
}

static void find_next(struct blox_updater *updater) {
    const struct blox_todo_entry *entry = &updater->todo.entry;
    int result = blox_todo_next(&updater->todo);
    if (result == 0) {
        all_there(updater);
    } else if (result < 0) {
        blox_updater_fail_io(updater, "reading what is to be done",
                             blox_span(NULL, 0), result);
    } else if (blox_todo_fetched(entry) &&
               !blox_updater_bit(updater->have, entry->index)) {
        take_entry(updater);
    }
}

// ---- time -------------------------------------------------------------------

// Starts the sentence about the current package.
static struct blox_text *about_package(struct blox_updater *updater) {
    struct blox_text *why = &updater->why;
    blox_text_clear(why);
    blox_text_add_shown(why, blox_span_text(updater->label));
    return why;
}

static void add_what_was_wrong(struct blox_updater *updater,
                               struct blox_text *why) {
    blox_text_add(why, ": what the broker has is another package (");
    if (updater->wrong == UPDATER_WRONG_HASH) {
        blox_text_add(why, "SHA-256 differs");
    } else {
        blox_text_add_u32(why, updater->wrong_size);
        blox_text_add(why, " bytes, the list says ");
        blox_text_add_u32(why, updater->todo.entry.size);
    }
    blox_text_add(why, "); publish it again");
}

// The package came in no form.
static void give_up(struct blox_updater *updater) {
    struct blox_text *why = about_package(updater);
    if (updater->wrong == UPDATER_WRONG_NOT) {
        blox_text_add(why, ": package not on the broker; publish it again");
    } else {
        add_what_was_wrong(updater, why);
    }
    blox_updater_fail(updater, updater->why_data);
}

static void next_form(struct blox_updater *updater) {
    ++updater->form;
    while (updater->form < FORMS && !write_topic(updater, updater->form)) {
        ++updater->form;
    }
    if (updater->form < FORMS) {
        ask(updater);
    } else {
        updater->fetch = UPDATER_FETCH_NEXT; // the topic is dropped already
        give_up(updater);
    }
}

// Leaves the topic; the next form follows once it is left.
static void leave_form(struct blox_updater *updater) {
    updater->wants &= ~(uint32_t)UPDATER_WANT_FETCH;
    updater->wants |= UPDATER_WANT_DROP;
    updater->fetch = UPDATER_FETCH_FORM;
}

static void stalled(struct blox_updater *updater) {
    struct blox_text *why = about_package(updater);
    blox_text_add(why, ": package not on the broker: no byte of it came for ");
    blox_text_add_u32(why, updater->config.fetch_timeout_ms / 1000);
    blox_text_add(why, " s");
    blox_updater_fail(updater, updater->why_data);
}

static void reboot(struct blox_updater *updater) {
    if (updater->state == BLOX_UPDATER_INSTALLING) {
        blox_updater_set_state(updater, BLOX_UPDATER_REBOOTING);
        updater->wants |= UPDATER_WANT_REBOOT;
    }
}

void blox_updater_fetch_tick(struct blox_updater *updater) {
    const uint32_t open =
        UPDATER_WANT_DROP | UPDATER_WANT_STATE | UPDATER_WANT_FETCH;
    uint32_t waited = updater->now - updater->since;
    bool patient = waited < updater->config.fetch_timeout_ms;
    if ((updater->wants & open) != 0 && updater->online) {
        return; // first things first: the topic is theirs until then
    }
    switch (updater->fetch) {
    case UPDATER_FETCH_NEXT:
        if (updater->online && updater->check == UPDATER_CHECKS_NOTHING) {
            find_next(updater);
        }
        break;
    case UPDATER_FETCH_ASKED:
        if (!patient) {
            leave_form(updater);
        }
        break;
    case UPDATER_FETCH_WAITS:
        if (waited >= BLOX_UPDATER_WAIT_MS) {
            leave_form(updater);
        }
        break;
    case UPDATER_FETCH_TAKES:
        if (!patient) {
            stalled(updater);
        }
        break;
    case UPDATER_FETCH_FORM:
        next_form(updater);
        break;
    case UPDATER_FETCH_READY:
        reboot(updater);
        break;
    default:
        break;
    }
}

// ---- the payload ------------------------------------------------------------

static bool get_space(struct blox_updater *updater,
                      struct blox_storage_space *space) {
    const struct blox_storage *storage = updater->config.storage;
    return storage->space(storage->context, space) == BLOX_OK &&
           space->block_size > 0;
}

bool blox_updater_has_room(struct blox_updater *updater, const char *who,
                           uint32_t blocks) {
    struct blox_storage_space space;
    blocks += BLOX_FILE_RESERVE_BLOCKS + updater->promised;
    if (!get_space(updater, &space) || blocks <= space.blocks_free) {
        return true;
    }
    struct blox_text *why = &updater->why;
    blox_text_clear(why);
    blox_text_add_shown(why, blox_span_text(who));
    blox_text_add(why, ": no room on flash: it needs ");
    blox_text_add_u32(why, blox_file_kib(&space, blocks));
    blox_text_add(why, " KiB, ");
    blox_text_add_u32(why, blox_file_kib(&space, space.blocks_free));
    blox_text_add(why, " KiB are free; remove files or publish less");
    return false;
}

// Blocks for a payload of size bytes, and for it unpacked.
static uint32_t blocks_of(struct blox_updater *updater, uint32_t size) {
    struct blox_storage_space space;
    bool src = updater->todo.entry.type == BLOX_LIST_SRC;
    return get_space(updater, &space)
               ? blox_file_blocks(&space, size) * (src ? 1 : 2)
               : 0;
}

static void remove_partial(struct blox_updater *updater) {
    char path[BLOX_FILE_NAME_MAX];
    blox_updater_close_file(updater);
    blox_file_package(path, updater->todo.entry.index);
    blox_file_remove(updater->config.storage, path);
}

// Storage or hash failed. Another writer may have filled the flash meanwhile.
static void fail_storing(struct blox_updater *updater, int error) {
    remove_partial(updater);
    if (error == BLOX_ERROR_FULL &&
        !blox_updater_has_room(updater, updater->label,
                               blocks_of(updater, updater->total))) {
        blox_updater_fail(updater, updater->why_data);
    } else {
        blox_updater_fail_io(updater, "storing", blox_span_text(updater->label),
                             error);
    }
}

static int open_package(struct blox_updater *updater) {
    char path[BLOX_FILE_NAME_MAX];
    blox_file_package(path, updater->todo.entry.index);
    return blox_updater_open_file(updater, path);
}

bool blox_updater_begin_package(struct blox_updater *updater, uint32_t size) {
    const struct blox_todo_entry *entry = &updater->todo.entry;
    if (size == 0) {
        return false; // it was cleared this moment: nothing is there
    }
    if (entry->has_size && entry->size != size) {
        updater->wrong = UPDATER_WRONG_SIZE;
        updater->wrong_size = size;
        leave_form(updater);
        return false;
    }
    if (!blox_updater_has_room(updater, updater->label,
                               blocks_of(updater, size))) {
        blox_updater_fail(updater, updater->why_data);
        return false;
    }
    updater->received = 0;
    updater->total = size;
    int error = open_package(updater);
    if (error != BLOX_OK) {
        fail_storing(updater, error);
        return false;
    }
    updater->fetch = UPDATER_FETCH_TAKES;
    updater->receive = UPDATER_RECEIVES_PACKAGE;
    updater->moved = true;
    return true;
}

void blox_updater_feed_package(struct blox_updater *updater,
                               struct blox_span data) {
    int error = blox_updater_store(updater, data);
    if (error != BLOX_OK) {
        fail_storing(updater, error);
        return;
    }
    updater->received += (uint32_t)data.size;
    updater->wants |= UPDATER_WANT_PROGRESS;
    updater->moved = true;
}

// The payload is complete. Returns BLOX_OK, BLOX_ERROR_DIGEST (another
// package), or an error of storage or sha256.
static int finish_package(struct blox_updater *updater) {
    const struct blox_storage *storage = updater->config.storage;
    const struct blox_sha256 *sha256 = updater->config.sha256;
    uint8_t digest[BLOX_SHA256_SIZE];
    int error = sha256->finish(sha256->context, digest);
    int closed = storage->close(storage->context, updater->file);
    updater->file = NULL;
    error = error == BLOX_OK ? closed : error;
    bool right =
        memcmp(digest, updater->todo.entry.sha256, BLOX_SHA256_SIZE) == 0;
    return error != BLOX_OK ? error : right ? BLOX_OK : BLOX_ERROR_DIGEST;
}

// It is the one; flash must still have room for what it unpacks to.
static void take_package(struct blox_updater *updater) {
    uint32_t index = updater->todo.entry.index;
    updater->have[index / 8] |= (uint8_t)(1u << index % 8);
    ++updater->done;
    if (updater->todo.entry.type == BLOX_LIST_WHEEL) {
        updater->promised += blocks_of(updater, updater->total) / 2;
    }
    leave_form(updater);
    updater->fetch = UPDATER_FETCH_NEXT;
    updater->wants |= UPDATER_WANT_PROGRESS;
}

void blox_updater_end_package(struct blox_updater *updater, bool ok) {
    int error = ok ? finish_package(updater) : BLOX_ERROR_IO;
    if (!ok) {
        remove_partial(updater);
        updater->received = 0;
        updater->fetch = UPDATER_FETCH_OFFLINE;
        return;
    }
    if (error == BLOX_OK) {
        take_package(updater);
    } else if (error == BLOX_ERROR_DIGEST) {
        remove_partial(updater);
        updater->wrong = UPDATER_WRONG_HASH;
        leave_form(updater);
    } else {
        fail_storing(updater, error);
    }
}
