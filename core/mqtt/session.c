// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include <string.h>

#include "core/mqtt/internal.h"
#include "core/mqtt/topic.h"

enum { PING_PERMILLE = 750, DEAD_PERMILLE = 1500, RETRY_MS = 250, QOS_MAX = 2 };

int blox_mqtt_init(struct mqtt_session *session,
                   const struct mqtt_buffers *buffers) {
    if (buffers->rx.capacity < BLOX_MQTT_RX_MIN ||
        buffers->tx.capacity < BLOX_MQTT_TX_MIN ||
        buffers->in_flight_capacity < 1) {
        return BLOX_ERROR_BUFFER;
    }
    memset(session, 0, sizeof *session);
    session->buffers = *buffers;
    return BLOX_OK;
}

void blox_mqtt_fail(struct mqtt_session *session, int error, int reason_code) {
    session->state = MQTT_STATE_ENDED;
    session->ready = MQTT_READY_ERROR;
    session->error = error;
    session->error_reason = (uint8_t)reason_code;
    if (reason_code != MQTT_SUCCESS && !session->plain) {
        // Without room it is left out: the connection ends anyway.
        (void)blox_mqtt_send_reason(session, MQTT_DISCONNECT,
                                    (uint8_t)reason_code, blox_span(NULL, 0));
    }
}

void blox_mqtt_refuse(struct mqtt_session *session, int reason_code) {
    blox_mqtt_fail(session, BLOX_ERROR_FORMAT, reason_code);
}

bool blox_mqtt_rests(const struct mqtt_session *session) {
    return session->stage == MQTT_STAGE_TYPE &&
           session->ready == MQTT_READY_NONE && session->tx_size == 0;
}

bool blox_mqtt_connected(const struct mqtt_session *session) {
    return session->state == MQTT_STATE_CONNECTED;
}

static bool will_valid(const struct mqtt_will *will) {
    return will->qos <= QOS_MAX && blox_mqtt_topic_valid(will->topic) &&
           will->payload.size <= MQTT_STRING_MAX;
}

static bool connect_valid(const struct mqtt_connect *connect) {
    return blox_mqtt_string_valid(connect->client_identifier) &&
           blox_mqtt_string_valid(connect->user_name) &&
           connect->password.size <= MQTT_STRING_MAX &&
           (connect->will == NULL || will_valid(connect->will));
}

// Without extra CONNECT has no property but the expiry.
static int check_connect(struct mqtt_session *session,
                         const struct mqtt_connect *connect) {
    if (!connect_valid(connect)) {
        return BLOX_ERROR_ARGUMENT;
    }
    if (session->extra != NULL) {
        return session->extra->ops->connect(session, connect);
    }
    bool more = connect->properties.size > 0 ||
                connect->protocol_version % MQTT_VERSION_5 != 0 ||
                (connect->will != NULL && connect->will->properties.size > 0);
    return more ? BLOX_ERROR_UNSUPPORTED : BLOX_OK;
}

static void begin_connection(struct mqtt_session *session,
                             const struct mqtt_connect *connect) {
    session->state = MQTT_STATE_CONNECTING;
    session->expires = connect->session_expiry_interval == 0;
    session->keep_alive = connect->keep_alive;
    // The first tick takes its time for that of CONNECT.
    session->ticked = false;
    session->sent = true;
    session->received = true;
}

enum { OWN_MAX = 16 };

// Session Expiry Interval, and what extra announces.
static int queue_connect(struct mqtt_session *session,
                         const struct mqtt_connect *connect) {
    uint8_t data[OWN_MAX];
    struct mqtt_writer own = blox_mqtt_writer(data, sizeof data);
    if (connect->session_expiry_interval > 0) {
        blox_mqtt_write_u8(&own, MQTT_SESSION_EXPIRY_INTERVAL);
        blox_mqtt_write_number(&own, connect->session_expiry_interval, 4);
    }
    if (session->extra != NULL) {
        session->extra->ops->announce(session, &own);
    }
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_connect(&writer, connect, blox_span(data, own.size));
    return blox_mqtt_packet_end(session, &writer, MQTT_CONNECT << 4, 0);
}

