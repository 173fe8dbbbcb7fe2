// SPDX-License-Identifier: MIT
// A session driven from both ends: every byte is a call of the API, a packet
// of the broker, or the number of raw bytes it sends. session_model.h knows
// what must hold after each step.
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/session_model.h"

enum {
    ALIASES = 24,
    SETUP = 4,
    RAW_MAX = 32,
    PATIENCE = 4,
};

struct run {
    struct mqtt_session session;
    struct mqtt_extra extra;
    struct mqtt_in_flight in_flight[MODEL_IN_FLIGHT];
    uint16_t *inbound;
    uint8_t *rx, *tx, *aliases_in, *aliases_out;
    struct blox_span in; // what is left of the input
    uint32_t now;
    struct session_model model;
};

static uint8_t take(struct run *run) {
    if (run->in.size == 0) {
        return 0;
    }
    uint8_t byte = run->in.data[0];
    run->in = blox_span_part(run->in, 1, run->in.size);
    return byte;
}

// identifier: of a message that is sent again, else 0.
static void publish(struct run *run, uint8_t how, uint16_t identifier,
                    bool dup) {
    static const char *const topics[] = {"t", "a/b", "long/topic/of/a/house",
                                         "u"};
    static const uint8_t properties[] = {1, 1, 0x26, 0, 1, 'k', 0, 1, 'v'};
    static const uint8_t payload[64];
    struct promised *promised = model_find(&run->model, identifier);
    struct mqtt_publish message = {
        .topic = blox_span_text(topics[how & 3]),
        .payload_size = how >> 2 & 63,
        .packet_identifier = identifier,
        .qos = promised != NULL ? promised->qos : (how >> 4) % 3,
        .retain = (how & 0x40) != 0,
        .dup = dup,
    };
    if ((how & 0x80) != 0) {
        message.properties = blox_span(properties, sizeof properties);
    }
    int32_t result = (how & 0x44) == 0x44
                         ? blox_mqtt_publish_stream(&run->session, &message)
                         : blox_mqtt_publish(&run->session, &message, payload);
    model_published(&run->model, &message, result);
}

static void send(struct run *run, size_t size) {
    struct blox_span out = blox_mqtt_output(&run->session);
    fuzz_must(out.size <= run->session.buffers.tx.capacity);
    for (size_t i = 0; i < size && i < out.size; ++i) {
        model_leave(&run->model, out.data[i]);
    }
    blox_mqtt_sent(&run->session, size);
    uint32_t due = blox_mqtt_payload_due(&run->session);
    if (due > 0 && size > 0) {
        uint32_t part = due < size ? due : (uint32_t)size;
        model_leave_payload(&run->model, part);
        blox_mqtt_payload_sent(&run->session, part);
    }
}

static void send_all(struct run *run) {
    while (blox_mqtt_output(&run->session).size > 0 ||
           blox_mqtt_payload_due(&run->session) > 0) {
        send(run, 4096);
    }
}

static void take_event(struct run *run, const struct mqtt_event *event) {
    model_event(&run->model, event);
    if (event->type == MQTT_EVENT_RESEND) {
        uint8_t how = take(run);
        if (how < 0xf0) {
            publish(run, how, event->resend.packet_identifier,
                    event->resend.dup);
        }
    }
}

static bool take_events(struct run *run) {
    struct mqtt_event event;
    bool any = false;
    while (blox_mqtt_next(&run->session, &event)) {
        take_event(run, &event);
        model_check_store(&run->model);
        model_check_inbound(&run->model);
        any = true;
    }
    model_check_inbound(&run->model);
    return any;
}

// The broker's bytes, in memory of exactly their size: a session that takes
// nothing goes on once its output is sent.
static void feed(struct run *run, const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size + 1);
    for (size_t i = 0; i < size; ++i) {
        copy[i + 1] = data[i];
    }
    int stuck = 0;
    for (size_t used = 0; used < size;) {
        size_t taken =
            blox_mqtt_feed(&run->session, copy + 1 + used, size - used);
        fuzz_must(taken <= size - used);
        used += taken;
        stuck = taken > 0 || take_events(run) ? 0 : stuck + 1;
        fuzz_must(stuck < PATIENCE);
        if (stuck > 0) {
            send_all(run);
        }
    }
    take_events(run);
    free(copy);
}

