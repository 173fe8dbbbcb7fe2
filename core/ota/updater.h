// SPDX-License-Identifier: MIT
// The download half of an update (docs/ARCHITECTURE.md; PROTOCOL §1 to §4):
// list in, packages staged in /.blox, then a reboot into core/ota/install.h. It
// runs beside the user's program: every call does a bounded piece of work,
// and memory is this struct, whatever the size of lists and packages.
//
// Payloads of three topics come in through begin/feed/end, one at a time: the
// channel's, the node's cmd, and the package topic it asked for last. What it
// wants from outside comes out of next().
//
// It does not read lists itself: a list that is new is handed to a plan
// (core/ota/plan.h), which is needed only then, by an event; the plan's result
// is told with refused(), command() or planned(). A payload on cmd that begins
// with '{' is no list: it goes to core/ota/command.h instead.
#ifndef CORE_OTA_UPDATER_H
#define CORE_OTA_UPDATER_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/files.h"
#include "core/ota/remember.h"
#include "core/ota/todo.h"

enum {
    BLOX_UPDATER_TOPIC_MAX = 296,    // bytes of a topic, with its NUL
    BLOX_UPDATER_LABEL_MAX = 132,    // "name version", or a path (cut)
    BLOX_UPDATER_DOCUMENT_MAX = 512, // bytes of a state document
    BLOX_UPDATER_ERROR_MAX = 160,    // one sentence
    BLOX_UPDATER_WAIT_MS = 2000,     // from SUBACK to the first byte
    BLOX_UPDATER_STATE_MS = 250,     // between progress documents
    BLOX_UPDATER_STEP_MS = 500, // most that counts between two ticks: while
                                // the program holds everything up, bytes
                                // wait to be read
};

enum blox_updater_state {
    BLOX_UPDATER_IDLE,      // all that the list asks for is there
    BLOX_UPDATER_AVAILABLE, // waits for install
    BLOX_UPDATER_DOWNLOADING,
    BLOX_UPDATER_INSTALLING, // all is there and verified
    BLOX_UPDATER_REBOOTING,  // asks for a reset
    BLOX_UPDATER_TRIAL,      // a new set runs on trial
    BLOX_UPDATER_CONFIRMED,
    BLOX_UPDATER_ROLLED_BACK,
    BLOX_UPDATER_FAILED,
};

enum blox_updater_event_kind {
    BLOX_UPDATER_NOTHING = 0,
    BLOX_UPDATER_SUBSCRIBE,   // text: topic, at QoS 1, payload as a stream;
                              // call blox_updater_subscribed() at the SUBACK
    BLOX_UPDATER_UNSUBSCRIBE, // text: topic
    BLOX_UPDATER_CHECK,       // text: path; run a plan over that list, and
                              // tell its result. A plan that runs is stopped.
    BLOX_UPDATER_CHECK_CMD,   // the same; it came on cmd
    BLOX_UPDATER_STATE,       // text: JSON to publish, retained, on `update`
    BLOX_UPDATER_INFO,        // publish `info` again
    BLOX_UPDATER_REBOOT,      // reset, after what is unsent was published
    BLOX_UPDATER_LOG,         // text: sentence for the log
    BLOX_UPDATER_WARN,        // text: sentence for the log, as a warning
};

struct blox_updater_event {
    enum blox_updater_event_kind kind;
    struct blox_span text; // until the next call of any function
};

// Every pointer and span must stay valid as long as the updater.
struct blox_updater_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    struct blox_span node;     // MQTT client id
    struct blox_span channel;  // setting update.channel
    bool auto_update;          // setting update.auto_update
    uint32_t fetch_timeout_ms; // setting update.fetch_timeout
    // IDLE, or what the boot found: TRIAL or ROLLED_BACK.
    enum blox_updater_state state;
};

struct blox_updater {
    enum blox_updater_state state;
    uint32_t done, of;        // packages staged, packages to fetch
    uint32_t received, total; // bytes of the current package; total 0:
                              // not known yet
    char label[BLOX_UPDATER_LABEL_MAX]; // the current package; empty: none
    char error[BLOX_UPDATER_ERROR_MAX]; // why state is what it is; empty: fine

