// SPDX-License-Identifier: MIT
#include "tests/core/mqtt/play.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/core/test.h"

void play_init_small(struct play *play, size_t rx, size_t tx) {
    memset(play, 0xa5, sizeof *play);
    struct mqtt_buffers buffers = {.rx = {play->rx, rx, 0},
                                   .tx = {play->tx, tx, 0},
                                   .in_flight = play->in_flight,
                                   .in_flight_capacity = PLAY_IN_FLIGHT};
    assert_int_equal(blox_mqtt_init(&play->session, &buffers), BLOX_OK);
    blox_text_init(&play->log, play->log_data, sizeof play->log_data);
    play->payload_bytes = 0;
    play->with_properties = false;
}

void play_init(struct play *play) {
    play_init_small(play, PLAY_BUFFER, PLAY_BUFFER);
}

void play_attach(struct play *play) {
    const struct mqtt_extra_buffers buffers = {
        .inbound = play->inbound,
        .inbound_capacity = PLAY_INBOUND,
        .aliases_in = play->aliases[0],
        .aliases_in_capacity = PLAY_ALIASES,
        .aliases_out = play->aliases[1],
        .aliases_out_capacity = PLAY_ALIASES,
        .alias_maximum = PLAY_ALIAS_MAXIMUM,
    };
    assert_int_equal(
        blox_mqtt_extra_attach(&play->session, &play->extra, &buffers),
        BLOX_OK);
}

void play_connect(struct play *play, uint16_t keep_alive, bool clean_start) {
    struct mqtt_connect connect = {.client_identifier = blox_span_text("c"),
                                   .keep_alive = keep_alive,
                                   .clean_start = clean_start};
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
    play_hex(play, "20 03 00 00 00");
    play_logged(play, "connack 00\n");
    assert_true(blox_mqtt_connected(&play->session));
}

struct mqtt_publish play_unanswered(struct play *play) {
    struct mqtt_publish publish = {
        .topic = blox_span_text("t"), .payload_size = 2, .qos = 1};
    play_init(play);
    play_connect(play, 60, true);
    assert_int_equal(
        blox_mqtt_publish(&play->session, &publish, (const uint8_t *)"hi"), 1);
    return publish;
}

