// SPDX-License-Identifier: MIT
#include "core/mqtt/extra.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/mqtt/internal.h"
#include "core/mqtt/topic.h"

enum { ALIAS_HEADER = 4, OPTIONS_RESERVED = 0xc0 };

// extra->unavailable
enum { NO_WILDCARDS = 1, NO_IDENTIFIERS = 2, NO_SHARED = 4 };

// Aliases: records of number, size and bytes, one behind the other.
static size_t record_size(const uint8_t *record) {
    return ALIAS_HEADER + blox_be16(record + 2);
}

static struct blox_span record_topic(const uint8_t *record) {
    return blox_span(record + ALIAS_HEADER, blox_be16(record + 2));
}

// The record of a number, or, where that is 0, of a topic; NULL without one.
static uint8_t *find_alias(const struct mqtt_aliases *aliases, uint16_t number,
                           struct blox_span topic) {
    for (size_t at = 0; at < aliases->size;) {
        uint8_t *record = aliases->data + at;
        if (number > 0 ? blox_be16(record) == number
                       : blox_span_equal(record_topic(record), topic)) {
            return record;
        }
        at += record_size(record);
    }
    return NULL;
}

static void remove_alias(struct mqtt_aliases *aliases, uint8_t *record) {
    size_t size = record_size(record);
    size_t at = (size_t)(record - aliases->data);
    memmove(record, record + size, aliases->size - at - size);
    aliases->size -= size;
    --aliases->count;
}

static bool alias_fits(const struct mqtt_aliases *aliases,
                       struct blox_span topic) {
    return ALIAS_HEADER + topic.size <= aliases->capacity - aliases->size;
}

static void add_alias(struct mqtt_aliases *aliases, uint16_t number,
                      struct blox_span topic) {
    uint8_t *record = aliases->data + aliases->size;
    blox_put_be16(record, number);
    blox_put_be16(record + 2, (uint16_t)topic.size);
    memcpy(record + ALIAS_HEADER, topic.data, topic.size);
    aliases->size += ALIAS_HEADER + topic.size;
    ++aliases->count;
}

static void clear_aliases(struct mqtt_aliases *aliases) {
    aliases->size = 0;
    aliases->count = 0;
}

// A header was dropped: no number is known to mean what it did.
static void passed_over(struct mqtt_session *session) {
    clear_aliases(&session->extra->in);
    session->extra->aliases_lost = true;
}

// The topic of a PUBLISH by its number, or its number a new topic. Returns as
// mqtt_extra_ops.arrived.
static int resolve(struct mqtt_extra *extra, struct mqtt_publish *publish) {
    struct mqtt_aliases *in = &extra->in;
    if (publish->topic_alias > in->maximum) {
        return MQTT_TOPIC_ALIAS_INVALID; // [MQTT-3.3.2-8]
    }
    uint8_t *record = find_alias(in, publish->topic_alias, publish->topic);
    if (publish->topic.size == 0) {
        if (record == NULL) {
            return extra->aliases_lost ? MQTT_ARRIVED_UNKNOWN
                                       : MQTT_PROTOCOL_ERROR;
        }
        publish->topic = record_topic(record);
        return MQTT_SUCCESS;
    }
    if (record != NULL) {
        remove_alias(in, record);
    }
    if (alias_fits(in, publish->topic)) {
        add_alias(in, publish->topic_alias, publish->topic);
    } else {
        extra->aliases_lost = true;
    }
    return MQTT_SUCCESS;
}

// Where an identifier is kept, NULL when it is not.
static uint16_t *find_inbound(const struct mqtt_extra *extra,
                              uint16_t identifier) {
    for (size_t i = 0; i < extra->inbound_count; ++i) {
        if (extra->inbound[i] == identifier) {
            return &extra->inbound[i];
        }
    }
    return NULL;
}

static void keep_inbound(struct mqtt_session *session, uint16_t identifier) {
    struct mqtt_extra *extra = session->extra;
    extra->inbound[extra->inbound_count++] = identifier;
}

static void announce(struct mqtt_session *session, struct mqtt_writer *writer) {
    struct mqtt_extra *extra = session->extra;
    size_t room = session->clean_start
                      ? extra->inbound_capacity
                      : extra->inbound_capacity - extra->inbound_count;
    extra->announced = (uint16_t)(room > 0 ? room : 1);
    blox_mqtt_write_property(writer, MQTT_RECEIVE_MAXIMUM, extra->announced);
    if (extra->in.maximum > 0) {
        blox_mqtt_write_property(writer, MQTT_TOPIC_ALIAS_MAXIMUM,
                                 extra->in.maximum);
    }
}

