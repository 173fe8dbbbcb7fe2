// SPDX-License-Identifier: MIT
// A session on a stage: buffers, a broker that speaks in hex, and a protocol
// of what happened, one line an event.
#ifndef TESTS_CORE_MQTT_PLAY_H
#define TESTS_CORE_MQTT_PLAY_H

#include "core/base/text.h"
#include "core/mqtt/extra.h"

enum { PLAY_BUFFER = 1024, PLAY_LOG = 4096, PLAY_IN_FLIGHT = 8 };

enum { PLAY_INBOUND = 3, PLAY_ALIASES = 32, PLAY_ALIAS_MAXIMUM = 5 };

struct play {
    struct mqtt_session session;
    uint8_t rx[PLAY_BUFFER];
    uint8_t tx[PLAY_BUFFER];
    struct mqtt_in_flight in_flight[PLAY_IN_FLIGHT];
    struct mqtt_extra extra;
    uint16_t inbound[PLAY_INBOUND];
    uint8_t aliases[2][PLAY_ALIASES];
    char log_data[PLAY_LOG];
    struct blox_text log;
    size_t payload_bytes; // PAYLOAD bytes since the last PUBLISH
    bool with_properties; // logs those of every event, in hex
};

// A session with buffers of PLAY_BUFFER bytes, not connected.
void play_init(struct play *play);

// The same with fewer bytes.
void play_init_small(struct play *play, size_t rx, size_t tx);

// Attaches extra, with PLAY_INBOUND messages at QoS 2, PLAY_ALIASES bytes of
// aliases each way, PLAY_ALIAS_MAXIMUM.
void play_attach(struct play *play);

// Connected: CONNECT sent, a plain CONNACK fed, its event taken, log empty.
void play_connect(struct play *play, uint16_t keep_alive, bool clean_start);

// Connected, and a message at QoS 1, which is returned, unanswered; its packet
// identifier is 1.
struct mqtt_publish play_unanswered(struct play *play);

// Connected with the smallest buffers, and a PUBLISH of 61 bytes that waits in
// tx: not even a DISCONNECT has room behind it.
void play_connect_full(struct play *play, uint16_t keep_alive);

// Bytes from a string of hex digits; blanks are ignored. Returns how many.
size_t play_bytes(const char *hex, uint8_t *bytes, size_t capacity);

// Feeds bytes in pieces of at most `piece` bytes, taking every event into the
// log: runs of PAYLOAD are one line "payload <size> <hex of all>".
void play_feed(struct play *play, const uint8_t *bytes, size_t size,
               size_t piece);

// Feeds bytes given in hex at once.
void play_hex(struct play *play, const char *hex);

// Takes the events that are there.
void play_take(struct play *play);

// Moves all output to where it goes; fails unless it is exactly hex.
void play_sends(struct play *play, const char *hex);

// Ends a line of payload that may be open.
void play_flush(struct play *play);

// Fails unless the log is exactly text; empties it.
void play_logged(struct play *play, const char *text);

// Fails unless, for every way to cut the bytes in two and for every piece size
// up to 7, a fresh connected session logs exactly text.
void play_any_split(const char *hex, const char *text);

#endif