void play_connect_full(struct play *play, uint16_t keep_alive) {
    static const uint8_t payload[55];
    struct mqtt_publish publish = {.topic = blox_span_text("t"),
                                   .payload_size = sizeof payload};
    play_init_small(play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(play, keep_alive, true);
    assert_int_equal(blox_mqtt_publish(&play->session, &publish, payload), 0);
}

static int digit(char c) {
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

size_t play_bytes(const char *hex, uint8_t *bytes, size_t capacity) {
    size_t size = 0;
    for (; *hex != '\0'; ++hex) {
        if (*hex != ' ') {
            assert_true(size < capacity);
            bytes[size++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
            ++hex;
        }
    }
    return size;
}

static void add_number(struct play *play, const char *name, uint32_t value) {
    blox_text_add(&play->log, name);
    blox_text_add_u32(&play->log, value);
}

static void add_code(struct play *play, uint8_t code) {
    blox_text_add_char(&play->log, ' ');
    blox_text_add_hex(&play->log, &code, 1);
}

static void add_span(struct play *play, const char *name,
                     struct blox_span span) {
    if (span.size > 0) {
        blox_text_add(&play->log, name);
        blox_text_add_span(&play->log, span);
    }
}

void play_flush(struct play *play) {
    if (play->payload_bytes > 0) {
        if (!play->with_properties) {
            add_number(play, " = ", (uint32_t)play->payload_bytes);
        }
        blox_text_add_char(&play->log, '\n');
        play->payload_bytes = 0;
    }
}

// Returns whether properties are shown as they are.
static bool log_properties(struct play *play, struct blox_span properties) {
    if (play->with_properties && properties.size > 0) {
        blox_text_add(&play->log, " p ");
        blox_text_add_hex(&play->log, properties.data, properties.size);
    }
    return play->with_properties;
}

static void log_payload(struct play *play, struct blox_span payload) {
    assert_true(payload.size > 0);
    if (play->payload_bytes == 0) {
        blox_text_add(&play->log, "payload ");
    }
    if (play->payload_bytes + payload.size <= 64) {
        blox_text_add_hex(&play->log, payload.data, payload.size);
    }
    play->payload_bytes += payload.size;
}

static void log_publish(struct play *play, const struct mqtt_publish *publish) {
    add_span(play, "publish ", publish->topic);
    add_number(play, " size ", publish->payload_size);
    if (publish->qos > 0) {
        add_number(play, " id ", publish->packet_identifier);
    }
    blox_text_add(&play->log, publish->retain ? " retain" : "");
    blox_text_add(&play->log, publish->dup ? " dup" : "");
    if (!log_properties(play, publish->properties) &&
        publish->properties.size > 0) {
        blox_text_add(&play->log, " properties ");
        blox_text_add_hex(&play->log, publish->properties.data,
                          publish->properties.size);
    }
}

static void log_ack(struct play *play, const char *name,
                    const struct mqtt_ack *ack) {
    blox_text_add(&play->log, name);
    if (ack->packet_identifier > 0) {
        add_number(play, " ", ack->packet_identifier);
    }
    add_code(play, ack->reason_code);
    for (size_t i = 1; i < ack->reason_codes.size; ++i) {
        add_code(play, ack->reason_codes.data[i]);
    }
    if (log_properties(play, ack->properties)) {
        return;
    }
    add_span(play, " ",
             blox_mqtt_property_text(ack->properties, MQTT_REASON_STRING));
    add_span(play, " use ",
             blox_mqtt_property_text(ack->properties, MQTT_SERVER_REFERENCE));
}

static void log_event(struct play *play, const struct mqtt_event *event) {
    static const char *const names[] = {
        [MQTT_EVENT_CONNACK] = "connack",
        [MQTT_EVENT_SUBACK] = "suback",
        [MQTT_EVENT_UNSUBACK] = "unsuback",
        [MQTT_EVENT_PUBACK] = "puback",
        [MQTT_EVENT_PUBLISH_END] = "end",
        [MQTT_EVENT_SKIPPED] = "skipped",
        [MQTT_EVENT_PINGRESP] = "pingresp",
        [MQTT_EVENT_RESEND] = "resend ",
        [MQTT_EVENT_DISCONNECT] = "disconnect",
        [MQTT_EVENT_ERROR] = "error",
        [MQTT_EVENT_PUBREC] = "pubrec",
        [MQTT_EVENT_PUBCOMP] = "pubcomp",
        [MQTT_EVENT_AUTH] = "auth",
    };
    if (event->type == MQTT_EVENT_CONNACK) {
        blox_text_add(&play->log, "connack");
        add_code(play, event->connack.reason_code);
        blox_text_add(&play->log,
                      event->connack.session_present ? " present" : "");
        if (!log_properties(play, event->connack.properties)) {
            add_span(play, " ",
                     blox_mqtt_property_text(event->connack.properties,
                                             MQTT_REASON_STRING));
        }
    } else if (event->type == MQTT_EVENT_SUBACK ||
               event->type == MQTT_EVENT_UNSUBACK ||
               event->type == MQTT_EVENT_PUBACK ||
               event->type == MQTT_EVENT_DISCONNECT ||
               event->type >= MQTT_EVENT_PUBREC) {
        log_ack(play, names[event->type], &event->ack);
    } else if (event->type == MQTT_EVENT_PUBLISH) {
        log_publish(play, &event->publish);
    } else if (event->type == MQTT_EVENT_RESEND) {
        add_number(play, "resend ", event->resend.packet_identifier);
        blox_text_add(&play->log, event->resend.dup ? " dup" : "");
    } else if (event->type == MQTT_EVENT_ERROR) {
        blox_text_add(&play->log, "error");
        add_code(play, event->error.reason_code);
        int error = event->error.error;
        blox_text_add(&play->log, error == BLOX_ERROR_TIMEOUT ? " timeout"
                                  : error == BLOX_ERROR_LIMIT ? " limit"
                                                              : "");
    } else {
        blox_text_add(&play->log, names[event->type]);
    }
    blox_text_add_char(&play->log, '\n');
}

void play_take(struct play *play) {
    struct mqtt_event event;
    while (blox_mqtt_next(&play->session, &event)) {
        if (event.type == MQTT_EVENT_PAYLOAD) {
            log_payload(play, event.payload);
        } else {
            play_flush(play);
            log_event(play, &event);
        }
    }
}

// Bytes are handed over in memory of exactly their size, for ASan to see.
void play_feed(struct play *play, const uint8_t *bytes, size_t size,
               size_t piece) {
    for (size_t at = 0; at < size;) {
        size_t part = size - at < piece ? size - at : piece;
        uint8_t *copy = malloc(part);
        memcpy(copy, bytes + at, part);
        size_t taken = 0;
        while (taken < part) {
            size_t now =
                blox_mqtt_feed(&play->session, copy + taken, part - taken);
            assert_true(now > 0);
            taken += now;
            play_take(play);
        }
        free(copy);
        at += part;
    }
}

void play_hex(struct play *play, const char *hex) {
    static uint8_t bytes[70000];
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    play_feed(play, bytes, size, size);
}

static void assert_hex(struct blox_span have, const char *hex) {
    static uint8_t bytes[70000];
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    char text[8192];
    struct blox_text shown;
    blox_text_init(&shown, text, sizeof text);
    blox_text_add_hex(&shown, have.data, have.size);
    if (size != have.size || memcmp(bytes, have.data, size) != 0) {
        print_error("sent %s\nnot  %s\n", text, hex);
        fail();
    }
}

void play_sends(struct play *play, const char *hex) {
    struct blox_span output = blox_mqtt_output(&play->session);
    assert_hex(output, hex);
    blox_mqtt_sent(&play->session, output.size);
}

void play_logged(struct play *play, const char *text) {
    play_flush(play);
    assert_string_equal(play->log_data, text);
    blox_text_clear(&play->log);
}

void play_any_split(const char *hex, const char *text) {
    static uint8_t bytes[70000];
    struct play play;
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    for (size_t piece = 1; piece <= 7; ++piece) {
        play_init(&play);
        play_connect(&play, 60, true);
        play_feed(&play, bytes, size, piece);
        play_logged(&play, text);
    }
    for (size_t cut = 1; cut <= size; ++cut) {
        play_init(&play);
        play_connect(&play, 60, true);
        play_feed(&play, bytes, cut, cut);
        if (cut < size) {
            play_feed(&play, bytes + cut, size - cut, size - cut);
        }
        play_logged(&play, text);
    }
}