// The properties that have a field of their own,
// or that announce writes.
static bool has_own(struct blox_span properties) {
    static const uint8_t own[] = {MQTT_SESSION_EXPIRY_INTERVAL,
                                  MQTT_RECEIVE_MAXIMUM,
                                  MQTT_TOPIC_ALIAS_MAXIMUM};
    struct mqtt_property_value property;
    bool any = false;
    for (size_t i = 0; i < sizeof own; ++i) {
        any = any || blox_mqtt_property_find(properties, own[i], &property);
    }
    return any;
}

static bool properties_valid(struct blox_span properties, int packet_type) {
    return blox_mqtt_properties_check(properties, packet_type) == MQTT_SUCCESS;
}

// Section 3.1.2.11.10: data come with a method.
static bool lacks_method(struct blox_span properties) {
    struct mqtt_property_value found;
    return blox_mqtt_property_find(properties, MQTT_AUTHENTICATION_DATA,
                                   &found) &&
           !blox_mqtt_property_find(properties, MQTT_AUTHENTICATION_METHOD,
                                    &found);
}

static int check_connect(const struct mqtt_connect *connect) {
    struct blox_span will =
        connect->will != NULL ? connect->will->properties : blox_span(NULL, 0);
    uint8_t version = connect->protocol_version;
    bool plain = version == MQTT_VERSION_3_1_1;
    if ((!plain && version != 0 && version != MQTT_VERSION_5) ||
        !properties_valid(connect->properties, MQTT_CONNECT) ||
        !properties_valid(will, MQTT_WILL) || has_own(connect->properties) ||
        lacks_method(connect->properties)) {
        return BLOX_ERROR_ARGUMENT;
    }
    // Section 3.1.2.9 of MQTT 3.1.1: no password without a user name.
    bool more =
        connect->properties.size > 0 || will.size > 0 ||
        (connect->password.data != NULL && connect->user_name.data == NULL);
    return plain && more ? BLOX_ERROR_UNSUPPORTED : BLOX_OK;
}

static int connecting(struct mqtt_session *session,
                      const struct mqtt_connect *connect) {
    struct blox_span properties = connect->properties;
    int error = check_connect(connect);
    if (error == BLOX_OK) {
        session->largest_packet =
            blox_mqtt_property_number(properties, MQTT_MAXIMUM_PACKET_SIZE, 0);
        session->no_problem =
            blox_mqtt_property_number(properties,
                                      MQTT_REQUEST_PROBLEM_INFORMATION, 1) == 0;
        session->extra->method =
            blox_mqtt_property_text(properties, MQTT_AUTHENTICATION_METHOD);
    }
    return error;
}

// What the broker says it does not have.
static uint8_t unavailable(struct blox_span properties) {
    static const uint8_t features[] = {
        MQTT_WILDCARD_SUBSCRIPTION_AVAILABLE,
        MQTT_SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
        MQTT_SHARED_SUBSCRIPTION_AVAILABLE,
    };
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof features; ++i) {
        bool is = blox_mqtt_property_number(properties, features[i], 1) != 0;
        bits |= is ? 0u : 1u << i;
    }
    return (uint8_t)bits;
}

// Those of a message are as those of a will, which have all that a client may
// send [MQTT-3.3.4-6], but no delay; a Topic Alias is the session's to add.
static int check_properties(const struct mqtt_session *session,
                            struct blox_span properties, int packet_type) {
    bool message = packet_type == MQTT_PUBLISH;
    struct mqtt_property_value found;
    if (!properties_valid(properties, message ? MQTT_WILL : packet_type)) {
        return BLOX_ERROR_ARGUMENT;
    }
    // [MQTT-3.1.2-23]
    bool expiry = blox_mqtt_property_number(
                      properties, MQTT_SESSION_EXPIRY_INTERVAL, 0) > 0;
    if ((expiry && session->expires) ||
        (message && blox_mqtt_property_find(
                        properties, MQTT_WILL_DELAY_INTERVAL, &found))) {
        return BLOX_ERROR_ARGUMENT;
    }
    bool no = (session->extra->unavailable & NO_IDENTIFIERS) != 0 &&
              blox_mqtt_property_find(properties, MQTT_SUBSCRIPTION_IDENTIFIER,
                                      &found);
    return session->plain || no ? BLOX_ERROR_UNSUPPORTED : BLOX_OK;
}

