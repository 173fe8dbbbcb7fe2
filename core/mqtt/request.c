// SPDX-License-Identifier: MIT
// Requests to the broker: publish, subscribe, unsubscribe.
#include "core/mqtt/internal.h"
#include "core/mqtt/topic.h"

enum { QOS_MAX = 1, SUBSCRIBE_FLAGS = 0x02, OPTIONS_RESERVED = 0xc0 };

static int check_publish(const struct mqtt_session *session,
                         const struct mqtt_publish *publish) {
    if (publish->qos > 2 || (publish->dup && publish->packet_identifier == 0) ||
        !blox_mqtt_topic_valid(publish->topic) ||
        blox_mqtt_properties_check(publish->properties, MQTT_PUBLISH) !=
            MQTT_SUCCESS) {
        return BLOX_ERROR_ARGUMENT;
    }
    if (session->state != MQTT_STATE_CONNECTED) {
        return BLOX_ERROR_STATE;
    }
    if (publish->qos > QOS_MAX || publish->qos > session->maximum_qos ||
        (publish->retain && !session->retain_available)) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    // [MQTT-4.9.0-1] and what was asked for again goes first.
    bool full = blox_mqtt_in_flight_count(session) >= session->receive_maximum;
    return publish->qos > 0 && full ? BLOX_ERROR_BUFFER : BLOX_OK;
}

// The identifier to publish under: 0 at QoS 0, that of a RESEND, or a new one.
static int32_t take_identifier(struct mqtt_session *session,
                               const struct mqtt_publish *publish) {
    if (publish->qos == 0) {
        return publish->packet_identifier == 0 ? 0 : BLOX_ERROR_ARGUMENT;
    }
    if (publish->packet_identifier == 0) {
        return blox_mqtt_in_flight_add(session, MQTT_PUBLISH);
    }
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, publish->packet_identifier);
    if (entry == NULL || entry->resend != MQTT_ASKED_AGAIN) {
        return BLOX_ERROR_STATE;
    }
    return publish->packet_identifier;
}

// Undoes or completes take_identifier.
static void settle_identifier(struct mqtt_session *session, int32_t identifier,
                              bool is_new, int error) {
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, (uint16_t)identifier);
    if (entry == NULL) {
        return;
    }
    if (error == BLOX_OK) {
        entry->resend = MQTT_SENT;
    } else if (is_new) {
        blox_mqtt_in_flight_remove(session, entry);
    }
}

// payload is NULL when it is streamed.
static int32_t publish_packet(struct mqtt_session *session,
                              const struct mqtt_publish *request,
                              const uint8_t *payload) {
    struct mqtt_publish publish = *request;
    int error = check_publish(session, &publish);
    if (error != BLOX_OK) {
        return error;
    }
    int32_t identifier = take_identifier(session, &publish);
    if (identifier < 0) {
        return identifier;
    }
    publish.packet_identifier = (uint16_t)identifier;
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_publish(&writer, &publish);
    uint32_t more = publish.payload_size;
    if (payload != NULL) {
        blox_mqtt_write_bytes(&writer, blox_span(payload, more));
        more = 0;
    }
    error = blox_mqtt_packet_end(session, &writer,
                                 blox_mqtt_publish_first_byte(&publish), more);
    settle_identifier(session, identifier, request->packet_identifier == 0,
                      error);
    return error < 0 ? error : identifier;
}

int32_t blox_mqtt_publish(struct mqtt_session *session,
                          const struct mqtt_publish *publish,
                          const uint8_t *payload) {
    static const uint8_t nothing[1] = {0};
    if (payload == NULL && publish->payload_size > 0) {
        return BLOX_ERROR_ARGUMENT;
    }
    return publish_packet(session, publish,
                          payload != NULL ? payload : nothing);
}

int32_t blox_mqtt_publish_stream(struct mqtt_session *session,
                                 const struct mqtt_publish *publish) {
    if (session->payload_due > 0) {
        return BLOX_ERROR_BUFFER;
    }
    int32_t identifier = publish_packet(session, publish, NULL);
    if (identifier >= 0) {
        session->payload_due = publish->payload_size;
        session->tx_mark = session->tx_size;
    }
    return identifier;
}

void blox_mqtt_forget(struct mqtt_session *session,
                      uint16_t packet_identifier) {
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, packet_identifier);
    if (entry != NULL) {
        blox_mqtt_in_flight_remove(session, entry);
    }
}

static bool subscription_valid(const struct mqtt_subscription *subscription) {
    unsigned options = subscription->options;
    bool retain_handling = (options >> 4 & 3) < 3;
    // [MQTT-3.8.3-4] a shared subscription has no No Local.
    bool shared = blox_span_starts(subscription->filter, "$share/") &&
                  (options & MQTT_SUBSCRIBE_NO_LOCAL) != 0;
    return (options & MQTT_SUBSCRIBE_QOS) <= QOS_MAX && retain_handling &&
           (options & OPTIONS_RESERVED) == 0 && !shared &&
           blox_mqtt_filter_valid(subscription->filter);
}

static int32_t begin_request(struct mqtt_session *session, int packet_type) {
    return session->state == MQTT_STATE_CONNECTED
               ? blox_mqtt_in_flight_add(session, packet_type)
               : BLOX_ERROR_STATE;
}

static int32_t end_request(struct mqtt_session *session,
                           const struct mqtt_writer *writer, int packet_type,
                           int32_t identifier) {
    int error = blox_mqtt_packet_end(
        session, writer, (uint8_t)(packet_type << 4 | SUBSCRIBE_FLAGS), 0);
    settle_identifier(session, identifier, true, error);
    return error < 0 ? error : identifier;
}

int32_t blox_mqtt_subscribe(struct mqtt_session *session,
                            struct blox_span properties,
                            const struct mqtt_subscription *subscriptions,
                            size_t count) {
    bool valid = count > 0 && blox_mqtt_properties_check(
                                  properties, MQTT_SUBSCRIBE) == MQTT_SUCCESS;
    for (size_t i = 0; valid && i < count; ++i) {
        valid = subscription_valid(&subscriptions[i]);
    }
    int32_t identifier =
        valid ? begin_request(session, MQTT_SUBSCRIBE) : BLOX_ERROR_ARGUMENT;
    if (identifier < 0) {
        return identifier;
    }
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_subscribe(&writer, (uint16_t)identifier, properties,
                              subscriptions, count);
    return end_request(session, &writer, MQTT_SUBSCRIBE, identifier);
}

int32_t blox_mqtt_unsubscribe(struct mqtt_session *session,
                              const struct blox_span *filters, size_t count) {
    bool valid = count > 0;
    for (size_t i = 0; valid && i < count; ++i) {
        valid = blox_mqtt_filter_valid(filters[i]);
    }
    int32_t identifier =
        valid ? begin_request(session, MQTT_UNSUBSCRIBE) : BLOX_ERROR_ARGUMENT;
    if (identifier < 0) {
        return identifier;
    }
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_unsubscribe(&writer, (uint16_t)identifier, filters, count);
    return end_request(session, &writer, MQTT_UNSUBSCRIBE, identifier);
}
