// SPDX-License-Identifier: MIT
// Follows what devices make of an update list that is being published.
#ifndef CLI_WATCH_UPDATE_H
#define CLI_WATCH_UPDATE_H

#include "cli/fleet.h"
#include "cli/table.h"

struct watch_settings {
    bool on;
    unsigned limit; // seconds a node may say nothing; 0: the default
};

// The table for struct watch_settings, for publish.
extern const struct cli_option watch_options[];

enum watch_outcome {
    WATCH_WAITING,     // not there yet
    WATCH_CONFIRMED,   // has it, or had it already
    WATCH_NOT_FOR_ME,  // no entry is for this device
    WATCH_FAILED,      // refused it, or could not fetch or install it
    WATCH_ROLLED_BACK, // installed it and went back
    WATCH_OFFLINE,     // was switched off before we began, and still is
    WATCH_SILENT,      // said nothing for too long
    WATCH_OUTCOMES,
};

struct update_watch {
    // Filled in by the caller, before begin.
    const struct watch_settings *settings;
    const struct cli_texts *channels; // whose nodes are followed
    const struct cli_texts *nodes;    // these, too
    const char *list;                 // that is published
    bool json;                        // objects instead of lines

    // Private.
    struct fleet fleet;
    struct followed {
        char *id;
        char set[9]; // "": its platform is not known yet
        enum watch_outcome outcome;
        bool for_me;
        bool fresh;   // it told of its update since we published
        double heard; // broker_clock()
        char *said;   // what was printed last
    } * followed;
    size_t count;
    struct broker_listener listener;
    struct table table;
    bool live;
    bool published;
};

// Looks who is there, over an open connection, and listens from then on. On
// failure says why and returns as broker_collect does.
enum cli_exit update_watch_begin(struct update_watch *watch,
                                 struct broker *broker);

// The list is out: shows what becomes of it until each node has come to an end
// or was silent for too long; Ctrl-C ends it early. Returns CLI_OK when every
// node has the update or is not meant; CLI_FAILED when one failed or went
// back; CLI_SILENT when one is offline or silent; else as broker_listen does.
enum cli_exit update_watch_follow(struct update_watch *watch,
                                  struct broker *broker);

// Safe after a failed begin, and on a zeroed struct.
void update_watch_free(struct update_watch *watch);

#endif
