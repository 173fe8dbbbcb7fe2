// SPDX-License-Identifier: MIT
// A session, its queue and its link that talk to a broker over a line that
// fails: at given bytes of what is said in either direction, in every way
// there is. Who is at the other end, a model or a real broker, is the caller's.
#ifndef TESTS_CORE_MQTT_FAULT_WORLD_H
#define TESTS_CORE_MQTT_FAULT_WORLD_H

#include "core/mqtt/extra.h"
#include "core/mqtt/link.h"
#include "core/mqtt/queue.h"

enum {
    FAULT_UP = 8,   // messages to the broker, at QoS 1 and 2 in turn
    FAULT_DOWN = 8, // and from it
    FAULT_KEEP_ALIVE = 5,
    FAULT_LINE = 4096,
    FAULT_RECEIVED = 64,
    FAULT_PATIENCE = 600000, // ms until everything must be over
    FAULTS = 2,
};

enum fault_kind { FAULT_CUT, FAULT_BLACKHOLE, FAULT_DELAY, FAULT_SPLIT };
enum { FAULT_KINDS = 4 };
enum fault_direction { FAULT_TO_BROKER, FAULT_TO_CLIENT };

// At byte `at` of what goes in a direction, over all connections, from 0. The
// second fault counts from where the first one happened.
struct fault {
    enum fault_kind kind;
    enum fault_direction direction;
    uint32_t at;
};

struct fault_client {
    struct mqtt_session session;
    struct mqtt_extra extra;
    struct mqtt_queue queue;
    struct mqtt_link link;
    uint8_t rx[256], tx[256], aliases[1];
    uint16_t inbound[8];
    struct mqtt_in_flight in_flight[4];
    struct mqtt_queued entries[FAULT_UP];
    uint8_t numbers[FAULT_UP];
    bool begun;
    bool subscribed;
    uint8_t payload[8];
    size_t payload_size;
    uint8_t qos;
    uint8_t received[FAULT_RECEIVED], received_qos[FAULT_RECEIVED];
    size_t received_count;
    uint32_t connect_at; // ms, when there is no connection
};

struct fault_line {
    bool open;
    bool hole; // what goes in is gone
    uint8_t bytes[2][FAULT_LINE];
    size_t size[2];
    uint32_t passed[2];
    uint32_t held_until; // ms
    bool slow;           // a byte at a time
};

struct fault_world;

// The other end of the line.
struct fault_peer {
    void (*open)(struct fault_world *world);  // a connection begins
    void (*close)(struct fault_world *world); // and ends
    // Takes what came out of the line, puts on it what it says.
    void (*run)(struct fault_world *world);
    bool (*done)(const struct fault_world *world); // it has all it is to have
};

struct fault_world {
    const struct fault_peer *peer;
    void *data;         // the peer's
    const char *name;   // client identifier
    const char *topic;  // that is published to
    const char *filter; // that is subscribed to
    struct fault_client client;
    struct fault_line line;
    struct fault faults[FAULTS];
    int fault_count;
    int fault; // how many have happened
    uint32_t now;
};

// A world without a past in which these faults are to happen; the other
// members above client are the caller's to set, before.
void fault_world_init(struct fault_world *world, const struct fault *faults,
                      int count);

// Plays until all has arrived both ways; fails when it never does.
void fault_world_play(struct fault_world *world);

// Puts bytes on the line; a fault happens where it is due.
void fault_line_put(struct fault_world *world, enum fault_direction direction,
                    const uint8_t *data, size_t size);

// How many bytes come out at the other end now.
size_t fault_line_available(const struct fault_world *world,
                            enum fault_direction direction);

// So many of them have been taken.
void fault_line_taken(struct fault_world *world, enum fault_direction direction,
                      size_t size);

// Fails unless messages of each QoS arrived in their order, all of them (half
// of `all` a QoS), and at QoS 2 once.
void fault_check_arrived(const uint8_t *numbers, const uint8_t *qoses,
                         size_t count, uint8_t all);

// Says on stderr what they are.
void fault_print(const struct fault *faults, int count);

#endif
