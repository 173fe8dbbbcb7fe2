// SPDX-License-Identifier: MIT
// A session driven from both ends: every byte is a call of the API, a packet
// of the broker, or the number of raw bytes it sends. A model beside it knows
// what must hold after each step.
#include <stdlib.h>
#include <string.h>

#include "core/mqtt/extra.h"

enum {
    IN_FLIGHT = 5,
    INBOUND = 3,
    ALIASES = 24,
    SETUP = 4,
    RAW_MAX = 32,
    PATIENCE = 4,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A message of ours that was accepted at QoS 1 or 2 and is not over.
struct promised {
    uint16_t identifier;
    uint8_t qos;
    bool sent;     // on this connection
    bool received; // PUBREC came
    bool asked;    // RESEND came
};

// Packets on their way out, as they leave.
struct wire {
    uint8_t head[8];
    size_t have;      // bytes of head
    uint32_t left;    // bytes behind it
    uint32_t payload; // bytes of it the caller streams
};

struct run {
    struct mqtt_session session;
    struct mqtt_extra extra;
    struct mqtt_in_flight in_flight[IN_FLIGHT];
    uint16_t *inbound;
    uint8_t *rx, *tx, *aliases_in, *aliases_out;
    struct blox_span in; // what is left of the input
    uint32_t now;
    // The model.
    struct promised promised[IN_FLIGHT];
    size_t promises;
    uint16_t once[INBOUND + 1]; // inbound at QoS 2, delivered, not released
    size_t onces;
    uint16_t receive_maximum;
    uint32_t maximum_packet_size;
    struct mqtt_publish message; // coming in
    uint64_t message_left;
    bool in_message;
    bool attached, plain, connected, over, present, resumable;
    bool connect_sent;
    bool method; // of authentication, in CONNECT
    struct wire wire;
};

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static uint8_t take(struct run *run) {
    if (run->in.size == 0) {
        return 0;
    }
    uint8_t byte = run->in.data[0];
    run->in = blox_span_part(run->in, 1, run->in.size);
    return byte;
}

// Reads every byte, for ASan to see where they end.
static void look_at(struct blox_span span) {
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < span.size; ++i) {
        sum = (uint8_t)(sum + span.data[i]);
    }
}

static struct promised *find(struct run *run, uint16_t identifier) {
    for (size_t i = 0; i < run->promises; ++i) {
        if (run->promised[i].identifier == identifier) {
            return &run->promised[i];
        }
    }
    return NULL;
}

static void forget(struct run *run, struct promised *gone) {
    struct promised *end = &run->promised[--run->promises];
    memmove(gone, gone + 1, (size_t)(end - gone) * sizeof *gone);
}

// What was promised is in the session's store, neither more nor less; what is
// out is never over the broker's Receive Maximum.
static void check_store(struct run *run) {
    size_t stored = 0, out = 0;
    for (size_t i = 0; i < run->session.in_flight; ++i) {
        const struct mqtt_in_flight *entry = &run->in_flight[i];
        if (entry->answer < MQTT_SUBACK) {
            struct promised *promised = find(run, entry->packet_identifier);
            must(promised != NULL);
            must((entry->answer == MQTT_PUBACK) == (promised->qos == 1));
            must((entry->answer == MQTT_PUBCOMP) == promised->received);
            ++stored;
        }
    }
    must(stored == run->promises);
    for (size_t i = 0; i < run->promises; ++i) {
        out += run->promised[i].sent && !run->promised[i].received;
    }
    must(!run->connected || out <= run->receive_maximum);
}

// The session keeps what was delivered until it is released, and that alone.
static void check_inbound(struct run *run) {
    must(run->extra.inbound_count <= INBOUND);
    for (size_t i = 0; i < run->onces; ++i) {
        bool kept = false;
        for (size_t j = 0; j < run->extra.inbound_count; ++j) {
            kept = kept || run->inbound[j] == run->once[i];
        }
        if (!kept) {
            must(run->session.first_byte >> 4 == MQTT_PUBREL);
            run->once[i--] = run->once[--run->onces];
        }
    }
    must(run->onces == run->extra.inbound_count);
}

// Whether this message at QoS 2 was delivered and not released since.
static bool delivered(const struct run *run, uint16_t identifier) {
    for (size_t i = 0; i < run->extra.inbound_count; ++i) {
        if (run->inbound[i] == identifier) {
            return true;
        }
    }
    return false;
}

