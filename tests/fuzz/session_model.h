// SPDX-License-Identifier: MIT
// What must hold of an MQTT session after each call of its API, each packet
// that leaves and each event: fuzz_session.c drives a session and tells all
// that here. Whatever does not hold aborts.
#ifndef TESTS_FUZZ_SESSION_MODEL_H
#define TESTS_FUZZ_SESSION_MODEL_H

#include "core/mqtt/extra.h"

enum {
    MODEL_IN_FLIGHT = 5, // places of the session's store
    MODEL_INBOUND = 3,   // messages at QoS 2 that it remembers
};

// A message of ours that was accepted at QoS 1 or 2 and is not over.
struct promised {
    uint16_t identifier;
    uint8_t qos;
    bool sent;     // on this connection
    bool received; // PUBREC came
    bool asked;    // RESEND came
};

// Packets on their way out, as they leave.
struct wire {
    uint8_t head[8];
    size_t have;   // bytes of head
    uint32_t left; // bytes behind it
};

// All zero but for session and extra, which it only reads.
struct session_model {
    const struct mqtt_session *session;
    const struct mqtt_extra *extra;
    struct promised promised[MODEL_IN_FLIGHT];
    size_t promises;
    // Inbound at QoS 2, delivered, not released.
    uint16_t once[MODEL_INBOUND + 1];
    size_t onces;
    uint16_t receive_maximum;
    uint32_t maximum_packet_size;
    struct mqtt_publish message; // coming in
    uint64_t message_left;
    bool in_message;
    bool attached; // extra is
    bool plain;    // MQTT 3.1.1
    bool method;   // of authentication, in CONNECT
    bool connected, over, present, resumable;
    bool connect_sent;
    struct wire wire;
};

// The message of ours with this identifier, or NULL.
struct promised *model_find(struct session_model *model, uint16_t identifier);

// Whether this one is to be sent again, for RESEND came.
bool model_is_asked(const struct promised *promised);

// What blox_mqtt_connect took.
void model_connected(struct session_model *model,
                     const struct mqtt_connect *connect);

// What blox_mqtt_publish or its stream made of a message.
void model_published(struct session_model *model,
                     const struct mqtt_publish *message, int32_t result);

// blox_mqtt_forget was told of this message.
void model_forgot(struct session_model *model, struct promised *gone);

// blox_mqtt_disconnect took it.
void model_disconnected(struct session_model *model);

// blox_mqtt_close was called.
void model_closed(struct session_model *model);

// A byte of the session's output leaves; so many of a payload that the caller
// streams do.
void model_leave(struct session_model *model, uint8_t byte);
void model_leave_payload(struct session_model *model, uint32_t size);

// An event of the session.
void model_event(struct session_model *model, const struct mqtt_event *event);

// What was promised is in the session's store, neither more nor less; what is
// out is never over the broker's Receive Maximum.
void model_check_store(struct session_model *model);

// The session keeps what was delivered until it is released, and that alone.
void model_check_inbound(struct session_model *model);

#endif