// ---- the broker's packets, each of which returns its size -------------------

// what: bits of the identifier, 1: session present, 2 and 4: the Receive
// Maximum, 8: no properties.
static size_t make_connack(const struct session_model *model, uint8_t what,
                           uint8_t packet[16]) {
    const uint8_t connack[] = {
        0x20, 9, what & 1, 0,    6, 0x21, 0,  1 + (what >> 1 & 3),
        0x22, 0, 2,        0x15, 0, 1,    'm'};
    size_t size = model->method ? sizeof connack : sizeof connack - 4;
    memcpy(packet, connack, sizeof connack);
    packet[4] = (uint8_t)(size - 5);
    if (model->plain) {
        size = 4;
    } else if ((what & 8) != 0) {
        packet[4] = 0;
        size = 5;
    }
    packet[1] = (uint8_t)(size - 2);
    return size;
}

static size_t make_publish(const struct session_model *model,
                           uint8_t identifier, uint8_t packet[16]) {
    size_t at = 2;
    memcpy(packet + at, "\0\1t", 3);
    at += 3;
    if ((packet[0] & 6) != 0) {
        packet[at++] = 0;
        packet[at++] = identifier & 7;
    }
    if (!model->plain) {
        packet[at++] = 0;
    }
    packet[at++] = 'x';
    packet[1] = (uint8_t)(at - 2);
    return at;
}

// A packet as a broker sends it, its identifier one of few.
static size_t make_packet(const struct session_model *model, uint8_t identifier,
                          uint8_t packet[16]) {
    int type = packet[0] >> 4;
    packet[1] = 2;
    packet[3] = identifier & 7;
    if (type == MQTT_CONNACK) {
        return make_connack(model, identifier, packet);
    }
    if (type == MQTT_PUBLISH) {
        return make_publish(model, identifier, packet);
    }
    if (type == MQTT_PUBREL) {
        packet[0] = 0x62;
    } else if (type == MQTT_SUBACK || type == MQTT_UNSUBACK) {
        packet[1] = 4;
    } else if (type >= MQTT_PINGRESP) {
        packet[1] = 0;
    } else if ((identifier & 0x80) != 0 && !model->plain) {
        packet[1] = 3;
        packet[4] = 0x97;
    }
    return 2u + packet[1];
}

static void feed_packet(struct run *run, uint8_t what) {
    uint8_t identifier = take(run);
    uint8_t packet[16] = {what};
    feed(run, packet, make_packet(&run->model, identifier, packet));
}

// ---- calls ------------------------------------------------------------------

static void close_session(struct run *run) {
    blox_mqtt_close(&run->session);
    model_closed(&run->model);
}

static void connect(struct run *run, uint8_t how) {
    static const uint8_t asks[] = {0x17, 0, 0x15, 0, 1, 'm'};
    struct mqtt_connect connect = {
        .client_identifier = blox_span_text("c"),
        .keep_alive = how & 2 ? 10 : 0,
        .clean_start = (how & 1) != 0,
        .session_expiry_interval = how & 4 ? 100 : 0,
    };
    if (run->model.attached && (how & 8) != 0) {
        connect.properties = blox_span(asks, how & 16 ? sizeof asks : 2);
    } else if (run->model.attached && (how & 32) != 0) {
        connect.protocol_version = MQTT_VERSION_3_1_1;
    }
    if (blox_mqtt_connect(&run->session, &connect) == BLOX_OK) {
        model_connected(&run->model, &connect);
    }
}

static void request(struct run *run, uint8_t how) {
    struct mqtt_subscription subscription = {
        .filter = how & 1 ? blox_span_text("a/#") : blox_span_text("t"),
        .options = how >> 2 & 0x2f,
    };
    if ((how & 2) != 0) {
        blox_mqtt_unsubscribe(&run->session, blox_span(NULL, 0), &subscription,
                              1);
    } else {
        blox_mqtt_subscribe(&run->session, blox_span("\x0b\x05", how & 2),
                            &subscription, 1);
    }
}