// A whole packet of ours has left.
static void sent_packet(struct run *run, uint32_t remaining) {
    const uint8_t *head = run->wire.head;
    int type = head[0] >> 4;
    size_t at = 1;
    while (head[at++] >= 0x80) {
    }
    uint16_t identifier = (uint16_t)(head[at] << 8 | head[at + 1]);
    must(run->connect_sent == (type != MQTT_CONNECT));
    run->connect_sent = true;
    must(type != MQTT_AUTH || (run->attached && !run->plain));
    bool flagged = type == MQTT_PUBREL || type == MQTT_SUBSCRIBE ||
                   type == MQTT_UNSUBSCRIBE;
    must(type == MQTT_PUBLISH || (head[0] & 15) == (flagged ? 2 : 0));
    must(type != MQTT_PINGREQ || remaining == 0);
    bool ack = type >= MQTT_PUBACK && type <= MQTT_PUBCOMP;
    must(!ack || (remaining == 2 && identifier != 0) ||
         (remaining == 3 && !run->plain));
    if (run->maximum_packet_size > 0 && run->connected) {
        must(at + remaining <= run->maximum_packet_size);
    }
}

// The head: all up to the Remaining Length and two bytes more.
static bool head_complete(const struct wire *wire, uint32_t *remaining,
                          size_t *header) {
    uint32_t value = 0;
    for (size_t i = 1; i < wire->have; ++i) {
        value |= (uint32_t)(wire->head[i] & 0x7f) << 7 * (i - 1);
        must(i <= 4);
        if (wire->head[i] < 0x80) {
            *remaining = value;
            *header = i + 1;
            return wire->have - *header == (value < 2 ? value : 2);
        }
    }
    return false;
}

static void leave(struct run *run, uint8_t byte) {
    struct wire *wire = &run->wire;
    if (wire->left > 0) {
        --wire->left;
        return;
    }
    uint32_t remaining;
    size_t header;
    wire->head[wire->have++] = byte;
    if (head_complete(wire, &remaining, &header)) {
        sent_packet(run, remaining);
        wire->left = remaining - (uint32_t)(wire->have - header);
        wire->have = 0;
    }
}

static void send(struct run *run, size_t size) {
    struct blox_span out = blox_mqtt_output(&run->session);
    must(out.size <= run->session.buffers.tx.capacity);
    for (size_t i = 0; i < size && i < out.size; ++i) {
        leave(run, out.data[i]);
    }
    blox_mqtt_sent(&run->session, size);
    uint32_t due = blox_mqtt_payload_due(&run->session);
    if (due > 0 && size > 0) {
        uint32_t part = due < size ? due : (uint32_t)size;
        must(run->wire.left >= part);
        run->wire.left -= part;
        blox_mqtt_payload_sent(&run->session, part);
    }
}

static void send_all(struct run *run) {
    while (blox_mqtt_output(&run->session).size > 0 ||
           blox_mqtt_payload_due(&run->session) > 0) {
        send(run, 4096);
    }
}

static void publish(struct run *run, uint8_t how, uint16_t identifier,
                    bool dup) {
    static const char *const topics[] = {"t", "a/b", "long/topic/of/a/house",
                                         "u"};
    static const uint8_t properties[] = {1, 1, 0x26, 0, 1, 'k', 0, 1, 'v'};
    static const uint8_t payload[64];
    struct promised *promised = find(run, identifier);
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
    must(result < 0 || (result == 0) == (message.qos == 0));
    must(result < 0 || run->connected);
    must(result < 0 || message.qos < 2 || run->attached);
    if (result > 0 && identifier == 0) {
        must(find(run, (uint16_t)result) == NULL);
        must(run->promises < IN_FLIGHT);
        for (size_t i = 0; i < run->promises; ++i) {
            must(run->promised[i].sent || run->promised[i].received);
        }
        run->promised[run->promises++] = (struct promised){
            .identifier = (uint16_t)result, .qos = message.qos, .sent = true};
    } else if (result > 0) {
        must(promised != NULL && promised->asked && !promised->sent);
        for (struct promised *p = run->promised; p < promised; ++p) {
            must(p->sent || p->received); // in order
        }
        promised->sent = true;
    }
}

static void take_answer(struct run *run, const struct mqtt_event *event) {
    uint16_t identifier = event->ack.packet_identifier;
    look_at(event->ack.properties);
    struct promised *promised = find(run, identifier);
    must(promised != NULL);
    bool failed = event->ack.reason_code >= MQTT_REASON_FAILURE;
    if (event->type == MQTT_EVENT_PUBACK) {
        must(promised->qos == 1);
    } else {
        must(promised->qos == 2);
        if (event->type == MQTT_EVENT_PUBREC && !failed) {
            must(!promised->received);
            promised->received = true;
            return;
        }
        must(event->type == MQTT_EVENT_PUBREC || promised->received);
    }
    forget(run, promised);
}

