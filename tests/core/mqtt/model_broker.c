// SPDX-License-Identifier: MIT
#include "tests/core/mqtt/model_broker.h"

#include <string.h>

#include "core/mqtt/packet.h"
#include "core/mqtt/wire.h"

enum { PAYLOAD = 4, UNDER_WAY = 3 };

void model_payload(uint8_t number, uint8_t *payload) {
    const uint8_t bytes[PAYLOAD] = {number, (uint8_t)~number, 'x', number};
    memcpy(payload, bytes, PAYLOAD);
}

void model_broker_add(struct model_broker *broker, uint8_t number,
                      uint8_t qos) {
    broker->messages[broker->count++] =
        (struct model_message){number, qos, MODEL_NEW};
}

static void refuse(struct model_broker *broker, const char *sentence) {
    broker->broken = true;
    broker->sentence = sentence;
    broker->open = false;
}

static void put(struct model_broker *broker, const uint8_t *data, size_t size) {
    memcpy(broker->output + broker->output_size, data, size);
    broker->output_size += size;
}

static void put_ack(struct model_broker *broker, uint8_t first,
                    uint16_t identifier) {
    const uint8_t packet[] = {first, 2, (uint8_t)(identifier >> 8),
                              (uint8_t)identifier};
    put(broker, packet, sizeof packet);
}

// Message i of the session goes by the identifier 100 + i.
static uint16_t identifier_of(size_t i) {
    return (uint16_t)(100 + i);
}

static void put_message(struct model_broker *broker, size_t i, bool dup) {
    const struct model_message *message = &broker->messages[i];
    uint8_t packet[] = {(uint8_t)(0x30 | message->qos << 1 | (dup ? 8 : 0)),
                        10,
                        0,
                        1,
                        'd',
                        0,
                        (uint8_t)identifier_of(i),
                        0,
                        0,
                        0,
                        0,
                        0};
    model_payload(message->number, packet + 8);
    put(broker, packet, sizeof packet);
}

// New messages, while few are under way; after a connection began first what
// the last one left unanswered.
static void send_messages(struct model_broker *broker) {
    size_t under_way = 0;
    for (size_t i = 0; i < broker->count && under_way < UNDER_WAY; ++i) {
        struct model_message *message = &broker->messages[i];
        under_way += message->state != MODEL_DONE;
        if (message->state == MODEL_NEW) {
            message->state = MODEL_SENT;
            put_message(broker, i, false);
        } else if (message->state == MODEL_SENT && !broker->resent) {
            put_message(broker, i, true);
        } else if (message->state == MODEL_RELEASED && !broker->resent) {
            put_ack(broker, 0x62, identifier_of(i));
        }
    }
    broker->resent = true;
}

static void on_connect(struct model_broker *broker, struct mqtt_reader body) {
    (void)blox_mqtt_read_string(&body);
    (void)blox_mqtt_read_u8(&body);
    bool clean = (blox_mqtt_read_u8(&body) & 2) != 0;
    if (clean) {
        broker->known = false;
        broker->subscribed = false;
        broker->identifier_count = 0;
    }
    const uint8_t connack[] = {0x20, 3, broker->known, 0, 0};
    put(broker, connack, sizeof connack);
    broker->known = true;
    broker->resent = false;
    if (broker->subscribed) {
        send_messages(broker);
    }
}

static bool identifier_known(const struct model_broker *broker,
                             uint16_t identifier) {
    for (size_t i = 0; i < broker->identifier_count; ++i) {
        if (broker->identifiers[i] == identifier) {
            return true;
        }
    }
    return false;
}

static void deliver(struct model_broker *broker, uint8_t number, uint8_t qos) {
    broker->received_qos[broker->received_count] = qos;
    broker->received[broker->received_count++] = number;
}

