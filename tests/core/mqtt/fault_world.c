// SPDX-License-Identifier: MIT
#include "tests/core/mqtt/fault_world.h"

#include <stdio.h>

#include "tests/core/mqtt/model_broker.h"
#include "tests/core/test.h"

static void make_client(struct fault_client *client) {
    struct mqtt_buffers buffers = {
        .rx = {client->rx, sizeof client->rx, 0},
        .tx = {client->tx, sizeof client->tx, 0},
        .in_flight = client->in_flight,
        .in_flight_capacity = 4,
    };
    struct mqtt_extra_buffers extra = {.inbound = client->inbound,
                                       .inbound_capacity = 8};
    struct mqtt_queue_limits limits = {FAULT_UP, 4096, BLOX_MQTT_QUEUE_REFUSE};
    assert_int_equal(blox_mqtt_init(&client->session, &buffers), BLOX_OK);
    assert_int_equal(
        blox_mqtt_extra_attach(&client->session, &client->extra, &extra),
        BLOX_OK);
    blox_mqtt_queue_init(&client->queue, &limits, client->entries, FAULT_UP);
    blox_mqtt_link_init(&client->link, 1);
    for (uint8_t i = 0; i < FAULT_UP; ++i) {
        client->numbers[i] = i;
        assert_int_equal(blox_mqtt_queue_add(&client->queue,
                                             &client->numbers[i],
                                             (uint8_t)(1 + i % 2), 4),
                         BLOX_OK);
    }
}

static int32_t publish(struct fault_world *world, const uint8_t *number,
                       uint16_t identifier, bool dup) {
    uint8_t payload[4];
    model_payload(*number, payload);
    struct mqtt_publish request = {
        .topic = blox_span_text(world->topic),
        .payload_size = sizeof payload,
        .packet_identifier = identifier,
        .qos = (uint8_t)(1 + *number % 2),
        .dup = dup,
    };
    return blox_mqtt_publish(&world->client.session, &request, payload);
}

static void subscribe(struct fault_world *world) {
    struct mqtt_subscription subscription = {blox_span_text(world->filter), 2};
    assert_true(blox_mqtt_subscribe(&world->client.session, blox_span(NULL, 0),
                                    &subscription, 1) >= 0);
}

static void pump(struct fault_world *world) {
    struct fault_client *client = &world->client;
    uint8_t *number;
    while (blox_mqtt_connected(&client->session) && client->subscribed &&
           (number = blox_mqtt_queue_next(&client->queue)) != NULL) {
        int32_t sent = publish(world, number, 0, false);
        if (sent == BLOX_ERROR_BUFFER) {
            return;
        }
        assert_true(sent > 0);
        blox_mqtt_queue_sent(&client->queue, (uint16_t)sent);
    }
}

static void take_end(struct fault_client *client) {
    uint8_t wanted[4];
    model_payload(client->payload[0], wanted);
    assert_int_equal(client->payload_size, 4);
    assert_memory_equal(client->payload, wanted, 4);
    client->received_qos[client->received_count] = client->qos;
    client->received[client->received_count++] = client->payload[0];
}

static void lost(struct fault_world *world, enum mqtt_link_cause cause) {
    struct fault_client *client = &world->client;
    struct mqtt_link_failure failure = {cause, 0};
    struct mqtt_link_advice advice;
    blox_mqtt_link_failed(&client->link, &failure, world->now, 0x7ff, &advice);
    blox_mqtt_close(&client->session);
    client->connect_at = world->now + advice.wait;
    world->line.open = false;
    world->peer->close(world);
}

static void on_connack(struct fault_world *world,
                       const struct mqtt_event *event) {
    struct fault_client *client = &world->client;
    struct mqtt_link_news news;
    assert_int_equal(event->connack.reason_code, MQTT_SUCCESS);
    blox_mqtt_link_connected(&client->link, world->now, &news);
    client->subscribed = client->subscribed && event->connack.session_present;
    client->begun = true;
    if (!client->subscribed) {
        subscribe(world);
    }
}

static void on_resend(struct fault_world *world,
                      const struct mqtt_event *event) {
    struct fault_client *client = &world->client;
    uint16_t identifier = event->resend.packet_identifier;
    uint8_t *number = blox_mqtt_queue_find(&client->queue, identifier);
    assert_non_null(number);
    assert_int_equal(publish(world, number, identifier, event->resend.dup),
                     identifier);
}

static void on_event(struct fault_world *world,
                     const struct mqtt_event *event) {
    struct fault_client *client = &world->client;
    switch ((int)event->type) {
    case MQTT_EVENT_CONNACK:
        on_connack(world, event);
        break;
    case MQTT_EVENT_SUBACK:
        client->subscribed = true;
        break;
    case MQTT_EVENT_PUBACK:
    case MQTT_EVENT_PUBCOMP:
        assert_non_null(
            blox_mqtt_queue_done(&client->queue, event->ack.packet_identifier));
        break;
    case MQTT_EVENT_PUBLISH:
        client->payload_size = 0;
        client->qos = event->publish.qos;
        break;
    case MQTT_EVENT_PAYLOAD:
        memcpy(client->payload + client->payload_size, event->payload.data,
               event->payload.size);
        client->payload_size += event->payload.size;
        break;
    case MQTT_EVENT_PUBLISH_END:
        take_end(client);
        break;
    case MQTT_EVENT_RESEND:
        on_resend(world, event);
        break;
    case MQTT_EVENT_ERROR:
        assert_int_equal(event->error.error, BLOX_ERROR_TIMEOUT);
        lost(world, MQTT_LINK_SILENT);
        break;
    default:
        break;
    }
}