static void take_message(struct run *run, const struct mqtt_event *event) {
    if (event->type == MQTT_EVENT_PUBLISH) {
        must(!run->in_message && event->publish.topic.size > 0);
        run->in_message = true;
        run->message = event->publish;
        run->message_left = event->publish.payload_size;
        look_at(event->publish.topic);
        look_at(event->publish.properties);
        must(event->publish.qos < 2 ||
             (run->attached &&
              !delivered(run, event->publish.packet_identifier)));
    } else if (event->type == MQTT_EVENT_PAYLOAD) {
        must(run->in_message && event->payload.size > 0 &&
             event->payload.size <= run->message_left);
        run->message_left -= event->payload.size;
        look_at(event->payload);
    } else {
        must(run->in_message && run->message_left == 0);
        run->in_message = false;
        if (run->message.qos == 2) {
            must(run->onces < INBOUND);
            run->once[run->onces++] = run->message.packet_identifier;
        }
    }
}

static void take_connack(struct run *run, const struct mqtt_event *event) {
    must(!run->connected);
    look_at(event->connack.properties);
    if (event->connack.reason_code != MQTT_SUCCESS) {
        run->over = true;
        return;
    }
    struct blox_span properties = event->connack.properties;
    run->connected = true;
    run->present = event->connack.session_present;
    must(!run->present || run->resumable);
    run->receive_maximum = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_RECEIVE_MAXIMUM, UINT16_MAX);
    run->maximum_packet_size =
        blox_mqtt_property_number(properties, MQTT_MAXIMUM_PACKET_SIZE, 0);
    if (!run->present) {
        run->onces = 0;
    }
}

static void take_event(struct run *run, const struct mqtt_event *event) {
    must(!run->over);
    if (event->type == MQTT_EVENT_CONNACK) {
        take_connack(run, event);
    } else if (event->type == MQTT_EVENT_RESEND) {
        struct promised *promised = find(run, event->resend.packet_identifier);
        must(promised != NULL && !promised->sent && !promised->asked &&
             !promised->received && event->resend.dup == run->present);
        promised->asked = true;
        uint8_t how = take(run);
        if (how < 0xf0) {
            publish(run, how, event->resend.packet_identifier,
                    event->resend.dup);
        }
    } else if (event->type == MQTT_EVENT_PUBACK ||
               event->type == MQTT_EVENT_PUBREC ||
               event->type == MQTT_EVENT_PUBCOMP) {
        take_answer(run, event);
    } else if (event->type >= MQTT_EVENT_PUBLISH &&
               event->type <= MQTT_EVENT_PUBLISH_END) {
        take_message(run, event);
    } else if (event->type == MQTT_EVENT_DISCONNECT ||
               event->type == MQTT_EVENT_ERROR) {
        run->over = true;
        run->connected = false;
    }
    must(event->type == MQTT_EVENT_CONNACK || run->connected || run->over ||
         event->type == MQTT_EVENT_AUTH);
}

static bool take_events(struct run *run) {
    struct mqtt_event event;
    bool any = false;
    while (blox_mqtt_next(&run->session, &event)) {
        must(event.type != MQTT_EVENT_NONE);
        take_event(run, &event);
        check_store(run);
        check_inbound(run);
        any = true;
    }
    check_inbound(run);
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
        must(taken <= size - used);
        used += taken;
        stuck = taken > 0 || take_events(run) ? 0 : stuck + 1;
        must(stuck < PATIENCE);
        if (stuck > 0) {
            send_all(run);
        }
    }
    take_events(run);
    free(copy);
}

// A packet as a broker sends it, its identifier one of few.
static void feed_packet(struct run *run, uint8_t what) {
    uint8_t identifier = take(run);
    uint8_t packet[16] = {what, 2, 0, (uint8_t)(identifier & 7)};
    size_t size = 4;
    int type = what >> 4;
    if (type == MQTT_CONNACK) {
        const uint8_t connack[] = {0x20,
                                   9,
                                   identifier & 1,
                                   0,
                                   6,
                                   0x21,
                                   0,
                                   1 + (identifier >> 1 & 3),
                                   0x22,
                                   0,
                                   2,
                                   0x15,
                                   0,
                                   1,
                                   'm'};
        memcpy(packet, connack, sizeof connack);
        size = run->method ? sizeof connack : sizeof connack - 4;
        packet[1] = (uint8_t)(size - 2);
        packet[4] = (uint8_t)(size - 5);
        if (run->plain) {
            packet[1] = 2;
            size = 4;
        } else if ((identifier & 8) != 0) {
            packet[1] = 3;
            packet[4] = 0;
            size = 5;
        }
    } else if (type == MQTT_PUBLISH) {
        const uint8_t body[] = {0, 1,  't', 0, (uint8_t)(identifier & 7),
                                0, 'x'};
        bool numbered = (what & 6) != 0;
        size_t at = 2;
        memcpy(packet + at, body, 3);
        at += 3;
        if (numbered) {
            memcpy(packet + at, body + 3, 2);
            at += 2;
        }
        if (!run->plain) {
            packet[at++] = 0;
        }
        packet[at++] = 'x';
        packet[1] = (uint8_t)(at - 2);
        size = at;
    } else if (type == MQTT_PUBREL) {
        packet[0] = 0x62;
    } else if (type == MQTT_SUBACK || type == MQTT_UNSUBACK) {
        packet[1] = 4;
        size = 6;
    } else if (type >= MQTT_PINGRESP) {
        packet[1] = 0;
        size = 2;
    } else if ((identifier & 0x80) != 0 && !run->plain) {
        packet[1] = 3;
        packet[4] = 0x97;
        size = 5;
    }
    feed(run, packet, size);
}