    // Private, shared by the updater's files.
    struct blox_updater_config config;
    struct blox_todo todo;     // todo.entry: the package asked for
    struct blox_origin origin; // of the list in force
    struct blox_text why;
    char why_data[BLOX_UPDATER_ERROR_MAX];
    char topic[BLOX_UPDATER_TOPIC_MAX]; // of the package asked for
    char document[BLOX_UPDATER_DOCUMENT_MAX];
    uint8_t have[BLOX_LIST_ENTRIES / 8]; // packages staged and verified
    uint8_t arrived[BLOX_SHA256_SIZE];   // of the list that is checked
    uint8_t seen[BLOX_SHA256_SIZE];      // of the channel's last payload, taken
                                         // or not; 0: none yet
    uint8_t failed[BLOX_SHA256_SIZE];    // set that failed; 0: none
    void *file;                          // being written
    uint32_t now;                        // of the last tick
    uint32_t since;                      // when the fetch last moved on
    uint32_t state_at;                   // when a state was last published
    uint32_t wants;                      // what next() gives
    uint32_t promised;                   // blocks that staged wheels unpack to
    uint32_t wrong_size;                 // of a payload of another size
    uint8_t check, fetch, receive, form, wrong, waiting;
    bool arrived_command;  // the list that is checked came from cmd
    bool arriving_command; // the one that arrives does
    uint8_t arriving_byte; // its first; 0: none yet
    bool queued;           // a command waits until the check is over
    bool online;
    bool forced; // act on the list whatever auto_update and memory say
    bool retry;  // the list is not settled: try again at the next connect
    bool moved;  // since must be set at the next tick
};

// Starts: reads what is remembered in /.blox. Returns BLOX_OK, or an error of
// storage (the updater then works, but remembers nothing).
int blox_updater_init(struct blox_updater *updater,
                      const struct blox_updater_config *config);

// The connection is up, or lost. What was subscribed is forgotten by it.
void blox_updater_connected(struct blox_updater *updater, bool online);

// The broker has acknowledged the subscription of topic.
void blox_updater_subscribed(struct blox_updater *updater,
                             struct blox_span topic);

// A PUBLISH begins; retain: the broker kept it. Returns whether its payload is
// wanted; if so, feed and end follow before the next begin. What was kept on
// cmd never is: it would be done again at each connect.
bool blox_updater_begin(struct blox_updater *updater, struct blox_span topic,
                        uint32_t size, bool retain);

// Takes bytes of the payload, all of them. What goes wrong is told by state
// and error.
void blox_updater_feed(struct blox_updater *updater, struct blox_span data);

// The payload is complete (ok), or it broke off with the connection.
void blox_updater_end(struct blox_updater *updater, bool ok);

// The plan asked for refused the list, or could not be made: this sentence
// says why.
void blox_updater_refused(struct blox_updater *updater,
                          struct blox_span sentence);

// There was no memory for what reads the list or command: this sentence says
// so. What came on cmd waits for the next boot. With may_reset the device asks
// for a reset when the update was ordered, or auto_update is on: the next boot
// must load what reads it before the user's program. Returns whether that is
// needed: false on trial, while packages are fetched, and for a set that was
// just confirmed, whose list is read again at any boot.
bool blox_updater_starved(struct blox_updater *updater,
                          struct blox_span sentence, bool may_reset);

// What was to be checked is no list but a command, and has been read
// (core/ota/command.h). Returns whether it was that: false when something newer
// may have taken its place before it was read, which will be checked instead.
bool blox_updater_command(struct blox_updater *updater);

// What a plan found (core/ota/plan.h).
struct blox_updater_plan {
    uint32_t needed;    // entries to act on
    uint32_t fetched;   // packages to fetch of them
    uint32_t blocks;    // of flash that these need
    const uint8_t *set; // BLOX_SHA256_SIZE bytes that name the set
};

// The plan asked for is done.
void blox_updater_planned(struct blox_updater *updater,
                          const struct blox_updater_plan *plan);

// Acts on the update that waits, as the command `install` does.
void blox_updater_install(struct blox_updater *updater);

// The set on trial was confirmed: lists are acted on again.
void blox_updater_confirmed(struct blox_updater *updater);

// Does the next piece of work. now is in milliseconds of any clock that may
// wrap around. Returns in how many milliseconds to call again: 0 when there
// is work, at most 1000. Call next() until it gives nothing before each tick.
uint32_t blox_updater_tick(struct blox_updater *updater, uint32_t now);

// Gives the next thing to do. Returns whether there was one.
bool blox_updater_next(struct blox_updater *updater,
                       struct blox_updater_event *event);

// The name of a state, as documents spell it.
const char *blox_updater_state_name(enum blox_updater_state state);

#endif