static void on_publish(struct model_broker *broker, uint8_t first,
                       struct mqtt_reader body) {
    uint8_t wanted[PAYLOAD];
    uint8_t qos = first >> 1 & 3;
    (void)blox_mqtt_read_string(&body);
    uint16_t identifier = qos > 0 ? blox_mqtt_read_u16(&body) : 0;
    (void)blox_mqtt_read_properties(&body);
    model_payload(body.left > 0 ? body.data[0] : 0, wanted);
    if (body.failed || body.left != PAYLOAD ||
        memcmp(body.data, wanted, PAYLOAD) != 0) {
        refuse(broker, "a PUBLISH that was not sent so");
        return;
    }
    bool again = qos == 2 && identifier_known(broker, identifier);
    if (!again) {
        deliver(broker, body.data[0], qos);
    }
    if (qos == 2 && !again) {
        broker->identifiers[broker->identifier_count++] = identifier;
    }
    if (qos > 0) {
        put_ack(broker, qos == 1 ? 0x40 : 0x50, identifier);
    }
}

static void on_pubrel(struct model_broker *broker, uint16_t identifier) {
    for (size_t i = 0; i < broker->identifier_count; ++i) {
        if (broker->identifiers[i] == identifier) {
            broker->identifiers[i] =
                broker->identifiers[--broker->identifier_count];
        }
    }
    put_ack(broker, 0x70, identifier);
}

// PUBACK, PUBREC or PUBCOMP.
static void on_ack(struct model_broker *broker, int type, uint16_t identifier) {
    size_t i = (size_t)identifier - identifier_of(0);
    if (i >= broker->count || broker->messages[i].state == MODEL_NEW) {
        refuse(broker, "an acknowledgement of nothing");
        return;
    }
    struct model_message *message = &broker->messages[i];
    if (type == MQTT_PUBREC) {
        message->state = MODEL_RELEASED;
        put_ack(broker, 0x62, identifier);
        return;
    }
    message->state = MODEL_DONE;
    send_messages(broker);
}

static void on_packet(struct model_broker *broker, uint8_t first,
                      struct mqtt_reader body) {
    int type = first >> 4;
    struct mqtt_reader peek = body;
    uint16_t identifier = blox_mqtt_read_u16(&peek);
    if (type == MQTT_CONNECT) {
        on_connect(broker, body);
    } else if (type == MQTT_PUBLISH) {
        on_publish(broker, first, body);
    } else if (type == MQTT_PUBREL) {
        on_pubrel(broker, identifier);
    } else if (type == MQTT_SUBSCRIBE) {
        const uint8_t suback[] = {
            0x90, 4, (uint8_t)(identifier >> 8), (uint8_t)identifier, 0, 2};
        put(broker, suback, sizeof suback);
        broker->subscribed = true;
        send_messages(broker);
    } else if (type == MQTT_PINGREQ) {
        put(broker, (const uint8_t[]){0xd0, 0}, 2);
    } else if (type == MQTT_PUBACK || type == MQTT_PUBREC ||
               type == MQTT_PUBCOMP) {
        on_ack(broker, type, identifier);
    } else {
        refuse(broker, "a packet of a type that was not to be expected");
    }
}

void model_broker_open(struct model_broker *broker) {
    broker->open = true;
    broker->packet_size = 0;
    broker->output_size = 0;
}

void model_broker_close(struct model_broker *broker) {
    broker->open = false;
}

// All packets of the client are shorter than 128 bytes.
static void take_byte(struct model_broker *broker, uint8_t byte) {
    broker->packet[broker->packet_size++] = byte;
    if (broker->packet_size == 2 && byte >= 128) {
        refuse(broker, "a packet longer than any that was sent");
        return;
    }
    if (broker->packet_size < 2 ||
        broker->packet_size < 2u + broker->packet[1]) {
        return;
    }
    struct blox_span body =
        blox_span(broker->packet + 2, broker->packet_size - 2);
    broker->packet_size = 0;
    on_packet(broker, broker->packet[0], blox_mqtt_reader(body));
}

void model_broker_feed(struct model_broker *broker, const uint8_t *data,
                       size_t size) {
    for (size_t i = 0; i < size && broker->open; ++i) {
        take_byte(broker, data[i]);
    }
}

bool model_broker_done(const struct model_broker *broker) {
    bool done = broker->identifier_count == 0;
    for (size_t i = 0; i < broker->count; ++i) {
        done = done && broker->messages[i].state == MODEL_DONE;
    }
    return done;
}
