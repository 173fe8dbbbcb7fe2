// SPDX-License-Identifier: MIT
// What blox_mqtt_feed collected, made into events.
#include "core/mqtt/internal.h"

enum { ACK_SIZE = 5 };

static struct mqtt_reader body(const struct mqtt_session *session) {
    struct mqtt_reader reader =
        blox_mqtt_reader(blox_span(session->buffers.rx.data, session->rx_size));
    reader.plain = session->plain;
    return reader;
}

// Returns MQTT_SUCCESS, or the reason code to refuse it with.
static int accepted(struct mqtt_session *session,
                    const struct mqtt_ack *connack) {
    struct blox_span properties = connack->properties;
    session->state = MQTT_STATE_CONNECTED;
    session->session_present = connack->session_present;
    session->retain_available =
        blox_mqtt_property_number(properties, MQTT_RETAIN_AVAILABLE, 1) != 0;
    session->receive_maximum = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_RECEIVE_MAXIMUM, UINT16_MAX);
    session->maximum_packet_size =
        blox_mqtt_property_number(properties, MQTT_MAXIMUM_PACKET_SIZE, 0);
    session->maximum_qos =
        (uint8_t)blox_mqtt_property_number(properties, MQTT_MAXIMUM_QOS, 2);
    session->keep_alive = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_SERVER_KEEP_ALIVE, session->keep_alive);
    return session->extra == NULL
               ? MQTT_SUCCESS
               : session->extra->ops->accepted(session, properties);
}

static void take_connack(struct mqtt_session *session,
                         struct mqtt_event *event) {
    struct mqtt_reader reader = body(session);
    int refusal = blox_mqtt_read_connack(&reader, &event->connack);
    if (refusal == MQTT_SUCCESS && session->clean_start &&
        event->connack.session_present) {
        refusal = MQTT_PROTOCOL_ERROR; // [MQTT-3.2.2-2]
    }
    bool welcome = event->connack.reason_code == MQTT_SUCCESS;
    if (refusal == MQTT_SUCCESS && welcome) {
        refusal = accepted(session, &event->connack);
    }
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
        return;
    }
    event->type = MQTT_EVENT_CONNACK;
    if (!welcome) {
        session->state = MQTT_STATE_ENDED;
    }
    // Nothing could be acknowledged.
    if (session->maximum_packet_size > 0 &&
        session->maximum_packet_size < ACK_SIZE) {
        blox_mqtt_fail(session, BLOX_ERROR_LIMIT, MQTT_IMPLEMENTATION_ERROR);
    }
}

// [MQTT-3.1.2-29]: what was not asked for is against the protocol.
static bool unasked(const struct mqtt_session *session, int packet_type,
                    const struct mqtt_ack *ack) {
    return session->no_problem && ack->properties.size > 0 &&
           packet_type < MQTT_DISCONNECT;
}

bool blox_mqtt_take_ack(struct mqtt_session *session, struct mqtt_ack *ack) {
    int type = session->first_byte >> 4;
    struct mqtt_reader reader = body(session);
    int refusal = blox_mqtt_read_ack(&reader, type, ack);
    if (refusal == MQTT_SUCCESS && unasked(session, type, ack)) {
        refusal = MQTT_PROTOCOL_ERROR;
    }
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
    }
    return refusal == MQTT_SUCCESS;
}

// An answer to nothing (a request forgotten) makes no event.
static void take_ack(struct mqtt_session *session, int packet_type,
                     enum mqtt_event_type event_type,
                     struct mqtt_event *event) {
    if (!blox_mqtt_take_ack(session, &event->ack)) {
        return;
    }
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, event->ack.packet_identifier);
    if (entry == NULL) {
        return;
    }
    if (entry->answer != packet_type) {
        blox_mqtt_refuse(session, MQTT_PROTOCOL_ERROR);
        return;
    }
    blox_mqtt_in_flight_remove(session, entry);
    event->type = event_type;
}

