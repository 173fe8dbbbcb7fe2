// SPDX-License-Identifier: MIT
// What blox_mqtt_feed collected, made into events.
#include "core/mqtt/internal.h"

static struct blox_span body(const struct mqtt_session *session) {
    return blox_span(session->buffers.rx, session->rx_size);
}

static void accepted(struct mqtt_session *session,
                     const struct mqtt_connack *connack) {
    struct blox_span properties = connack->properties;
    session->state = MQTT_STATE_CONNECTED;
    session->session_present = connack->session_present;
    session->receive_maximum = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_RECEIVE_MAXIMUM, UINT16_MAX);
    session->maximum_packet_size =
        blox_mqtt_property_number(properties, MQTT_MAXIMUM_PACKET_SIZE, 0);
    session->maximum_qos =
        (uint8_t)blox_mqtt_property_number(properties, MQTT_MAXIMUM_QOS, 2);
    session->retain_available =
        blox_mqtt_property_number(properties, MQTT_RETAIN_AVAILABLE, 1) != 0;
    session->keep_alive = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_SERVER_KEEP_ALIVE, session->keep_alive);
}

static void take_connack(struct mqtt_session *session,
                         struct mqtt_event *event) {
    int refusal = blox_mqtt_read_connack(body(session), &event->connack);
    if (refusal == MQTT_SUCCESS && session->clean_start &&
        event->connack.session_present) {
        refusal = MQTT_PROTOCOL_ERROR; // [MQTT-3.2.2-2]
    }
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
        return;
    }
    event->type = MQTT_EVENT_CONNACK;
    if (event->connack.reason_code == MQTT_SUCCESS) {
        accepted(session, &event->connack);
    } else {
        session->state = MQTT_STATE_ENDED;
    }
}

static int request_type(enum mqtt_event_type event_type) {
    return event_type == MQTT_EVENT_PUBACK   ? MQTT_PUBLISH
           : event_type == MQTT_EVENT_SUBACK ? MQTT_SUBSCRIBE
                                             : MQTT_UNSUBSCRIBE;
}

// An answer to nothing (a request forgotten) makes no event.
static void take_ack(struct mqtt_session *session, int packet_type,
                     enum mqtt_event_type event_type,
                     struct mqtt_event *event) {
    int refusal = blox_mqtt_read_ack(body(session), packet_type, &event->ack);
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, event->ack.packet_identifier);
    if (refusal == MQTT_SUCCESS && entry != NULL &&
        entry->packet_type != request_type(event_type)) {
        refusal = MQTT_PROTOCOL_ERROR;
    }
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
    } else if (entry != NULL) {
        blox_mqtt_in_flight_remove(session, entry);
        event->type = event_type;
    }
}

static void take_disconnect(struct mqtt_session *session,
                            struct mqtt_event *event) {
    int refusal =
        blox_mqtt_read_ack(body(session), MQTT_DISCONNECT, &event->ack);
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
        return;
    }
    session->state = MQTT_STATE_ENDED;
    event->type = MQTT_EVENT_DISCONNECT;
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
    } else {
        take_disconnect(session, event);
    }
}

static void take_publish(struct mqtt_session *session,
                         struct mqtt_event *event) {
    struct mqtt_publish *publish = &event->publish;
    int refusal =
        blox_mqtt_read_publish(body(session), session->first_byte, publish);
    if (refusal != MQTT_SUCCESS) {
        blox_mqtt_refuse(session, refusal);
        return;
    }
    publish->payload_size = session->left;
    session->acknowledge = publish->packet_identifier;
    session->stage = MQTT_STAGE_PAYLOAD;
    session->ready = session->left == 0 ? MQTT_READY_END : MQTT_READY_NONE;
    event->type = MQTT_EVENT_PUBLISH;
}

static void take_chunk(struct mqtt_session *session, struct mqtt_event *event) {
    event->type = MQTT_EVENT_PAYLOAD;
    event->payload = session->chunk;
    session->ready = session->left == 0 ? MQTT_READY_END : MQTT_READY_NONE;
}

// The end of a message waits until its PUBACK has room.
static void take_end(struct mqtt_session *session, struct mqtt_event *event) {
    bool end = session->ready == MQTT_READY_END;
    uint16_t identifier = session->acknowledge;
    if (identifier != 0 &&
        blox_mqtt_send_puback(session, identifier,
                              end ? MQTT_SUCCESS : MQTT_QUOTA_EXCEEDED) < 0) {
        return;
    }
    session->ready = MQTT_READY_NONE;
    session->stage = MQTT_STAGE_TYPE;
    event->type = end ? MQTT_EVENT_PUBLISH_END : MQTT_EVENT_SKIPPED;
}

static void take_error(struct mqtt_session *session, struct mqtt_event *event) {
    session->ready = MQTT_READY_NONE;
    event->type = MQTT_EVENT_ERROR;
    event->error.error = session->error;
    event->error.reason_code = session->error_reason;
    event->error.text = session->error_text;
}

static void take_resend(struct mqtt_session *session,
                        struct mqtt_event *event) {
    struct mqtt_in_flight *entry = blox_mqtt_in_flight_ask(session);
    if (entry != NULL) {
        event->type = MQTT_EVENT_RESEND;
        event->resend.packet_identifier = entry->packet_identifier;
        event->resend.dup = session->session_present;
    }
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
    } else if (ready == MQTT_READY_END || ready == MQTT_READY_SKIPPED) {
        take_end(session, event);
    } else if (ready == MQTT_READY_NONE &&
               session->state == MQTT_STATE_CONNECTED) {
        take_resend(session, event);
    }
}

bool blox_mqtt_next(struct mqtt_session *session, struct mqtt_event *event) {
    event->type = MQTT_EVENT_NONE;
    take_ready(session, event);
    if (session->ready == MQTT_READY_ERROR) {
        take_error(session, event);
    }
    return event->type != MQTT_EVENT_NONE;
}
