// SPDX-License-Identifier: MIT
// What the files of the updater share; not for others. updater.c: the public
// face and the state; updater_list.c: lists and commands that arrive;
// updater_fetch.c: packages.
#ifndef CORE_OTA_UPDATER_PARTS_H
#define CORE_OTA_UPDATER_PARTS_H

#include "core/ota/updater.h"

// Bits of updater->wants.
enum {
    UPDATER_WANT_CHANNEL = 1u << 0,
    UPDATER_WANT_CMD = 1u << 1,
    UPDATER_WANT_DROP = 1u << 2,  // unsubscribe topic
    UPDATER_WANT_FETCH = 1u << 3, // subscribe topic
    UPDATER_WANT_STATE = 1u << 4,
    UPDATER_WANT_PROGRESS = 1u << 5, // a state, when it is time for one
    UPDATER_WANT_LOG = 1u << 6,
    UPDATER_WANT_NOTICE = 1u << 7,
    UPDATER_WANT_INFO = 1u << 8,
    UPDATER_WANT_REBOOT = 1u << 9,
};

// updater->work
enum { UPDATER_RESTS, UPDATER_PLANS, UPDATER_FETCHES };

// updater->fetch
enum {
    UPDATER_FETCH_NEXT,    // find the next package of the list
    UPDATER_FETCH_ASKED,   // waits for the SUBACK
    UPDATER_FETCH_WAITS,   // waits for the first byte
    UPDATER_FETCH_TAKES,   // payload arrives
    UPDATER_FETCH_FORM,    // try the next form of the topic
    UPDATER_FETCH_OFFLINE, // waits for the connection
    UPDATER_FETCH_READY,   // all is there
};

// updater->receive: what the payload that arrives is
enum {
    UPDATER_RECEIVES_NOTHING,
    UPDATER_RECEIVES_JSON, // a list or a command, not known yet
    UPDATER_RECEIVES_LIST,
    UPDATER_RECEIVES_COMMAND,
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
// Stops planning and fetching; what was staged goes.
void blox_updater_stop(struct blox_updater *updater);
void blox_updater_start_plan(struct blox_updater *updater);
void blox_updater_close_file(struct blox_updater *updater);

// updater_list.c
bool blox_updater_begin_json(struct blox_updater *updater, bool command,
                             uint32_t size);
void blox_updater_feed_json(struct blox_updater *updater,
                            struct blox_span data);
void blox_updater_end_json(struct blox_updater *updater, bool ok);

// updater_fetch.c
void blox_updater_fetch_start(struct blox_updater *updater);
// Starts at the first package again that is not there yet.
void blox_updater_fetch_again(struct blox_updater *updater);
void blox_updater_fetch_tick(struct blox_updater *updater);
bool blox_updater_begin_package(struct blox_updater *updater, uint32_t size);
void blox_updater_feed_package(struct blox_updater *updater,
                               struct blox_span data);
void blox_updater_end_package(struct blox_updater *updater, bool ok);

// Whether digest is not the zeros that stand for none.
bool blox_updater_is_some(const uint8_t digest[BLOX_SHA256_SIZE]);

#endif