int blox_mqtt_connect(struct mqtt_session *session,
                      const struct mqtt_connect *connect) {
    if (session->state != MQTT_STATE_CLOSED) {
        return BLOX_ERROR_STATE;
    }
    int error = check_connect(session, connect);
    if (error != BLOX_OK) {
        return error;
    }
    session->plain = connect->protocol_version == MQTT_VERSION_3_1_1;
    session->clean_start = connect->clean_start;
    error = queue_connect(session, connect);
    if (error == BLOX_OK) {
        begin_connection(session, connect);
    }
    return error;
}

void blox_mqtt_close(struct mqtt_session *session) {
    blox_mqtt_in_flight_lost(session);
    session->state = MQTT_STATE_CLOSED;
    session->stage = MQTT_STAGE_TYPE;
    session->ready = MQTT_READY_NONE;
    session->rx_size = 0;
    session->tx_size = 0;
    session->tx_mark = 0;
    session->payload_due = 0;
    session->maximum_packet_size = 0;
    session->pinged = false;
}

static uint32_t earlier(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// What happened since the last tick counts for keeping alive as sent then, at
// the earliest, and as received now, at the latest.
static void note_time(struct mqtt_session *session, uint32_t now) {
    if (session->sent) {
        session->sent_at = session->ticked ? session->now : now;
    }
    if (session->received) {
        session->received_at = now;
    }
    session->sent = false;
    session->received = false;
    session->ticked = true;
    session->now = now;
}

// Keeps the connection alive, section 3.1.2.10. idle and quiet: ms since
// something was sent, received.
static uint32_t keep_alive(struct mqtt_session *session, uint32_t idle,
                           uint32_t quiet) {
    uint32_t ping = session->keep_alive * (uint32_t)PING_PERMILLE;
    uint32_t dead = session->keep_alive * (uint32_t)DEAD_PERMILLE;
    if (quiet >= dead) {
        blox_mqtt_fail(session, BLOX_ERROR_TIMEOUT, MQTT_SUCCESS);
        return 0;
    }
    bool unsure = quiet >= ping && !session->pinged;
    if (idle >= ping || unsure) {
        if (blox_mqtt_send_pingreq(session) < 0) {
            return RETRY_MS;
        }
        session->pinged = true;
        session->sent_at = session->now;
        idle = 0;
    }
    uint32_t due = earlier(ping - idle, dead - quiet);
    return session->pinged ? due : earlier(due, ping - quiet);
}

uint32_t blox_mqtt_tick(struct mqtt_session *session, uint32_t now) {
    note_time(session, now);
    if (session->state == MQTT_STATE_CONNECTED && session->extra != NULL) {
        session->extra->ops->resume(session);
    }
    uint32_t quiet = now - session->received_at;
    if (session->state == MQTT_STATE_CONNECTING) {
        if (quiet < BLOX_MQTT_CONNACK_TIMEOUT) {
            return BLOX_MQTT_CONNACK_TIMEOUT - quiet;
        }
        blox_mqtt_fail(session, BLOX_ERROR_TIMEOUT, MQTT_SUCCESS);
        return 0;
    }
    if (session->state != MQTT_STATE_CONNECTED || session->keep_alive == 0) {
        return BLOX_MQTT_NEVER;
    }
    return keep_alive(session, now - session->sent_at, quiet);
}

int blox_mqtt_disconnect(struct mqtt_session *session, uint8_t reason_code,
                         struct blox_span properties) {
    if (session->state != MQTT_STATE_CONNECTED) {
        return BLOX_ERROR_STATE;
    }
    int error =
        blox_mqtt_check_properties(session, properties, MQTT_DISCONNECT);
    if (error == BLOX_OK) {
        error = blox_mqtt_send_reason(session, MQTT_DISCONNECT, reason_code,
                                      properties);
    }
    if (error == BLOX_OK) {
        session->state = MQTT_STATE_ENDED;
        session->ready = MQTT_READY_NONE;
    }
    return error;
}
