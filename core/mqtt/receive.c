// SPDX-License-Identifier: MIT
// Bytes from the broker, chapter 2: fixed header, then collected in rx what
// must be seen at once, then the payload passed on as it comes.
#include <string.h>

#include "core/base/bytes.h"
#include "core/mqtt/internal.h"

enum { TOPIC_LENGTH_SIZE = 2, IDENTIFIER_SIZE = 2, LENGTH_BYTES_MAX = 4 };

static int packet_type(const struct mqtt_session *session) {
    return session->first_byte >> 4;
}

static unsigned qos(const struct mqtt_session *session) {
    return session->first_byte >> MQTT_PUBLISH_QOS_SHIFT & 3u;
}

static size_t identifier_size(const struct mqtt_session *session) {
    return qos(session) > 0 ? IDENTIFIER_SIZE : 0;
}

// MQTT 3.1.1 has no property length.
static size_t property_length_size(const struct mqtt_session *session) {
    return session->plain ? 0 : 1;
}

static void malformed(struct mqtt_session *session) {
    blox_mqtt_refuse(session, MQTT_MALFORMED_PACKET);
}

// The packet is over; what it left in rx stays until the next byte comes.
static void packet_over(struct mqtt_session *session, uint8_t ready) {
    session->ready = ready;
    session->stage = MQTT_STAGE_TYPE;
}

// Whether more bytes may be collected into rx; the caller's next step when
// they do not fit is its own.
static bool want(struct mqtt_session *session, size_t more) {
    if (!blox_mqtt_holds(session, &session->buffers.rx,
                         session->rx_size + more)) {
        return false;
    }
    session->rx_need = session->rx_size + more;
    return true;
}

static void skip_rest(struct mqtt_session *session) {
    session->stage = MQTT_STAGE_SKIP_REST;
    session->skip = session->left;
    if (session->left == 0) {
        packet_over(session, MQTT_READY_SKIPPED);
    }
}

// The topic does not fit: drop it, but not the identifier behind it.
static void skip_topic(struct mqtt_session *session, uint32_t size) {
    session->stage = MQTT_STAGE_SKIP_TOPIC;
    session->skip = size;
    if (session->extra != NULL) {
        session->extra->ops->passed_over(session);
    }
}

static void skip_over(struct mqtt_session *session) {
    if (session->stage == MQTT_STAGE_SKIP_AGAIN) {
        packet_over(session, MQTT_READY_AGAIN);
    } else if (session->stage == MQTT_STAGE_SKIP_REST) {
        packet_over(session, MQTT_READY_SKIPPED);
    } else if (qos(session) == 0) {
        skip_rest(session);
    } else {
        session->rx_size = 0;
        session->rx_need = IDENTIFIER_SIZE;
        session->stage = MQTT_STAGE_SKIP_IDENTIFIER;
    }
}

static void collected_topic_length(struct mqtt_session *session) {
    uint32_t topic = blox_be16(session->buffers.rx.data);
    size_t more =
        topic + identifier_size(session) + property_length_size(session);
    if (more > session->left || more == 0) {
        malformed(session);
    } else if (want(session, more)) {
        session->length_bytes = 1;
        session->stage = MQTT_STAGE_TOPIC;
    } else {
        skip_topic(session, topic);
    }
}

static void skip_properties(struct mqtt_session *session) {
    if (session->extra != NULL) {
        session->extra->ops->passed_over(session);
    }
    if (qos(session) > 0) {
        size_t topic = blox_be16(session->buffers.rx.data);
        session->acknowledge =
            blox_be16(session->buffers.rx.data + TOPIC_LENGTH_SIZE + topic);
    }
    skip_rest(session);
}

