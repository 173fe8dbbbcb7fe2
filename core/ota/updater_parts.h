// SPDX-License-Identifier: MIT
// What the files of the updater share; not for others. updater.c: the public
// face and the state; updater_list.c: lists and commands that arrive;
// updater_fetch.c: packages.
#ifndef CORE_OTA_UPDATER_PARTS_H
#define CORE_OTA_UPDATER_PARTS_H

#include "core/ota/updater.h"

// Bits of updater->wants, in the order in which they are given: what is said
// in the log does not wait for a broker that may be silent.
enum {
    UPDATER_WANT_LOG = 1u << 0,
    UPDATER_WANT_NOTICE = 1u << 1,
    UPDATER_WANT_CHANNEL = 1u << 2,
    UPDATER_WANT_CMD = 1u << 3,
    UPDATER_WANT_DROP = 1u << 4,  // unsubscribe topic
    UPDATER_WANT_FETCH = 1u << 5, // subscribe topic
    UPDATER_WANT_CHECK = 1u << 6,
    UPDATER_WANT_STATE = 1u << 7,
    UPDATER_WANT_INFO = 1u << 8,
    UPDATER_WANT_REBOOT = 1u << 9,
    UPDATER_WANT_PROGRESS = 1u << 10, // a state, when it is time for one
};

// updater->check
enum {
    UPDATER_CHECKS_NOTHING,
    UPDATER_CHECKS_NEW,   // BLOX_FILE_LIST_NEW
    UPDATER_CHECKS_KNOWN, // BLOX_FILE_LIST
};

// updater->waiting: which list waits for the end of the trial
enum {
    UPDATER_WAITING_NONE,
    UPDATER_WAITING_CHANNEL, // BLOX_FILE_WAITS
    UPDATER_WAITING_CMD,     // BLOX_FILE_CMD
};

// updater->fetch
enum {
    UPDATER_FETCH_NOTHING,
    UPDATER_FETCH_NEXT,    // find the next package
    UPDATER_FETCH_ASKED,   // waits for the SUBACK
    UPDATER_FETCH_WAITS,   // waits for the first byte
    UPDATER_FETCH_TAKES,   // payload arrives
    UPDATER_FETCH_FORM,    // try the next form of the topic
    UPDATER_FETCH_OFFLINE, // waits for the connection
    UPDATER_FETCH_READY,   // all is there
};

// updater->wrong: what the broker had instead of the package
enum {
    UPDATER_WRONG_NOT, // nothing
    UPDATER_WRONG_HASH,
    UPDATER_WRONG_SIZE,
};

// updater->receive: what the payload that arrives is
enum {
    UPDATER_RECEIVES_NOTHING,
    UPDATER_RECEIVES_LIST, // or a command
    UPDATER_RECEIVES_PACKAGE,
    UPDATER_RECEIVES_REST, // of something already refused
};

// updater.c
void blox_updater_set_state(struct blox_updater *updater,
                            enum blox_updater_state state);
// State failed with this sentence; what was staged goes.
void blox_updater_fail(struct blox_updater *updater, const char *sentence);
// Like it, with the sentence of an error: "what 'shown': error".
void blox_updater_fail_io(struct blox_updater *updater, const char *what,
                          struct blox_span shown, int error);
// Says a sentence in the log alone.
void blox_updater_notice(struct blox_updater *updater, const char *where,
                         struct blox_span shown, const char *what);
// What is to be done is not done: its file goes.
void blox_updater_forget_todo(struct blox_updater *updater);
// Stops fetching; what was staged goes.
void blox_updater_stop(struct blox_updater *updater);
// A payload goes through updater->file and its hash. Both return BLOX_OK or an
// error of storage or hash.
int blox_updater_open_file(struct blox_updater *updater, const char *path);
int blox_updater_store(struct blox_updater *updater, struct blox_span data);
void blox_updater_close_file(struct blox_updater *updater);
void blox_updater_set_error(struct blox_updater *updater,
                            struct blox_span sentence);
void blox_updater_want_check(struct blox_updater *updater, uint8_t check);

// updater_list.c
bool blox_updater_begin_list(struct blox_updater *updater, bool command,
                             uint32_t size);
void blox_updater_feed_list(struct blox_updater *updater,
                            struct blox_span data);
void blox_updater_end_list(struct blox_updater *updater, bool ok);
// Checks the list that waits, unless there is none or another is checked.
void blox_updater_check_waiting(struct blox_updater *updater);
// Finds the list that waited before the reset.
void blox_updater_recall_waiting(struct blox_updater *updater);
// Plans the list in force again.
void blox_updater_plan_again(struct blox_updater *updater);
void blox_updater_remember_origin(struct blox_updater *updater);

// updater_fetch.c
void blox_updater_fetch_start(struct blox_updater *updater, uint32_t packages);
// Starts at the first package again that is not there yet.
void blox_updater_fetch_again(struct blox_updater *updater);
// Whether flash has room for blocks and what a commit needs besides; if not,
// why says so about who.
bool blox_updater_has_room(struct blox_updater *updater, const char *who,
                           uint32_t blocks);
void blox_updater_fetch_tick(struct blox_updater *updater);
bool blox_updater_begin_package(struct blox_updater *updater, uint32_t size);
void blox_updater_feed_package(struct blox_updater *updater,
                               struct blox_span data);
void blox_updater_end_package(struct blox_updater *updater, bool ok);

// Whether digest is not the zeros that stand for none.
static inline bool
blox_updater_is_some(const uint8_t digest[BLOX_SHA256_SIZE]) {
    uint8_t any = 0;
    for (int i = 0; i < BLOX_SHA256_SIZE; ++i) {
        any = any | digest[i];
    }
    return any != 0;
}

// Bit n of a bitmap of packages.
static inline bool blox_updater_bit(const uint8_t *bitmap, uint32_t n) {
    return (bitmap[n / 8] >> n % 8 & 1) != 0;
}

#endif