static void give_up(struct run *run, uint8_t how) {
    struct session_model *model = &run->model;
    if (model->promises > 0) {
        struct promised *promised = &model->promised[how % model->promises];
        blox_mqtt_forget(&run->session, promised->identifier);
        model_forgot(model, promised);
    }
}

static void disconnect(struct run *run, uint8_t how) {
    if (blox_mqtt_disconnect(&run->session, how & 4, blox_span(NULL, 0)) ==
        BLOX_OK) {
        model_disconnected(&run->model);
    }
}

// What is asked again and was not answered yet.
static void answer_asked(struct run *run, uint8_t how) {
    const struct session_model *model = &run->model;
    for (size_t i = 0; i < model->promises; ++i) {
        if (model_is_asked(&model->promised[i])) {
            publish(run, how, model->promised[i].identifier, model->present);
            return;
        }
    }
}

static void feed_raw(struct run *run, size_t size) {
    struct blox_span raw = blox_span_part(run->in, 0, size);
    run->in = blox_span_part(run->in, size, run->in.size);
    feed(run, raw.data, raw.size);
}

static void end_or_authenticate(struct run *run, uint8_t how) {
    if (how < 16) {
        disconnect(run, how);
    } else {
        blox_mqtt_auth(&run->session, how & 1 ? 0x18 : 0x19,
                       blox_span("\x15\x00\x01m", 4));
    }
}

static void step(struct run *run, uint8_t op) {
    uint8_t how = take(run);
    switch (op & 15) {
    case 0:
    case 1:
    case 2:
        publish(run, how, 0, false);
        break;
    case 3:
        feed_raw(run, how % RAW_MAX);
        break;
    case 4:
        request(run, how);
        break;
    case 5:
        give_up(run, how);
        break;
    case 6:
        run->now += how * 97u;
        blox_mqtt_tick(&run->session, run->now);
        take_events(run);
        break;
    case 7:
        send(run, how);
        break;
    case 8:
        send_all(run);
        break;
    case 9:
        answer_asked(run, how);
        break;
    case 10:
        close_session(run);
        connect(run, how);
        break;
    case 11:
        end_or_authenticate(run, how);
        break;
    default:
        feed_packet(run, how);
    }
}

static void begin(struct run *run, const uint8_t setup[SETUP]) {
    struct mqtt_buffers buffers = {
        .rx.capacity = BLOX_MQTT_RX_MIN + setup[0] % 64,
        .tx.capacity = BLOX_MQTT_TX_MIN + setup[1] % 64,
        .in_flight = run->in_flight,
        .in_flight_capacity = MODEL_IN_FLIGHT,
    };
    struct mqtt_extra_buffers extra = {
        .inbound_capacity = MODEL_INBOUND,
        .aliases_in_capacity = setup[2] % ALIASES,
        .aliases_out_capacity = setup[3] % ALIASES,
        .alias_maximum = 3,
    };
    buffers.rx.data = run->rx = malloc(buffers.rx.capacity);
    buffers.tx.data = run->tx = malloc(buffers.tx.capacity);
    extra.inbound = run->inbound = malloc(MODEL_INBOUND * sizeof(uint16_t));
    extra.aliases_in = run->aliases_in = malloc(ALIASES);
    extra.aliases_out = run->aliases_out = malloc(ALIASES);
    fuzz_must(blox_mqtt_init(&run->session, &buffers) == BLOX_OK);
    run->model = (struct session_model){
        .session = &run->session,
        .extra = &run->extra,
        .attached = (setup[3] & 0x80) == 0,
    };
    if (run->model.attached) {
        fuzz_must(blox_mqtt_extra_attach(&run->session, &run->extra, &extra) ==
                  BLOX_OK);
    }
    connect(run, setup[2]);
    send_all(run);
    feed_packet(run, MQTT_CONNACK << 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < SETUP) {
        return 0;
    }
    struct run run = {.in = blox_span(data + SETUP, size - SETUP)};
    begin(&run, data);
    while (run.in.size > 0) {
        step(&run, take(&run));
        model_check_store(&run.model);
    }
    close_session(&run);
    model_check_store(&run.model);
    free(run.rx);
    free(run.tx);
    free(run.inbound);
    free(run.aliases_in);
    free(run.aliases_out);
    return 0;
}