// [MQTT-3.8.3-4] a shared subscription has no No Local.
static int check_subscription(const struct mqtt_session *session,
                              const struct mqtt_subscription *subscription) {
    unsigned options = subscription->options;
    unsigned no = session->extra->unavailable;
    bool shared = blox_span_starts(subscription->filter, "$share/");
    if ((options & MQTT_SUBSCRIBE_QOS) > 2 || (options >> 4 & 3) > 2 ||
        (options & OPTIONS_RESERVED) != 0 ||
        (shared && (options & MQTT_SUBSCRIBE_NO_LOCAL) != 0)) {
        return BLOX_ERROR_ARGUMENT;
    }
    bool wildcard = blox_mqtt_has_wildcard(subscription->filter);
    bool missing = (session->plain && options > 2) ||
                   ((no & NO_SHARED) != 0 && shared) ||
                   ((no & NO_WILDCARDS) != 0 && wildcard);
    return missing ? BLOX_ERROR_UNSUPPORTED : BLOX_OK;
}

// [MQTT-4.12.0-5]: the method is that of CONNECT, also when that had none.
static bool method_same(const struct mqtt_extra *extra,
                        struct blox_span properties) {
    struct blox_span method =
        blox_mqtt_property_text(properties, MQTT_AUTHENTICATION_METHOD);
    return (method.data == NULL) == (extra->method.data == NULL) &&
           blox_span_equal(method, extra->method);
}

static int accepted(struct mqtt_session *session, struct blox_span properties) {
    struct mqtt_extra *extra = session->extra;
    if (!method_same(extra, properties)) {
        return MQTT_PROTOCOL_ERROR;
    }
    extra->unavailable = unavailable(properties);
    if (!session->session_present) {
        extra->inbound_count = 0;
    }
    extra->out.maximum = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_TOPIC_ALIAS_MAXIMUM, 0);
    clear_aliases(&extra->in);
    clear_aliases(&extra->out);
    extra->aliases_lost = false;
    return MQTT_SUCCESS;
}

static int arrived(struct mqtt_session *session, struct mqtt_publish *publish) {
    struct mqtt_extra *extra = session->extra;
    int arrival =
        publish->topic_alias > 0 ? resolve(extra, publish) : MQTT_SUCCESS;
    if (arrival > MQTT_SUCCESS || publish->qos == 0) {
        return arrival;
    }
    bool once = publish->qos == 2;
    if (once && find_inbound(extra, publish->packet_identifier) != NULL) {
        return MQTT_ARRIVED_AGAIN;
    }
    // [MQTT-3.3.4-9]: what waits for PUBREL and this one.
    bool full = extra->inbound_count >= extra->inbound_capacity;
    return once && full ? MQTT_RECEIVE_MAXIMUM_EXCEEDED : arrival;
}

static void alias(struct mqtt_session *session, struct mqtt_publish *publish) {
    struct mqtt_aliases *out = &session->extra->out;
    const uint8_t *record = find_alias(out, 0, publish->topic);
    if (record != NULL) {
        publish->topic_alias = blox_be16(record);
        publish->topic = blox_span(NULL, 0);
    } else if (out->count < out->maximum && alias_fits(out, publish->topic)) {
        publish->topic_alias = (uint16_t)(out->count + 1);
    }
}

static void aliased(struct mqtt_session *session, struct blox_span topic,
                    uint16_t number) {
    struct mqtt_aliases *out = &session->extra->out;
    if (number > out->count) {
        add_alias(out, number, topic);
    }
}

// Returns whether tx took the answer.
static bool answered(struct mqtt_session *session, int packet_type,
                     uint16_t identifier, bool known) {
    return blox_mqtt_send_ack(session, packet_type, identifier,
                              known ? MQTT_SUCCESS
                                    : MQTT_PACKET_IDENTIFIER_NOT_FOUND) ==
           BLOX_OK;
}

// The entry that PUBREC or PUBCOMP belongs to; NULL without one, and *wrong
// when it waits for something else.
static struct mqtt_in_flight *awaited(const struct mqtt_session *session,
                                      uint16_t identifier, bool received,
                                      bool *wrong) {
    struct mqtt_in_flight *entry =
        blox_mqtt_in_flight_find(session, identifier);
    bool right = entry == NULL || entry->answer == MQTT_PUBCOMP ||
                 (received && entry->answer == MQTT_PUBREC);
    *wrong = !right;
    return entry;
}

// Of a failure PUBREL is not sent, section 4.3.3; one that comes again is
// answered again.
static bool take_pubrec(struct mqtt_session *session,
                        struct mqtt_event *event) {
    bool wrong;
    struct mqtt_in_flight *entry =
        awaited(session, event->ack.packet_identifier, true, &wrong);
    bool failed = event->ack.reason_code >= MQTT_REASON_FAILURE;
    if (wrong) {
        blox_mqtt_refuse(session, MQTT_PROTOCOL_ERROR);
        return true;
    }
    if (!failed && !answered(session, MQTT_PUBREL, event->ack.packet_identifier,
                             entry != NULL)) {
        return false;
    }
    if (entry == NULL) {
        return true;
    }
    if (failed) {
        blox_mqtt_in_flight_remove(session, entry);
        event->type = MQTT_EVENT_PUBREC;
    } else if (entry->answer == MQTT_PUBREC) {
        blox_mqtt_in_flight_release(session, entry);
        event->type = MQTT_EVENT_PUBREC;
    }
    return true;
}