static void take_disconnect(struct mqtt_session *session,
                            struct mqtt_event *event) {
    if (blox_mqtt_take_ack(session, &event->ack)) {
        session->state = MQTT_STATE_ENDED;
        event->type = MQTT_EVENT_DISCONNECT;
    }
}

static void take_pingresp(struct mqtt_session *session,
                          struct mqtt_event *event) {
    if (session->rx_size > 0) {
        blox_mqtt_refuse(session, MQTT_MALFORMED_PACKET);
        return;
    }
    session->pinged = false;
    event->type = MQTT_EVENT_PINGRESP;
}

static void take_packet(struct mqtt_session *session,
                        struct mqtt_event *event) {
    int type = session->first_byte >> 4;
    if (type == MQTT_CONNACK) {
        take_connack(session, event);
    } else if (type == MQTT_PUBACK) {
        take_ack(session, type, MQTT_EVENT_PUBACK, event);
    } else if (type == MQTT_SUBACK) {
        take_ack(session, type, MQTT_EVENT_SUBACK, event);
    } else if (type == MQTT_UNSUBACK) {
        take_ack(session, type, MQTT_EVENT_UNSUBACK, event);
    } else if (type == MQTT_PINGRESP) {
        take_pingresp(session, event);
    } else if (type == MQTT_DISCONNECT) {
        take_disconnect(session, event);
    } else if (!session->extra->ops->packet(session, event)) {
        session->ready = MQTT_READY_PACKET; // once tx has room
    }
}

// QoS 2 was never asked for without extra, nor were aliases.
static int arrived(struct mqtt_session *session, struct mqtt_publish *publish) {
    if (session->extra != NULL) {
        return session->extra->ops->arrived(session, publish);
    }
    if (publish->topic_alias > 0) {
        return MQTT_TOPIC_ALIAS_INVALID;
    }
    return publish->qos > 1 ? MQTT_PROTOCOL_ERROR : MQTT_SUCCESS;
}

// Drops the payload that comes.
static void pass_over(struct mqtt_session *session, int arrival) {
    bool again = arrival == MQTT_ARRIVED_AGAIN;
    session->stage = again ? MQTT_STAGE_SKIP_AGAIN : MQTT_STAGE_SKIP_REST;
    session->skip = session->left;
    if (session->left == 0) {
        session->ready = again ? MQTT_READY_AGAIN : MQTT_READY_SKIPPED;
    }
}

static void take_publish(struct mqtt_session *session,
                         struct mqtt_event *event) {
    struct mqtt_publish *publish = &event->publish;
    struct mqtt_reader reader = body(session);
    int refusal =
        blox_mqtt_read_publish(&reader, (uint8_t)session->first_byte, publish);
    if (refusal == MQTT_SUCCESS) {
        refusal = arrived(session, publish);
    }
    if (refusal > MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
        return;
    }
    publish->payload_size = session->left;
    session->acknowledge = publish->packet_identifier;
    if (refusal < MQTT_SUCCESS) {
        pass_over(session, refusal);
        return;
    }
    session->stage = MQTT_STAGE_PAYLOAD;
    session->ready = session->left == 0 ? MQTT_READY_END : MQTT_READY_NONE;
    event->type = MQTT_EVENT_PUBLISH;
}

static void take_chunk(struct mqtt_session *session, struct mqtt_event *event) {
    event->type = MQTT_EVENT_PAYLOAD;
    event->payload = session->chunk;
    session->ready = session->left == 0 ? MQTT_READY_END : MQTT_READY_NONE;
}