static void collected_property_length(struct mqtt_session *session) {
    struct mqtt_reader reader = blox_mqtt_reader(blox_span(
        session->buffers.rx.data + session->rx_size - session->length_bytes,
        session->length_bytes));
    uint32_t size = blox_mqtt_read_vbi(&reader);
    if (reader.failed || size > session->left) {
        malformed(session);
    } else if (!want(session, size)) {
        skip_properties(session);
    } else if (size == 0) {
        session->ready = MQTT_READY_PUBLISH;
    } else {
        session->stage = MQTT_STAGE_PROPERTIES;
    }
}

static void collected_topic(struct mqtt_session *session) {
    bool more = session->buffers.rx.data[session->rx_size - 1] >= 0x80;
    if (session->plain) {
        session->ready = MQTT_READY_PUBLISH;
    } else if (!more || session->length_bytes == LENGTH_BYTES_MAX) {
        collected_property_length(session);
    } else if (session->left == 0) {
        malformed(session);
    } else if (want(session, 1)) {
        ++session->length_bytes;
    } else {
        skip_properties(session);
    }
}

static void collected(struct mqtt_session *session) {
    if (session->stage == MQTT_STAGE_TOPIC_LENGTH) {
        collected_topic_length(session);
    } else if (session->stage == MQTT_STAGE_TOPIC) {
        collected_topic(session);
    } else if (session->stage == MQTT_STAGE_PROPERTIES) {
        session->ready = MQTT_READY_PUBLISH;
    } else if (session->stage == MQTT_STAGE_SKIP_IDENTIFIER) {
        session->acknowledge = blox_be16(session->buffers.rx.data);
        skip_rest(session);
    } else {
        packet_over(session, MQTT_READY_PACKET);
    }
}

// Flags of the fixed header, table 2-2: PUBLISH has some, PUBREL one.
static bool first_byte_valid(const struct mqtt_session *session) {
    if (packet_type(session) == MQTT_PUBLISH) {
        bool dup = (session->first_byte & MQTT_PUBLISH_DUP) != 0;
        return qos(session) < 3 && !(dup && qos(session) == 0);
    }
    unsigned flags =
        packet_type(session) == MQTT_PUBREL ? MQTT_REQUEST_FLAGS : 0;
    return (session->first_byte & 0x0f) == flags;
}

enum {
    ACCEPTED = 1 << MQTT_PUBLISH | 1 << MQTT_PUBACK | 1 << MQTT_SUBACK |
               1 << MQTT_UNSUBACK | 1 << MQTT_PINGRESP,
    QOS_2 = 1 << MQTT_PUBREC | 1 << MQTT_PUBREL | 1 << MQTT_PUBCOMP,
};

// Packets a broker sends to a client that connected and does no more than
// this one, once CONNACK is there and not before. Only MQTT 5.0 has DISCONNECT
// from the broker, and AUTH.
static bool expected(const struct mqtt_session *session) {
    bool early = session->state == MQTT_STATE_CONNECTING;
    unsigned types = early ? 1u << MQTT_CONNACK : ACCEPTED;
    if (!early && !session->plain) {
        types |= 1u << MQTT_DISCONNECT;
    }
    if (session->extra != NULL) {
        types |= early ? 0u : QOS_2;
        types |= session->extra->method.data != NULL ? 1u << MQTT_AUTH : 0u;
    }
    return (types >> packet_type(session) & 1) != 0;
}

static void begin_publish(struct mqtt_session *session) {
    session->acknowledge = 0;
    session->stage = MQTT_STAGE_TOPIC_LENGTH;
    session->rx_need = TOPIC_LENGTH_SIZE;
    if (session->left < TOPIC_LENGTH_SIZE) {
        malformed(session);
    }
}

// [MQTT-3.1.2-24]: the header counts as well.
static bool too_large(const struct mqtt_session *session) {
    uint32_t size = 1 + session->length_bytes + session->left;
    return session->largest_packet > 0 && size > session->largest_packet;
}

