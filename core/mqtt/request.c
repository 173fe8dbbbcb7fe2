// SPDX-License-Identifier: MIT
// Requests to the broker: publish, subscribe, unsubscribe.
#include "core/mqtt/internal.h"
#include "core/mqtt/topic.h"

static int qos_max(const struct mqtt_session *session) {
    return session->extra != NULL ? 2 : 1;
}

int blox_mqtt_check_properties(const struct mqtt_session *session,
                               struct blox_span properties, int packet_type) {
    if (properties.size == 0) {
        return BLOX_OK;
    }
    return session->extra == NULL
               ? BLOX_ERROR_UNSUPPORTED
               : session->extra->ops->check(session, properties, packet_type);
}

static bool publish_valid(const struct mqtt_publish *publish) {
    bool dup = publish->dup && publish->packet_identifier == 0;
    return publish->qos <= 2 && !dup && blox_mqtt_topic_valid(publish->topic);
}

static bool publish_supported(const struct mqtt_session *session,
                              const struct mqtt_publish *publish) {
    return publish->qos <= qos_max(session) &&
           publish->qos <= session->maximum_qos &&
           (session->retain_available || !publish->retain);
}

// [MQTT-3.3.4-7], and what was asked for again goes first.
static bool must_wait(const struct mqtt_session *session,
                      const struct mqtt_publish *publish) {
    bool is_new = publish->packet_identifier == 0;
    bool again = blox_mqtt_in_flight_due(session) != NULL ||
                 blox_mqtt_in_flight_asked(session) != NULL;
    return publish->qos > 0 &&
           ((is_new && again) ||
            blox_mqtt_in_flight_count(session) >= session->receive_maximum);
}

static int check_publish(const struct mqtt_session *session,
                         const struct mqtt_publish *publish) {
    if (!publish_valid(publish)) {
        return BLOX_ERROR_ARGUMENT;
    }
    if (session->state != MQTT_STATE_CONNECTED) {
        return BLOX_ERROR_STATE;
    }
    int error =
        blox_mqtt_check_properties(session, publish->properties, MQTT_PUBLISH);
    if (error != BLOX_OK) {
        return error;
    }
    if (!publish_supported(session, publish)) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    return must_wait(session, publish) ? BLOX_ERROR_BUFFER : BLOX_OK;
}

static int answer(const struct mqtt_publish *publish) {
    return publish->qos > 1 ? MQTT_PUBREC : MQTT_PUBACK;
}

// The identifier to publish under: 0 at QoS 0, that of a RESEND, or a new one.
static int32_t take_identifier(struct mqtt_session *session,
                               const struct mqtt_publish *publish) {
    if (publish->qos == 0) {
        return publish->packet_identifier == 0 ? 0 : BLOX_ERROR_ARGUMENT;
    }
    if (publish->packet_identifier == 0) {
        return blox_mqtt_in_flight_add(session, answer(publish));
    }
    const struct mqtt_in_flight *entry = blox_mqtt_in_flight_asked(session);
    bool its_turn = entry != NULL && entry->answer == answer(publish) &&
                    entry->packet_identifier == publish->packet_identifier;
    return its_turn ? publish->packet_identifier : BLOX_ERROR_STATE;
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

// payload is NULL when it is streamed: better so than to make room for it.
static int write_packet(struct mqtt_session *session,
                        const struct mqtt_publish *publish,
                        const uint8_t *payload) {
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_publish(&writer, publish);
    uint32_t more = publish->payload_size;
    writer.grow = NULL;
    if (payload != NULL) {
        blox_mqtt_write_bytes(&writer, blox_span(payload, more));
        more = 0;
    }
    return blox_mqtt_packet_end(session, &writer,
                                blox_mqtt_publish_first_byte(publish), more);
}

// The number is the broker's to know once the packet is written.
static int write_aliased(struct mqtt_session *session,
                         struct mqtt_publish *publish, const uint8_t *payload) {
    struct blox_span topic = publish->topic;
    publish->topic_alias = 0;
    if (session->extra == NULL) {
        return write_packet(session, publish, payload);
    }
    session->extra->ops->alias(session, publish);
    int error = write_packet(session, publish, payload);
    if (error == BLOX_OK) {
        session->extra->ops->aliased(session, topic, publish->topic_alias);
    }
    return error;
}

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
    error = write_aliased(session, &publish, payload);
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

// Without extra the QoS is all there is.
static int check_options(const struct mqtt_session *session,
                         const struct mqtt_subscription *subscription) {
    if (session->extra != NULL) {
        return session->extra->ops->check_subscription(session, subscription);
    }
    return subscription->options <= 1 ? BLOX_OK : BLOX_ERROR_UNSUPPORTED;
}

static int check_filters(const struct mqtt_session *session, int packet_type,
                         const struct mqtt_subscription *subscriptions,
                         size_t count) {
    int error = count > 0 ? BLOX_OK : BLOX_ERROR_ARGUMENT;
    for (size_t i = 0; error == BLOX_OK && i < count; ++i) {
        if (!blox_mqtt_filter_valid(subscriptions[i].filter)) {
            error = BLOX_ERROR_ARGUMENT;
        } else if (packet_type == MQTT_SUBSCRIBE) {
            error = check_options(session, &subscriptions[i]);
        }
    }
    return error;
}

static int32_t request(struct mqtt_session *session, int packet_type,
                       struct blox_span properties,
                       const struct mqtt_subscription *subscriptions,
                       size_t count) {
    int error = check_filters(session, packet_type, subscriptions, count);
    if (error == BLOX_OK && session->state != MQTT_STATE_CONNECTED) {
        error = BLOX_ERROR_STATE;
    }
    if (error == BLOX_OK) {
        error = blox_mqtt_check_properties(session, properties, packet_type);
    }
    int32_t identifier =
        error < 0 ? error : blox_mqtt_in_flight_add(session, packet_type + 1);
    if (identifier < 0) {
        return identifier;
    }
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_subscribe(&writer, packet_type, (uint16_t)identifier,
                              properties, subscriptions, count);
    error = blox_mqtt_packet_end(
        session, &writer, (uint8_t)(packet_type << 4 | MQTT_REQUEST_FLAGS), 0);
    settle_identifier(session, identifier, true, error);
    return error < 0 ? error : identifier;
}

int32_t blox_mqtt_subscribe(struct mqtt_session *session,
                            struct blox_span properties,
                            const struct mqtt_subscription *subscriptions,
                            size_t count) {
    return request(session, MQTT_SUBSCRIBE, properties, subscriptions, count);
}

int32_t blox_mqtt_unsubscribe(struct mqtt_session *session,
                              struct blox_span properties,
                              const struct mqtt_subscription *subscriptions,
                              size_t count) {
    return request(session, MQTT_UNSUBSCRIBE, properties, subscriptions, count);
}
