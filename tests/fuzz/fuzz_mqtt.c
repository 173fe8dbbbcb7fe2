// SPDX-License-Identifier: MIT
// A broker that sends anything: the first four bytes choose the session
// (buffer sizes, pieces, what it has asked for), the rest is the broker's.
#include <stdlib.h>
#include <string.h>

#include "core/mqtt/session.h"

enum { SETUP = 4, IN_FLIGHT = 3, STEP_MS = 137, PATIENCE = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct mqtt_session session;
    struct mqtt_in_flight in_flight[IN_FLIGHT];
    uint8_t *rx;
    uint8_t *tx;
    uint32_t now;
    bool in_message;
    uint64_t left; // bytes of its payload
};

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

// Reads every byte, for ASan to see where they end.
static void look_at(struct blox_span span) {
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < span.size; ++i) {
        sum = (uint8_t)(sum + span.data[i]);
    }
}

static void publish(struct run *run, uint16_t packet_identifier, bool dup) {
    struct mqtt_publish message = {.topic = blox_span_text("t"),
                                   .qos = 1,
                                   .dup = dup,
                                   .packet_identifier = packet_identifier};
    blox_mqtt_publish(&run->session, &message, NULL);
}

static void begin(struct run *run, const uint8_t setup[SETUP]) {
    struct mqtt_buffers buffers = {
        .rx.capacity = BLOX_MQTT_RX_MIN + setup[0] % 64,
        .tx.capacity = BLOX_MQTT_TX_MIN + setup[1] % 64,
        .in_flight = run->in_flight,
        .in_flight_capacity = IN_FLIGHT,
    };
    buffers.rx.data = run->rx = malloc(buffers.rx.capacity);
    buffers.tx.data = run->tx = malloc(buffers.tx.capacity);
    must(blox_mqtt_init(&run->session, &buffers) == BLOX_OK);
    struct mqtt_connect connect = {.clean_start = (setup[3] & 1) != 0,
                                   .keep_alive = 10};
    must(blox_mqtt_connect(&run->session, &connect) == BLOX_OK);
    blox_mqtt_sent(&run->session, blox_mqtt_output(&run->session).size);
}

// Connected, with requests that wait for their answers.
static void settle(struct run *run) {
    const uint8_t connack[] = {0x20, 3, 0, 0, 0};
    struct mqtt_event event;
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    blox_mqtt_feed(&run->session, connack, sizeof connack);
    must(blox_mqtt_next(&run->session, &event));
    publish(run, 0, false);
    blox_mqtt_subscribe(&run->session, blox_span(NULL, 0), &subscription, 1);
}

static void take(struct run *run, const struct mqtt_event *event) {
    if (event->type == MQTT_EVENT_PUBLISH) {
        must(!run->in_message);
        run->in_message = true;
        run->left = event->publish.payload_size;
        look_at(event->publish.topic);
        look_at(event->publish.properties);
    } else if (event->type == MQTT_EVENT_PAYLOAD) {
        must(run->in_message && event->payload.size > 0 &&
             event->payload.size <= run->left);
        run->left -= event->payload.size;
        look_at(event->payload);
    } else if (event->type == MQTT_EVENT_PUBLISH_END) {
        must(run->in_message && run->left == 0);
        run->in_message = false;
    } else if (event->type == MQTT_EVENT_RESEND) {
        publish(run, event->resend.packet_identifier, event->resend.dup);
    }
}

// Feeds one piece to its end: a session that takes nothing must have said so
// by a full tx, and goes on once that is sent.
static void feed(struct run *run, const uint8_t *data, size_t size) {
    int stuck = 0;
    for (size_t used = 0; used < size;) {
        size_t taken = blox_mqtt_feed(&run->session, data + used, size - used);
        must(taken <= size - used);
        used += taken;
        struct mqtt_event event;
        bool any = false;
        while (blox_mqtt_next(&run->session, &event)) {
            any = true;
            take(run, &event);
        }
        stuck = taken == 0 && !any ? stuck + 1 : 0;
        must(stuck <= PATIENCE);
        run->now += STEP_MS;
        blox_mqtt_tick(&run->session, run->now);
        blox_mqtt_sent(&run->session, stuck > 0 ? 1000 : run->now % 5);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < SETUP) {
        return 0;
    }
    struct run run = {.now = 0};
    size_t most = 1u + data[2];
    begin(&run, data);
    if ((data[3] & 2) != 0) {
        settle(&run);
    }
    for (size_t at = SETUP; at < size;) {
        size_t part = size - at < most ? size - at : most;
        uint8_t *copy = malloc(part);
        memcpy(copy, data + at, part);
        feed(&run, copy, part);
        free(copy);
        at += part;
    }
    blox_mqtt_close(&run.session);
    free(run.rx);
    free(run.tx);
    return 0;
}
