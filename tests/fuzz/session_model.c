// SPDX-License-Identifier: MIT
#include "tests/fuzz/session_model.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

// Reads every byte, for ASan to see where they end.
static void look_at(struct blox_span span) {
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < span.size; ++i) {
        sum = (uint8_t)(sum + span.data[i]);
    }
}

struct promised *model_find(struct session_model *model, uint16_t identifier) {
    for (size_t i = 0; i < model->promises; ++i) {
        if (model->promised[i].identifier == identifier) {
            return &model->promised[i];
        }
    }
    return NULL;
}

bool model_is_asked(const struct promised *promised) {
    return promised->asked && !promised->sent;
}

void model_forgot(struct session_model *model, struct promised *gone) {
    struct promised *end = &model->promised[--model->promises];
    memmove(gone, gone + 1, (size_t)(end - gone) * sizeof *gone);
}

// ---- what the session keeps -------------------------------------------------

void model_check_store(struct session_model *model) {
    size_t stored = 0, out = 0;
    for (size_t i = 0; i < model->session->in_flight; ++i) {
        const struct mqtt_in_flight *entry =
            &model->session->buffers.in_flight[i];
        if (entry->answer < MQTT_SUBACK) {
            struct promised *promised =
                model_find(model, entry->packet_identifier);
            fuzz_must(promised != NULL);
            fuzz_must((entry->answer == MQTT_PUBACK) == (promised->qos == 1));
            fuzz_must((entry->answer == MQTT_PUBCOMP) == promised->received);
            ++stored;
        }
    }
    fuzz_must(stored == model->promises);
    for (size_t i = 0; i < model->promises; ++i) {
        out += model->promised[i].sent && !model->promised[i].received;
    }
    fuzz_must(!model->connected || out <= model->receive_maximum);
}

// Whether this message at QoS 2 was delivered and not released since.
static bool delivered(const struct session_model *model, uint16_t identifier) {
    for (size_t i = 0; i < model->extra->inbound_count; ++i) {
        if (model->extra->inbound[i] == identifier) {
            return true;
        }
    }
    return false;
}

void model_check_inbound(struct session_model *model) {
    fuzz_must(model->extra->inbound_count <= MODEL_INBOUND);
    for (size_t i = 0; i < model->onces; ++i) {
        if (!delivered(model, model->once[i])) {
            fuzz_must(model->session->first_byte >> 4 == MQTT_PUBREL);
            model->once[i--] = model->once[--model->onces];
        }
    }
    fuzz_must(model->onces == model->extra->inbound_count);
}

// ---- what leaves ------------------------------------------------------------

// A whole packet of ours has left.
static void packet_left(struct session_model *model, uint32_t remaining) {
    const uint8_t *head = model->wire.head;
    int type = head[0] >> 4;
    size_t at = 1;
    while (head[at++] >= 0x80) {
    }
    uint16_t identifier = (uint16_t)(head[at] << 8 | head[at + 1]);
    fuzz_must(model->connect_sent == (type != MQTT_CONNECT));
    model->connect_sent = true;
    fuzz_must(type != MQTT_AUTH || (model->attached && !model->plain));
    bool flagged = type == MQTT_PUBREL || type == MQTT_SUBSCRIBE ||
                   type == MQTT_UNSUBSCRIBE;
    fuzz_must(type == MQTT_PUBLISH || (head[0] & 15) == (flagged ? 2 : 0));
    fuzz_must(type != MQTT_PINGREQ || remaining == 0);
    bool ack = type >= MQTT_PUBACK && type <= MQTT_PUBCOMP;
    fuzz_must(!ack || (remaining == 2 && identifier != 0) ||
              (remaining == 3 && !model->plain));
    if (model->maximum_packet_size > 0 && model->connected) {
        fuzz_must(at + remaining <= model->maximum_packet_size);
    }
}

// The head: all up to the Remaining Length and two bytes more.
static bool head_complete(const struct wire *wire, uint32_t *remaining,
                          size_t *header) {
    uint32_t value = 0;
    for (size_t i = 1; i < wire->have; ++i) {
        value |= (uint32_t)(wire->head[i] & 0x7f) << 7 * (i - 1);
        fuzz_must(i <= 4);
        if (wire->head[i] < 0x80) {
            *remaining = value;
            *header = i + 1;
            return wire->have - *header == (value < 2 ? value : 2);
        }
    }
    return false;
}

void model_leave(struct session_model *model, uint8_t byte) {
    struct wire *wire = &model->wire;
    if (wire->left > 0) {
        --wire->left;
        return;
    }
    uint32_t remaining;
    size_t header;
    wire->head[wire->have++] = byte;
    if (head_complete(wire, &remaining, &header)) {
        packet_left(model, remaining);
        wire->left = remaining - (uint32_t)(wire->have - header);
        wire->have = 0;
    }
}

void model_leave_payload(struct session_model *model, uint32_t size) {
    fuzz_must(model->wire.left >= size);
    model->wire.left -= size;
}

// ---- what was called --------------------------------------------------------

void model_connected(struct session_model *model,
                     const struct mqtt_connect *connect) {
    model->plain = connect->protocol_version == MQTT_VERSION_3_1_1;
    model->method = connect->properties.size > 0 &&
                    memchr(connect->properties.data, MQTT_AUTHENTICATION_METHOD,
                           connect->properties.size) != NULL;
    model->resumable = !connect->clean_start;
}