static void no_room(struct mqtt_session *session) {
    if (session->left > session->buffers.rx.most) {
        blox_mqtt_fail(session, BLOX_ERROR_LIMIT, MQTT_PACKET_TOO_LARGE);
    } else {
        blox_mqtt_fail(session, BLOX_ERROR_MEMORY, MQTT_QUOTA_EXCEEDED);
    }
}

static void fixed_header_over(struct mqtt_session *session) {
    session->rx_size = 0;
    if (too_large(session)) {
        blox_mqtt_refuse(session, MQTT_PACKET_TOO_LARGE);
    } else if (packet_type(session) == MQTT_PUBLISH) {
        begin_publish(session);
    } else if (!blox_mqtt_holds(session, &session->buffers.rx, session->left)) {
        no_room(session);
    } else if (session->left == 0) {
        packet_over(session, MQTT_READY_PACKET);
    } else {
        session->rx_need = session->left;
        session->stage = MQTT_STAGE_BODY;
    }
}

static void feed_first_byte(struct mqtt_session *session, uint8_t byte) {
    session->first_byte = byte;
    session->left = 0;
    session->length_bytes = 0;
    session->stage = MQTT_STAGE_LENGTH;
    if (!expected(session)) {
        blox_mqtt_refuse(session, MQTT_PROTOCOL_ERROR);
    } else if (!first_byte_valid(session)) {
        malformed(session);
    }
}

static void feed_length(struct mqtt_session *session, uint8_t byte) {
    session->left |= (uint32_t)(byte & 0x7f) << 7 * session->length_bytes;
    ++session->length_bytes;
    bool more = byte >= 0x80;
    bool longer_than_needed = byte == 0 && session->length_bytes > 1;
    if (longer_than_needed ||
        (more && session->length_bytes == LENGTH_BYTES_MAX)) {
        malformed(session);
    } else if (!more) {
        fixed_header_over(session);
    }
}

static size_t feed_payload(struct mqtt_session *session, struct blox_span in) {
    session->chunk = blox_span_part(in, 0, session->left);
    session->left -= (uint32_t)session->chunk.size;
    session->ready = MQTT_READY_CHUNK;
    return session->chunk.size;
}

static size_t feed_skip(struct mqtt_session *session, struct blox_span in) {
    uint32_t size = session->skip < in.size ? session->skip : (uint32_t)in.size;
    session->skip -= size;
    session->left -= size;
    if (session->skip == 0) {
        skip_over(session);
    }
    return size;
}

static size_t feed_collect(struct mqtt_session *session, struct blox_span in) {
    struct blox_span part =
        blox_span_part(in, 0, session->rx_need - session->rx_size);
    memcpy(session->buffers.rx.data + session->rx_size, part.data, part.size);
    session->rx_size += part.size;
    session->left -= (uint32_t)part.size;
    if (session->rx_size == session->rx_need) {
        collected(session);
    }
    return part.size;
}

// in is not empty. Returns how many bytes of it were taken, at least one.
static size_t feed_some(struct mqtt_session *session, struct blox_span in) {
    if (session->stage == MQTT_STAGE_TYPE) {
        feed_first_byte(session, in.data[0]);
        return 1;
    }
    if (session->stage == MQTT_STAGE_LENGTH) {
        feed_length(session, in.data[0]);
        return 1;
    }
    if (session->stage == MQTT_STAGE_PAYLOAD) {
        return feed_payload(session, in);
    }
    if (session->stage >= MQTT_STAGE_SKIP_TOPIC) {
        return feed_skip(session, in);
    }
    return feed_collect(session, in);
}

size_t blox_mqtt_feed(struct mqtt_session *session, const uint8_t *data,
                      size_t size) {
    size_t taken = 0;
    session->received = session->received || size > 0;
    while (taken < size && session->ready == MQTT_READY_NONE) {
        if (session->state == MQTT_STATE_CLOSED ||
            session->state == MQTT_STATE_ENDED) {
            return size;
        }
        taken += feed_some(session, blox_span(data + taken, size - taken));
    }
    return taken;
}
