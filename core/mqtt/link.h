// SPDX-License-Identifier: MIT
// When to connect again, to which server, and what of it is worth a line in
// the log. The connections themselves are the caller's: it reports what
// became of each and does what it is told.
//
//   blox_mqtt_link_init(&link, servers);
//   for ever:
//     connect to server link.server
//     connected: blox_mqtt_link_connected(&link, now, &news)
//     failed or lost: blox_mqtt_link_failed(&link, &failure, now, random,
//                     &advice); wait advice.wait ms
//
// The wait is drawn between nothing and a bound that doubles from
// BLOX_MQTT_LINK_BASE to BLOX_MQTT_LINK_MOST ("full jitter": a thousand
// devices that lost one broker come back spread over the time there is). The
// bound begins anew after a connection that has lasted BLOX_MQTT_LINK_STABLE.
// Several servers are tried in turn, one bound a round; the server of a
// connection that was lost is asked first.
//
// What waiting does not mend (not authorized, banned, a certificate) is tried
// again between half the bound and the bound, from BLOX_MQTT_LINK_SLOW to
// BLOX_MQTT_LINK_SLOW_MOST, once each server has answered so. Another client
// that took the session over (0x8E) is not fought: the same, and that bound
// begins anew only after a connection that has lasted longer than it.
//
// A failure is said when it is new, and as long as it goes on after 1, 2, 4
// ... 60 minutes. Failures are told apart by server, cause and reason code.
// The end of an outage is said when the outage was.
//
// now is in ms from any start and wraps at 2^32.
#ifndef CORE_MQTT_LINK_H
#define CORE_MQTT_LINK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BLOX_MQTT_LINK_BASE = 1000,        // ms
    BLOX_MQTT_LINK_MOST = 64000,       // ms
    BLOX_MQTT_LINK_STABLE = 2000,      // ms
    BLOX_MQTT_LINK_SLOW = 60000,       // ms
    BLOX_MQTT_LINK_SLOW_MOST = 960000, // ms
    BLOX_MQTT_LINK_POLL = 500,         // ms between two looks for the network
    BLOX_MQTT_LINK_SAYINGS = 6,        // failures told apart
};

enum mqtt_link_cause {
    MQTT_LINK_NO_NETWORK, // Wi-Fi is not joined: the broker is not to blame
    MQTT_LINK_NO_NAME,    // the name of the server was not found
    MQTT_LINK_NO_ANSWER,  // refused by TCP, unreachable, no answer in time
    MQTT_LINK_TLS,        // no TLS, or a certificate that is not accepted
    MQTT_LINK_REFUSED,    // CONNACK said no
    // From here on there was a connection.
    MQTT_LINK_ENDED,  // DISCONNECT from the broker
    MQTT_LINK_SILENT, // no answer within the keep alive: half-open
    MQTT_LINK_CLOSED, // TCP ended
    MQTT_LINK_BROKEN, // somebody broke the protocol
};

struct mqtt_link_failure {
    enum mqtt_link_cause cause;
    uint8_t reason_code; // of CONNACK or DISCONNECT, else 0
};

struct mqtt_link_advice {
    uint32_t wait;     // ms, before the next try, which is for link.server
    uint32_t failures; // since the last connection, with this one
    bool say;          // a line in the log
};

struct mqtt_link_news {
    uint32_t down; // ms since the last connection was lost; 0: the first one
    bool say;      // a line in the log
};

// One failure that has been said; the link's own.
struct mqtt_link_saying {
    uint32_t key;
    uint32_t said_at;  // ms
    uint32_t interval; // ms until it may be said again; 0: free
};

struct mqtt_link {
    uint8_t server; // to be tried next, from 0; the rest is the link's own
    uint8_t servers;
    uint8_t level;      // the bound is BASE << level
    uint8_t slow_level; // the same of SLOW
    uint8_t tried;      // servers that failed in this round
    uint8_t tried_slow; // of them, those for which waiting is no help
    bool up;
    bool was_up;
    bool outage_said;
    uint32_t failures;
    uint32_t connected_at;
    uint32_t lost_at;
    struct mqtt_link_saying sayings[BLOX_MQTT_LINK_SAYINGS];
};

// servers: how many there are, 1 to 255; 0 counts as 1.
void blox_mqtt_link_init(struct mqtt_link *link, uint8_t servers);

// CONNACK accepted us.
void blox_mqtt_link_connected(struct mqtt_link *link, uint32_t now,
                              struct mqtt_link_news *news);

// A try failed, or the connection was lost. random: 32 random bits, of which
// the lower 12 serve.
void blox_mqtt_link_failed(struct mqtt_link *link,
                           const struct mqtt_link_failure *failure,
                           uint32_t now, uint32_t random,
                           struct mqtt_link_advice *advice);

// Whether a reason code of CONNACK or DISCONNECT is one that trying again
// soon does not mend.
bool blox_mqtt_link_is_slow(uint8_t reason_code);

#endif