static bool take_pubrel(struct mqtt_session *session,
                        const struct mqtt_ack *ack) {
    struct mqtt_extra *extra = session->extra;
    uint16_t *kept = find_inbound(extra, ack->packet_identifier);
    if (!answered(session, MQTT_PUBCOMP, ack->packet_identifier,
                  kept != NULL)) {
        return false;
    }
    if (kept != NULL) {
        *kept = extra->inbound[--extra->inbound_count];
    }
    return true;
}

static void take_pubcomp(struct mqtt_session *session,
                         struct mqtt_event *event) {
    bool wrong;
    struct mqtt_in_flight *entry =
        awaited(session, event->ack.packet_identifier, false, &wrong);
    if (wrong) {
        blox_mqtt_refuse(session, MQTT_PROTOCOL_ERROR);
    } else if (entry != NULL) {
        blox_mqtt_in_flight_remove(session, entry);
        event->type = MQTT_EVENT_PUBCOMP;
    }
}

static void take_auth(struct mqtt_session *session, struct mqtt_event *event) {
    if (!method_same(session->extra, event->ack.properties)) {
        blox_mqtt_refuse(session, MQTT_PROTOCOL_ERROR);
        return;
    }
    event->type = MQTT_EVENT_AUTH;
}

static bool take_packet(struct mqtt_session *session,
                        struct mqtt_event *event) {
    int type = session->first_byte >> 4;
    if (!blox_mqtt_take_ack(session, &event->ack)) {
        return true;
    }
    if (type == MQTT_PUBREC) {
        return take_pubrec(session, event);
    }
    if (type == MQTT_PUBREL) {
        return take_pubrel(session, &event->ack);
    }
    if (type == MQTT_PUBCOMP) {
        take_pubcomp(session, event);
    } else {
        take_auth(session, event);
    }
    return true;
}

static void resume(struct mqtt_session *session) {
    for (size_t i = 0; i < session->in_flight; ++i) {
        struct mqtt_in_flight *entry = &session->buffers.in_flight[i];
        bool due = entry->resend == MQTT_UNSENT &&
                   entry->answer == MQTT_PUBCOMP && session->session_present;
        if (due &&
            answered(session, MQTT_PUBREL, entry->packet_identifier, true)) {
            entry->resend = MQTT_SENT;
        }
    }
}

static const struct mqtt_extra_ops ops = {
    .connect = connecting,
    .check = check_properties,
    .check_subscription = check_subscription,
    .announce = announce,
    .accepted = accepted,
    .packet = take_packet,
    .arrived = arrived,
    .passed_over = passed_over,
    .resume = resume,
    .received = keep_inbound,
    .alias = alias,
    .aliased = aliased,
};

int blox_mqtt_extra_attach(struct mqtt_session *session,
                           struct mqtt_extra *extra,
                           const struct mqtt_extra_buffers *buffers) {
    if (session->state != MQTT_STATE_CLOSED) {
        return BLOX_ERROR_STATE;
    }
    if (buffers->inbound_capacity < 1 ||
        buffers->inbound_capacity > UINT16_MAX) {
        return BLOX_ERROR_BUFFER;
    }
    *extra = (struct mqtt_extra){
        .ops = &ops,
        .inbound = buffers->inbound,
        .inbound_capacity = buffers->inbound_capacity,
        .in = {.data = buffers->aliases_in,
               .capacity = buffers->aliases_in_capacity,
               .maximum = buffers->alias_maximum},
        .out = {.data = buffers->aliases_out,
                .capacity = buffers->aliases_out_capacity},
    };
    session->extra = extra;
    return BLOX_OK;
}

int blox_mqtt_auth(struct mqtt_session *session, uint8_t reason_code,
                   struct blox_span properties) {
    const struct mqtt_extra *extra = session->extra;
    bool again = reason_code == MQTT_REAUTHENTICATE;
    bool open = session->state == MQTT_STATE_CONNECTED ||
                (!again && session->state == MQTT_STATE_CONNECTING);
    if (extra == NULL || extra->method.data == NULL || !open) {
        return BLOX_ERROR_STATE;
    }
    if ((!again && reason_code != MQTT_CONTINUE_AUTHENTICATION) ||
        blox_mqtt_properties_check(properties, MQTT_AUTH) != MQTT_SUCCESS ||
        !method_same(extra, properties)) {
        return BLOX_ERROR_ARGUMENT;
    }
    return blox_mqtt_send_reason(session, MQTT_AUTH, reason_code, properties);
}
