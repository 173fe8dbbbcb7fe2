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

int32_t blox_mqtt_in_flight_add(struct mqtt_session *session, int answer) {
    if (session->in_flight >= session->buffers.in_flight_capacity) {
        return BLOX_ERROR_BUFFER;
    }
    uint16_t identifier = new_identifier(session);
    *entry_at(session, session->in_flight) = (struct mqtt_in_flight){
        .packet_identifier = identifier,
        .answer = (uint8_t)answer,
        .resend = MQTT_SENT,
    };
    ++session->in_flight;
    return identifier;
}

static bool is_message(const struct mqtt_in_flight *entry) {
    return entry->answer < MQTT_SUBACK;
}

void blox_mqtt_in_flight_remove(struct mqtt_session *session,
                                struct mqtt_in_flight *entry) {
    struct mqtt_in_flight *end = entry_at(session, session->in_flight);
    memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof *entry);
    --session->in_flight;
}

void blox_mqtt_in_flight_release(struct mqtt_session *session,
                                 struct mqtt_in_flight *entry) {
    struct mqtt_in_flight released = *entry;
    released.answer = MQTT_PUBCOMP;
    blox_mqtt_in_flight_remove(session, entry);
    *entry_at(session, session->in_flight) = released;
    ++session->in_flight;
}

void blox_mqtt_in_flight_lost(struct mqtt_session *session) {
    for (size_t i = session->in_flight; i-- > 0;) {
        struct mqtt_in_flight *entry = entry_at(session, i);
        if (is_message(entry)) {
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
        count += is_message(entry) && entry->resend == MQTT_SENT;
    }
    return count;
}

// Whether PUBREL is to go out again, without an event.
static bool resumes(const struct mqtt_session *session,
                    const struct mqtt_in_flight *entry) {
    return entry->answer == MQTT_PUBCOMP && session->session_present;
}

static struct mqtt_in_flight *first(const struct mqtt_session *session,
                                    int resend) {
    for (size_t i = 0; i < session->in_flight; ++i) {
        struct mqtt_in_flight *entry = entry_at(session, i);
        if (entry->resend == resend && !resumes(session, entry)) {
            return entry;
        }
    }
    return NULL;
}

struct mqtt_in_flight *
blox_mqtt_in_flight_due(const struct mqtt_session *session) {
    return first(session, MQTT_UNSENT);
}

struct mqtt_in_flight *
blox_mqtt_in_flight_asked(const struct mqtt_session *session) {
    return first(session, MQTT_ASKED_AGAIN);
}
