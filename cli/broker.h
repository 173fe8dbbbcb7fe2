// SPDX-License-Identifier: MIT
// A connection to a broker, over libmosquitto: open, deliver, close.
#ifndef CLI_BROKER_H
#define CLI_BROKER_H

#include <stdint.h>

#include "cli/broker_options.h"

struct mosquitto;

// One message from the broker, valid during the call that hands it over.
struct broker_message {
    const char *topic;
    const char *payload;
    size_t size;
    bool retained; // from before we subscribed
};

// Who gets the messages.
struct broker_listener {
    void *context;
    void (*message)(void *context, const struct broker_message *message);
};

// One message to bring to the broker, QoS 1.
struct broker_delivery {
    const char *topic;
    const void *payload;
    size_t size;
    bool retain;
    const char *label; // what a person calls it

    int mid;           // private
    bool acknowledged; // set by broker_deliver
    bool unheard;      // set by broker_deliver: nobody is subscribed to it, as
                       // far as an MQTT 5 broker says so
    bool present;      // set by present_find: it need not be sent
};

struct broker {
    const struct broker_settings *settings;
    struct mosquitto *mosquitto;
    struct broker_delivery *deliveries;
    size_t count;
    size_t acknowledged;

    char detail[160];       // what libmosquitto last complained of
    bool answered;          // CONNACK is there
    bool closed;            // the broker closed the connection
    int reason;             // of CONNACK, a refused PUBACK, or DISCONNECT
    const char *refused;    // the topic of a refused PUBLISH
    uint64_t bytes_at_open; // that TCP had delivered

    const struct broker_listener *listener;
    unsigned losses;  // connections that broker_follow opened anew
    bool patient;     // Ctrl-C is how what we do ends, nothing went wrong
    int subscribed;   // mid of the last SUBACK
    int refused_subs; // filters that were not granted
    double heard;     // broker_clock() of the last message
};

// What broker_deliver tells while it works: bytes of payload that have reached
// the broker. After each acknowledgement it is told again.
struct broker_observer {
    void *context;
    void (*moved)(void *context, uint64_t bytes);
    void (*acknowledged)(void *context, const struct broker_delivery *one);
};

// Connects and logs in. settings must live as long as the broker. On failure
// says why and returns CLI_CONNECTION or CLI_REFUSED; broker_close is called
// in either case.
enum cli_exit broker_open(struct broker *broker,
                          const struct broker_settings *settings);

// Publishes all and waits until the broker has acknowledged each. On failure
// says why and returns CLI_CONNECTION, CLI_REFUSED or CLI_INTERRUPTED.
enum cli_exit broker_deliver(struct broker *broker,
                             struct broker_delivery *deliveries, size_t count,
                             const struct broker_observer *observer);

// Subscribes to filters at QoS 1 and waits for the SUBACK; from then on each
// message goes to the listener, which must live as long as the broker. On
// failure says why and returns CLI_CONNECTION, CLI_REFUSED or CLI_INTERRUPTED.
enum cli_exit broker_subscribe(struct broker *broker,
                               const struct broker_listener *listener,
                               const char *const *filters, size_t count);

// The same at QoS 0, and waits until the retained messages are through: each
// filter after the other, so that a broker's queue does not overflow.
enum cli_exit broker_collect(struct broker *broker,
                             const struct broker_listener *listener,
                             const char *const *filters, size_t count);

// What a topic holds, as far as broker_probe looked.
enum broker_held {
    HELD_NOTHING, // nothing, or we may not read it
    HELD_SOMETHING,
    HELD_UNREAD, // more than was to be read: the connection is of no use now
};

// Looks whether something is retained on a topic, giving up on a message of
// which more than enough bytes came: then broker_close hangs up. A message that
// is read to its end goes to the listener. On failure says why and returns as
// broker_subscribe does.
enum cli_exit broker_probe(struct broker *broker,
                           const struct broker_listener *listener,
                           const char *topic, uint64_t enough,
                           enum broker_held *held);

// Runs the network until *stop (NULL: never) or for so many seconds (negative:
// for ever). Returns CLI_OK then; CLI_INTERRUPTED for Ctrl-C, in silence when
// the broker is patient; else says why and returns CLI_CONNECTION.
enum cli_exit broker_listen(struct broker *broker, double seconds,
                            const bool *stop);

// As broker_listen, but a connection that is lost is opened again, which is
// said once: what is retained under the filters comes anew. Gives up after the
// settings' timeout, with what broker_open says.
enum cli_exit broker_follow(struct broker *broker, double seconds,
                            const bool *stop, const char *const *filters,
                            size_t count);

// One turn of the network, for at most so many ms.
enum cli_exit broker_turn(struct broker *broker, int ms);

// Says goodbye, if connected, and frees everything.
void broker_close(struct broker *broker);

// Seconds of a clock that only goes forward.
double broker_clock(void);

#endif