static void take_events(struct fault_world *world) {
    struct mqtt_event event;
    while (blox_mqtt_next(&world->client.session, &event)) {
        on_event(world, &event);
    }
}

// Puts bytes on the line; the fault happens where it is due.
void fault_line_put(struct fault_world *world, enum fault_direction direction,
                    const uint8_t *data, size_t size) {
    struct fault_line *line = &world->line;
    for (size_t i = 0; i < size && line->open; ++i) {
        struct fault *fault = &world->faults[world->fault];
        bool due = world->fault < world->fault_count &&
                   fault->direction == direction &&
                   line->passed[direction]++ == fault->at;
        if (due) {
            ++world->fault;
            line->passed[FAULT_TO_BROKER] = line->passed[FAULT_TO_CLIENT] = 0;
            line->open = fault->kind != FAULT_CUT;
            line->hole = line->hole || fault->kind == FAULT_BLACKHOLE;
            line->held_until =
                fault->kind == FAULT_DELAY ? world->now + 4000 : 0;
            line->slow = line->slow || fault->kind == FAULT_SPLIT;
        }
        if (line->open && !line->hole) {
            line->bytes[direction][line->size[direction]++] = data[i];
        }
    }
}

// How many bytes come out at the other end now.
size_t fault_line_available(const struct fault_world *world,
                            enum fault_direction direction) {
    const struct fault_line *line = &world->line;
    size_t size = line->size[direction];
    if (line->held_until > world->now) {
        return 0;
    }
    return line->slow && size > 0 ? 1 : size;
}

void fault_line_taken(struct fault_world *world, enum fault_direction direction,
                      size_t size) {
    struct fault_line *line = &world->line;
    line->size[direction] -= size;
    memmove(line->bytes[direction], line->bytes[direction] + size,
            line->size[direction]);
}

static void connect(struct fault_world *world) {
    struct fault_client *client = &world->client;
    struct mqtt_connect request = {
        .client_identifier = blox_span_text(world->name),
        .keep_alive = FAULT_KEEP_ALIVE,
        .session_expiry_interval = 3600,
        .clean_start = !client->begun,
    };
    assert_int_equal(blox_mqtt_connect(&client->session, &request), BLOX_OK);
    blox_mqtt_tick(&client->session, world->now);
    world->line = (struct fault_line){
        .open = true, .passed = {world->line.passed[0], world->line.passed[1]}};
    world->peer->open(world);
}

static void client_runs(struct fault_world *world) {
    struct fault_client *client = &world->client;
    struct fault_line *line = &world->line;
    size_t size = fault_line_available(world, FAULT_TO_CLIENT);
    while (size > 0) {
        size_t fed = blox_mqtt_feed(&client->session,
                                    line->bytes[FAULT_TO_CLIENT], size);
        take_events(world); // spans point into the line
        fault_line_taken(world, FAULT_TO_CLIENT, fed);
        size -= fed;
        struct blox_span output = blox_mqtt_output(&client->session);
        fault_line_put(world, FAULT_TO_BROKER, output.data, output.size);
        blox_mqtt_sent(&client->session, output.size);
        if (fed == 0 && output.size == 0) {
            break;
        }
    }
    blox_mqtt_tick(&client->session, world->now);
    take_events(world);
    pump(world);
    struct blox_span output = blox_mqtt_output(&client->session);
    fault_line_put(world, FAULT_TO_BROKER, output.data, output.size);
    blox_mqtt_sent(&client->session, output.size);
}

static void step(struct fault_world *world) {
    if (!world->line.open && world->client.session.state != 0) {
        // What came before the cut is read first.
        client_runs(world);
        lost(world, MQTT_LINK_CLOSED);
    } else if (world->line.open) {
        client_runs(world);
        world->peer->run(world);
        world->now += world->line.hole || world->line.held_until ? 500 : 5;
    } else if (world->now >= world->client.connect_at) {
        connect(world);
    } else {
        world->now = world->client.connect_at;
    }
}

// Messages of a QoS arrived in their order, all of them, and at QoS 2 once.
void fault_check_arrived(const uint8_t *numbers, const uint8_t *qoses,
                         size_t count, uint8_t all) {
    for (uint8_t qos = 1; qos <= 2; ++qos) {
        int last = -1;
        uint8_t arrived = 0;
        for (size_t i = 0; i < count; ++i) {
            if (qoses[i] != qos) {
                continue;
            }
            bool anew = numbers[i] > last;
            assert_true(anew || qos == 1);
            arrived = (uint8_t)(arrived + anew);
            last = anew ? numbers[i] : last;
        }
        assert_int_equal(arrived, all / 2);
    }
}

void fault_world_init(struct fault_world *world, const struct fault *faults,
                      int count) {
    memset(&world->client, 0, sizeof world->client);
    memset(&world->line, 0, sizeof world->line);
    memcpy(world->faults, faults, (size_t)count * sizeof *faults);
    world->fault_count = count;
    world->fault = 0;
    world->now = 0;
    make_client(&world->client);
}

void fault_world_play(struct fault_world *world) {
    while (!world->peer->done(world) || world->client.queue.count > 0) {
        assert_true(world->now < FAULT_PATIENCE);
        step(world);
    }
}

void fault_print(const struct fault *faults, int count) {
    static const char *const KIND[] = {"cut", "blackhole", "delay", "split"};
    for (int i = 0; i < count; ++i) {
        fprintf(stderr, "%s of what goes to the %s at byte %u\n",
                KIND[faults[i].kind],
                faults[i].direction == FAULT_TO_BROKER ? "broker" : "client",
                faults[i].at);
    }
}