// Returns false while tx has no room.
static bool acknowledge(struct mqtt_session *session) {
    uint16_t identifier = session->acknowledge;
    bool skipped = session->ready == MQTT_READY_SKIPPED;
    bool once = (session->first_byte & MQTT_PUBLISH_QOS_2) != 0;
    if (identifier != 0 &&
        blox_mqtt_send_ack(session, once ? MQTT_PUBREC : MQTT_PUBACK,
                           identifier,
                           skipped ? MQTT_QUOTA_EXCEEDED : MQTT_SUCCESS) < 0) {
        return false;
    }
    if (once && session->ready == MQTT_READY_END) {
        session->extra->ops->received(session, identifier);
    }
    return true;
}

// The end of a message waits until its acknowledgement has room.
static void take_end(struct mqtt_session *session, struct mqtt_event *event) {
    if (!acknowledge(session)) {
        return;
    }
    if (session->ready != MQTT_READY_AGAIN) {
        bool end = session->ready == MQTT_READY_END;
        event->type = end ? MQTT_EVENT_PUBLISH_END : MQTT_EVENT_SKIPPED;
    }
    session->ready = MQTT_READY_NONE;
    session->stage = MQTT_STAGE_TYPE;
}

static void take_error(struct mqtt_session *session, struct mqtt_event *event) {
    session->ready = MQTT_READY_NONE;
    event->type = MQTT_EVENT_ERROR;
    event->error.error = session->error;
    event->error.reason_code = session->error_reason;
}

// The broker had the message, and has lost its session.
static void forgotten(struct mqtt_session *session,
                      struct mqtt_in_flight *entry, struct mqtt_event *event) {
    event->type = MQTT_EVENT_PUBCOMP;
    event->ack = (struct mqtt_ack){
        .packet_identifier = entry->packet_identifier,
        .reason_code = MQTT_PACKET_IDENTIFIER_NOT_FOUND,
    };
    blox_mqtt_in_flight_remove(session, entry);
}

static void take_resend(struct mqtt_session *session,
                        struct mqtt_event *event) {
    if (session->extra != NULL) {
        session->extra->ops->resume(session);
    }
    struct mqtt_in_flight *entry = blox_mqtt_in_flight_due(session);
    if (entry == NULL) {
        return;
    }
    if (entry->answer == MQTT_PUBCOMP) {
        forgotten(session, entry, event);
        return;
    }
    entry->resend = MQTT_ASKED_AGAIN;
    event->type = MQTT_EVENT_RESEND;
    event->resend.packet_identifier = entry->packet_identifier;
    event->resend.dup = session->session_present;
}

static void take_ready(struct mqtt_session *session, struct mqtt_event *event) {
    uint8_t ready = session->ready;
    if (ready == MQTT_READY_PACKET) {
        session->ready = MQTT_READY_NONE;
        take_packet(session, event);
    } else if (ready == MQTT_READY_PUBLISH) {
        session->ready = MQTT_READY_NONE;
        take_publish(session, event);
    } else if (ready == MQTT_READY_CHUNK) {
        take_chunk(session, event);
    } else if (ready >= MQTT_READY_END && ready <= MQTT_READY_AGAIN) {
        take_end(session, event);
    } else if (ready == MQTT_READY_NONE &&
               session->state == MQTT_STATE_CONNECTED) {
        take_resend(session, event);
    }
}

bool blox_mqtt_answers(const struct mqtt_session *session) {
    switch (session->ready) {
    case MQTT_READY_PUBLISH:
    case MQTT_READY_CHUNK:
    case MQTT_READY_END:
        return false;
    case MQTT_READY_NONE:
        return session->in_flight > 0 &&
               blox_mqtt_in_flight_due(session) != NULL;
    default:
        return true;
    }
}

// What makes no event makes way for what does.
bool blox_mqtt_next(struct mqtt_session *session, struct mqtt_event *event) {
    event->type = MQTT_EVENT_NONE;
    uint8_t ready;
    do {
        ready = session->ready;
        take_ready(session, event);
    } while (event->type == MQTT_EVENT_NONE && session->ready != ready);
    if (session->ready == MQTT_READY_ERROR) {
        take_error(session, event);
    }
    return event->type != MQTT_EVENT_NONE;
}