static void close_session(struct run *run) {
    blox_mqtt_close(&run->session);
    run->connected = false;
    run->over = false;
    run->in_message = false;
    run->maximum_packet_size = 0;
    run->connect_sent = false;
    run->wire = (struct wire){.have = 0};
    for (size_t i = 0; i < run->promises; ++i) {
        run->promised[i].sent = false;
        run->promised[i].asked = false;
    }
}

static void connect(struct run *run, uint8_t how) {
    static const uint8_t asks[] = {0x17, 0, 0x15, 0, 1, 'm'};
    struct mqtt_connect connect = {
        .client_identifier = blox_span_text("c"),
        .keep_alive = how & 2 ? 10 : 0,
        .clean_start = (how & 1) != 0,
        .session_expiry_interval = how & 4 ? 100 : 0,
    };
    if (run->attached && (how & 8) != 0) {
        connect.properties = blox_span(asks, how & 16 ? sizeof asks : 2);
    } else if (run->attached && (how & 32) != 0) {
        connect.protocol_version = MQTT_VERSION_3_1_1;
    }
    bool plain = connect.protocol_version == MQTT_VERSION_3_1_1;
    if (blox_mqtt_connect(&run->session, &connect) == BLOX_OK) {
        run->plain = plain;
        run->method = connect.properties.size == sizeof asks;
        run->resumable = !connect.clean_start;
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
    if (run->promises > 0) {
        struct promised *promised = &run->promised[how % run->promises];
        blox_mqtt_forget(&run->session, promised->identifier);
        forget(run, promised);
    }
}

static void disconnect(struct run *run, uint8_t how) {
    if (blox_mqtt_disconnect(&run->session, how & 4, blox_span(NULL, 0)) ==
        BLOX_OK) {
        must(run->connected);
        run->connected = false;
        run->over = true;
    }
}

// What is asked again and was not answered yet.
static void answer_asked(struct run *run, uint8_t how) {
    for (size_t i = 0; i < run->promises; ++i) {
        if (run->promised[i].asked && !run->promised[i].sent) {
            publish(run, how, run->promised[i].identifier, run->present);
            return;
        }
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
    case 3: {
        size_t size =
            how % RAW_MAX < run->in.size ? how % RAW_MAX : run->in.size;
        struct blox_span raw = run->in;
        run->in = blox_span_part(raw, size, raw.size);
        feed(run, raw.data, size);
        break;
    }
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
        if (how < 16) {
            disconnect(run, how);
        } else {
            blox_mqtt_auth(&run->session, how & 1 ? 0x18 : 0x19,
                           blox_span("\x15\x00\x01m", 4));
        }
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
        .in_flight_capacity = IN_FLIGHT,
    };
    struct mqtt_extra_buffers extra = {
        .inbound_capacity = INBOUND,
        .aliases_in_capacity = setup[2] % ALIASES,
        .aliases_out_capacity = setup[3] % ALIASES,
        .alias_maximum = 3,
    };
    buffers.rx.data = run->rx = malloc(buffers.rx.capacity);
    buffers.tx.data = run->tx = malloc(buffers.tx.capacity);
    extra.inbound = run->inbound = malloc(INBOUND * sizeof(uint16_t));
    extra.aliases_in = run->aliases_in = malloc(ALIASES);
    extra.aliases_out = run->aliases_out = malloc(ALIASES);
    must(blox_mqtt_init(&run->session, &buffers) == BLOX_OK);
    run->attached = (setup[3] & 0x80) == 0;
    if (run->attached) {
        must(blox_mqtt_extra_attach(&run->session, &run->extra, &extra) ==
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
        check_store(&run);
    }
    close_session(&run);
    check_store(&run);
    free(run.rx);
    free(run.tx);
    free(run.inbound);
    free(run.aliases_in);
    free(run.aliases_out);
    return 0;
}