// A new message, which follows all that RESEND asked for.
static void promise(struct session_model *model, uint16_t identifier,
                    uint8_t qos) {
    fuzz_must(model_find(model, identifier) == NULL);
    fuzz_must(model->promises < MODEL_IN_FLIGHT);
    for (size_t i = 0; i < model->promises; ++i) {
        fuzz_must(model->promised[i].sent || model->promised[i].received);
    }
    model->promised[model->promises++] =
        (struct promised){.identifier = identifier, .qos = qos, .sent = true};
}

void model_published(struct session_model *model,
                     const struct mqtt_publish *message, int32_t result) {
    fuzz_must(result < 0 || (result == 0) == (message->qos == 0));
    fuzz_must(result < 0 || model->connected);
    fuzz_must(result < 0 || message->qos < 2 || model->attached);
    if (result > 0 && message->packet_identifier == 0) {
        promise(model, (uint16_t)result, message->qos);
    } else if (result > 0) {
        struct promised *promised =
            model_find(model, message->packet_identifier);
        fuzz_must(promised != NULL && model_is_asked(promised));
        for (struct promised *p = model->promised; p < promised; ++p) {
            fuzz_must(p->sent || p->received); // in order
        }
        promised->sent = true;
    }
}

void model_disconnected(struct session_model *model) {
    fuzz_must(model->connected);
    model->connected = false;
    model->over = true;
}

void model_closed(struct session_model *model) {
    model->connected = false;
    model->over = false;
    model->in_message = false;
    model->maximum_packet_size = 0;
    model->connect_sent = false;
    model->wire = (struct wire){.have = 0};
    for (size_t i = 0; i < model->promises; ++i) {
        model->promised[i].sent = false;
        model->promised[i].asked = false;
    }
}

// ---- events -----------------------------------------------------------------

static void take_answer(struct session_model *model,
                        const struct mqtt_event *event) {
    uint16_t identifier = event->ack.packet_identifier;
    look_at(event->ack.properties);
    struct promised *promised = model_find(model, identifier);
    fuzz_must(promised != NULL);
    bool failed = event->ack.reason_code >= MQTT_REASON_FAILURE;
    if (event->type == MQTT_EVENT_PUBACK) {
        fuzz_must(promised->qos == 1);
    } else {
        fuzz_must(promised->qos == 2);
        if (event->type == MQTT_EVENT_PUBREC && !failed) {
            fuzz_must(!promised->received);
            promised->received = true;
            return;
        }
        fuzz_must(event->type == MQTT_EVENT_PUBREC || promised->received);
    }
    model_forgot(model, promised);
}

static void take_message(struct session_model *model,
                         const struct mqtt_event *event) {
    if (event->type == MQTT_EVENT_PUBLISH) {
        fuzz_must(!model->in_message && event->publish.topic.size > 0);
        model->in_message = true;
        model->message = event->publish;
        model->message_left = event->publish.payload_size;
        look_at(event->publish.topic);
        look_at(event->publish.properties);
        fuzz_must(event->publish.qos < 2 ||
                  (model->attached &&
                   !delivered(model, event->publish.packet_identifier)));
    } else if (event->type == MQTT_EVENT_PAYLOAD) {
        fuzz_must(model->in_message && event->payload.size > 0 &&
                  event->payload.size <= model->message_left);
        model->message_left -= event->payload.size;
        look_at(event->payload);
    } else {
        fuzz_must(model->in_message && model->message_left == 0);
        model->in_message = false;
        if (model->message.qos == 2) {
            fuzz_must(model->onces < MODEL_INBOUND);
            model->once[model->onces++] = model->message.packet_identifier;
        }
    }
}

static void take_connack(struct session_model *model,
                         const struct mqtt_event *event) {
    fuzz_must(!model->connected);
    look_at(event->connack.properties);
    if (event->connack.reason_code != MQTT_SUCCESS) {
        model->over = true;
        return;
    }
    struct blox_span properties = event->connack.properties;
    model->connected = true;
    model->present = event->connack.session_present;
    fuzz_must(!model->present || model->resumable);
    model->receive_maximum = (uint16_t)blox_mqtt_property_number(
        properties, MQTT_RECEIVE_MAXIMUM, UINT16_MAX);
    model->maximum_packet_size =
        blox_mqtt_property_number(properties, MQTT_MAXIMUM_PACKET_SIZE, 0);
    if (!model->present) {
        model->onces = 0;
    }
}

static void take_resend(struct session_model *model,
                        const struct mqtt_event *event) {
    struct promised *promised =
        model_find(model, event->resend.packet_identifier);
    fuzz_must(promised != NULL && !promised->sent && !promised->asked &&
              !promised->received && event->resend.dup == model->present);
    promised->asked = true;
}

void model_event(struct session_model *model, const struct mqtt_event *event) {
    fuzz_must(event->type != MQTT_EVENT_NONE && !model->over);
    if (event->type == MQTT_EVENT_CONNACK) {
        take_connack(model, event);
    } else if (event->type == MQTT_EVENT_RESEND) {
        take_resend(model, event);
    } else if (event->type == MQTT_EVENT_PUBACK ||
               event->type == MQTT_EVENT_PUBREC ||
               event->type == MQTT_EVENT_PUBCOMP) {
        take_answer(model, event);
    } else if (event->type >= MQTT_EVENT_PUBLISH &&
               event->type <= MQTT_EVENT_PUBLISH_END) {
        take_message(model, event);
    } else if (event->type == MQTT_EVENT_DISCONNECT ||
               event->type == MQTT_EVENT_ERROR) {
        model->over = true;
        model->connected = false;
    }
    fuzz_must(event->type == MQTT_EVENT_CONNACK || model->connected ||
              model->over || event->type == MQTT_EVENT_AUTH);
}
