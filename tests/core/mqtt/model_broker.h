// SPDX-License-Identifier: MIT
// A broker with one client and a memory that outlives connections, just large
// enough to see whether messages arrive: sessions that go on, QoS 1 and 2 both
// ways. Of the code under test it shares the data types of core/mqtt/wire.h
// alone.
#ifndef TESTS_CORE_MQTT_MODEL_BROKER_H
#define TESTS_CORE_MQTT_MODEL_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_MESSAGES = 16,   // to the client, at most
    MODEL_OUTPUT = 4096,   // bytes
    MODEL_RECEIVED = 256,  // messages from the client
    MODEL_IDENTIFIERS = 32 // at QoS 2, from the client
};

// A message to the client.
struct model_message {
    uint8_t number;
    uint8_t qos;
    enum { MODEL_NEW, MODEL_SENT, MODEL_RELEASED, MODEL_DONE } state;
};

struct model_broker {
    // The session.
    bool known;      // there is one
    bool subscribed; // the client has been, since it began
    struct model_message messages[MODEL_MESSAGES];
    size_t count;
    uint16_t identifiers[MODEL_IDENTIFIERS]; // PUBREL has not come yet
    size_t identifier_count;
    // The connection.
    bool open;
    bool broken; // the client broke the protocol; sentence says how
    const char *sentence;
    bool resent;
    uint8_t packet[512];
    size_t packet_size;
    uint8_t output[MODEL_OUTPUT]; // to the client
    size_t output_size;
    // What arrived, in order: numbers, and the QoS of each.
    uint8_t received[MODEL_RECEIVED];
    uint8_t received_qos[MODEL_RECEIVED];
    size_t received_count;
};

// Message number `number` for the client; sent once it has subscribed.
void model_broker_add(struct model_broker *broker, uint8_t number, uint8_t qos);

// A new connection, or the end of one.
void model_broker_open(struct model_broker *broker);
void model_broker_close(struct model_broker *broker);

// Bytes from the client; answers are appended to output.
void model_broker_feed(struct model_broker *broker, const uint8_t *data,
                       size_t size);

// Whether all messages are with the client and acknowledged.
bool model_broker_done(const struct model_broker *broker);

// The payload of message `number`, four bytes.
void model_payload(uint8_t number, uint8_t *payload);

#endif
