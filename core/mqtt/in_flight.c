// SPDX-License-Identifier: MIT
// Packet identifiers in use, section 2.2.1, oldest first.
#include <string.h>

#include "core/mqtt/internal.h"

static struct mqtt_in_flight *entry_at(const struct mqtt_session *session,
                                       size_t i) {
    return &session->buffers.in_flight[i];
}

struct mqtt_in_flight *
blox_mqtt_in_flight_find(const struct mqtt_session *session,
                         uint16_t packet_identifier) {
    for (size_t i = 0; i < session->in_flight; ++i) {
        if (entry_at(session, i)->packet_identifier == packet_identifier) {
            return entry_at(session, i);
        }
    }
    return NULL;
}

static uint16_t new_identifier(struct mqtt_session *session) {
    do {
        ++session->last_packet_identifier;
    } while (
        session->last_packet_identifier == 0 ||
        blox_mqtt_in_flight_find(session, session->last_packet_identifier));
    return session->last_packet_identifier;
}

int32_t blox_mqtt_in_flight_add(struct mqtt_session *session, int packet_type) {
    if (session->in_flight >= session->buffers.in_flight_capacity) {
        return BLOX_ERROR_BUFFER;
    }
    uint16_t identifier = new_identifier(session);
    *entry_at(session, session->in_flight) = (struct mqtt_in_flight){
        .packet_identifier = identifier,
        .packet_type = (uint8_t)packet_type,
        .resend = MQTT_SENT,
    };
    ++session->in_flight;
    return identifier;
}

void blox_mqtt_in_flight_remove(struct mqtt_session *session,
                                struct mqtt_in_flight *entry) {
    struct mqtt_in_flight *end = entry_at(session, session->in_flight);
    memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof *entry);
    --session->in_flight;
}

void blox_mqtt_in_flight_lost(struct mqtt_session *session) {
    for (size_t i = session->in_flight; i-- > 0;) {
        struct mqtt_in_flight *entry = entry_at(session, i);
        if (entry->packet_type == MQTT_PUBLISH) {
            entry->resend = MQTT_UNSENT;
        } else {
            blox_mqtt_in_flight_remove(session, entry);
        }
    }
}

size_t blox_mqtt_in_flight_count(const struct mqtt_session *session) {
    size_t count = 0;
    for (size_t i = 0; i < session->in_flight; ++i) {
        const struct mqtt_in_flight *entry = entry_at(session, i);
        bool message = entry->packet_type == MQTT_PUBLISH;
        count += message && entry->resend == MQTT_SENT;
    }
    return count;
}

struct mqtt_in_flight *blox_mqtt_in_flight_ask(struct mqtt_session *session) {
    for (size_t i = 0; i < session->in_flight; ++i) {
        if (entry_at(session, i)->resend == MQTT_UNSENT) {
            entry_at(session, i)->resend = MQTT_ASKED_AGAIN;
            return entry_at(session, i);
        }
    }
    return NULL;
}
