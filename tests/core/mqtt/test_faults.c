// SPDX-License-Identifier: MIT
// A session, its queue and its link against a broker, over a line that fails
// at every byte of what is said in either direction, in every way there is.
// Nothing is lost; nothing at QoS 2 arrives twice; what has one QoS arrives in
// its order.
//
// BLOX_FAULT_STEP=1 tries every position (make long); otherwise every 5th. A
// failure prints the fault, which `only` runs again.
#include <stdio.h>
#include <stdlib.h>

#include "core/mqtt/extra.h"
#include "core/mqtt/link.h"
#include "core/mqtt/queue.h"
#include "tests/core/mqtt/model_broker.h"
#include "tests/core/test.h"

enum {
    UP = 8,   // messages to the broker
    DOWN = 8, // and from it
    KEEP_ALIVE = 5,
    LINE = 4096,
    RECEIVED = 64,
    PATIENCE = 600000, // ms until everything must be over
    FAULTS = 2,
};

enum kind { CUT, BLACKHOLE, DELAY, SPLIT, KINDS };
enum direction { TO_BROKER, TO_CLIENT };

// At byte `at` of what goes in a direction, over all connections, from 0. The
// second fault counts from where the first one happened.
struct fault {
    enum kind kind;
    enum direction direction;
    uint32_t at;
};

struct client {
    struct mqtt_session session;
    struct mqtt_extra extra;
    struct mqtt_queue queue;
    struct mqtt_link link;
    uint8_t rx[256], tx[256], aliases[1];
    uint16_t inbound[8];
    struct mqtt_in_flight in_flight[4];
    struct mqtt_queued entries[UP];
    uint8_t numbers[UP];
    bool begun;
    bool subscribed;
    uint8_t payload[8];
    size_t payload_size;
    uint8_t qos;
    uint8_t received[RECEIVED], received_qos[RECEIVED];
    size_t received_count;
    uint32_t connect_at; // ms, when there is no connection
};

struct line {
    bool open;
    bool hole; // what goes in is gone
    uint8_t bytes[2][LINE];
    size_t size[2];
    uint32_t passed[2];
    uint32_t held_until; // ms
    bool slow;           // a byte at a time
};

struct world {
    struct client client;
    struct model_broker broker;
    struct line line;
    struct fault faults[FAULTS];
    int fault_count;
    int fault;
    uint32_t now;
};

static void make_client(struct client *client) {
    struct mqtt_buffers buffers = {client->rx,        sizeof client->rx,
                                   client->tx,        sizeof client->tx,
                                   client->in_flight, 4};
    struct mqtt_extra_buffers extra = {.inbound = client->inbound,
                                       .inbound_capacity = 8};
    struct mqtt_queue_limits limits = {UP, 4096, BLOX_MQTT_QUEUE_REFUSE};
    assert_int_equal(blox_mqtt_init(&client->session, &buffers), BLOX_OK);
    assert_int_equal(
        blox_mqtt_extra_attach(&client->session, &client->extra, &extra),
        BLOX_OK);
    blox_mqtt_queue_init(&client->queue, &limits, client->entries, UP);
    blox_mqtt_link_init(&client->link, 1);
    for (uint8_t i = 0; i < UP; ++i) {
        client->numbers[i] = i;
        assert_int_equal(blox_mqtt_queue_add(&client->queue,
                                             &client->numbers[i],
                                             (uint8_t)(1 + i % 2), 4),
                         BLOX_OK);
    }
}

static int32_t publish(struct client *client, const uint8_t *number,
                       uint16_t identifier, bool dup) {
    uint8_t payload[4];
    model_payload(*number, payload);
    struct mqtt_publish request = {
        .topic = blox_span_text("up"),
        .payload_size = sizeof payload,
        .packet_identifier = identifier,
        .qos = (uint8_t)(1 + *number % 2),
        .dup = dup,
    };
    return blox_mqtt_publish(&client->session, &request, payload);
}

static void subscribe(struct client *client) {
    struct mqtt_subscription subscription = {blox_span_text("d"), 2};
    assert_true(blox_mqtt_subscribe(&client->session, blox_span(NULL, 0),
                                    &subscription, 1) >= 0);
}

static void pump(struct client *client) {
    uint8_t *number;
    while (blox_mqtt_connected(&client->session) && client->subscribed &&
           (number = blox_mqtt_queue_next(&client->queue)) != NULL) {
        int32_t sent = publish(client, number, 0, false);
        if (sent == BLOX_ERROR_BUFFER) {
            return;
        }
        assert_true(sent > 0);
        blox_mqtt_queue_sent(&client->queue, (uint16_t)sent);
    }
}

static void take_end(struct client *client) {
    uint8_t wanted[4];
    model_payload(client->payload[0], wanted);
    assert_int_equal(client->payload_size, 4);
    assert_memory_equal(client->payload, wanted, 4);
    client->received_qos[client->received_count] = client->qos;
    client->received[client->received_count++] = client->payload[0];
}

static void lost(struct world *world, enum mqtt_link_cause cause) {
    struct client *client = &world->client;
    struct mqtt_link_failure failure = {cause, 0};
    struct mqtt_link_advice advice;
    blox_mqtt_link_failed(&client->link, &failure, world->now, 0x7ff, &advice);
    blox_mqtt_close(&client->session);
    client->connect_at = world->now + advice.wait;
    world->line.open = false;
    model_broker_close(&world->broker);
}

static void on_connack(struct world *world, const struct mqtt_event *event) {
    struct client *client = &world->client;
    struct mqtt_link_news news;
    assert_int_equal(event->connack.reason_code, MQTT_SUCCESS);
    blox_mqtt_link_connected(&client->link, world->now, &news);
    client->subscribed = client->subscribed && event->connack.session_present;
    client->begun = true;
    if (!client->subscribed) {
        subscribe(client);
    }
}

static void on_resend(struct client *client, const struct mqtt_event *event) {
    uint16_t identifier = event->resend.packet_identifier;
    uint8_t *number = blox_mqtt_queue_find(&client->queue, identifier);
    assert_non_null(number);
    assert_int_equal(publish(client, number, identifier, event->resend.dup),
                     identifier);
}

static void on_event(struct world *world, const struct mqtt_event *event) {
    struct client *client = &world->client;
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
        on_resend(client, event);
        break;
    case MQTT_EVENT_ERROR:
        assert_int_equal(event->error.error, BLOX_ERROR_TIMEOUT);
        lost(world, MQTT_LINK_SILENT);
        break;
    default:
        break;
    }
}

static void take_events(struct world *world) {
    struct mqtt_event event;
    while (blox_mqtt_next(&world->client.session, &event)) {
        on_event(world, &event);
    }
}

// Puts bytes on the line; the fault happens where it is due.
static void put(struct world *world, enum direction direction,
                const uint8_t *data, size_t size) {
    struct line *line = &world->line;
    for (size_t i = 0; i < size && line->open; ++i) {
        struct fault *fault = &world->faults[world->fault];
        bool due = world->fault < world->fault_count &&
                   fault->direction == direction &&
                   line->passed[direction]++ == fault->at;
        if (due) {
            ++world->fault;
            line->passed[TO_BROKER] = line->passed[TO_CLIENT] = 0;
            line->open = fault->kind != CUT;
            line->hole = line->hole || fault->kind == BLACKHOLE;
            line->held_until = fault->kind == DELAY ? world->now + 4000 : 0;
            line->slow = line->slow || fault->kind == SPLIT;
        }
        if (line->open && !line->hole) {
            line->bytes[direction][line->size[direction]++] = data[i];
        }
    }
}

// How many bytes come out at the other end now.
static size_t available(const struct world *world, enum direction direction) {
    const struct line *line = &world->line;
    size_t size = line->size[direction];
    if (line->held_until > world->now) {
        return 0;
    }
    return line->slow && size > 0 ? 1 : size;
}

static void taken(struct line *line, enum direction direction, size_t size) {
    line->size[direction] -= size;
    memmove(line->bytes[direction], line->bytes[direction] + size,
            line->size[direction]);
}

static void connect(struct world *world) {
    struct client *client = &world->client;
    struct mqtt_connect request = {
        .client_identifier = blox_span_text("c"),
        .keep_alive = KEEP_ALIVE,
        .session_expiry_interval = 3600,
        .clean_start = !client->begun,
    };
    assert_int_equal(blox_mqtt_connect(&client->session, &request), BLOX_OK);
    blox_mqtt_tick(&client->session, world->now);
    world->line = (struct line){
        .open = true, .passed = {world->line.passed[0], world->line.passed[1]}};
    model_broker_open(&world->broker);
}

static void client_runs(struct world *world) {
    struct client *client = &world->client;
    struct line *line = &world->line;
    size_t size = available(world, TO_CLIENT);
    while (size > 0) {
        size_t fed =
            blox_mqtt_feed(&client->session, line->bytes[TO_CLIENT], size);
        take_events(world); // spans point into the line
        taken(line, TO_CLIENT, fed);
        size -= fed;
        struct blox_span output = blox_mqtt_output(&client->session);
        put(world, TO_BROKER, output.data, output.size);
        blox_mqtt_sent(&client->session, output.size);
        if (fed == 0 && output.size == 0) {
            break;
        }
    }
    blox_mqtt_tick(&client->session, world->now);
    take_events(world);
    pump(client);
    struct blox_span output = blox_mqtt_output(&client->session);
    put(world, TO_BROKER, output.data, output.size);
    blox_mqtt_sent(&client->session, output.size);
}

static void broker_runs(struct world *world) {
    struct model_broker *broker = &world->broker;
    struct line *line = &world->line;
    size_t size = available(world, TO_BROKER);
    model_broker_feed(broker, line->bytes[TO_BROKER], size);
    taken(line, TO_BROKER, size);
    put(world, TO_CLIENT, broker->output, broker->output_size);
    broker->output_size = 0;
    assert_false(broker->broken);
}

static void step(struct world *world) {
    if (!world->line.open && world->client.session.state != 0) {
        // What came before the cut is read first.
        client_runs(world);
        lost(world, MQTT_LINK_CLOSED);
    } else if (world->line.open) {
        client_runs(world);
        broker_runs(world);
        world->now += world->line.hole || world->line.held_until ? 500 : 5;
    } else if (world->now >= world->client.connect_at) {
        connect(world);
    } else {
        world->now = world->client.connect_at;
    }
}

// Messages of a QoS arrived in their order, all of them, and at QoS 2 once.
static void check_arrived(const uint8_t *numbers, const uint8_t *qoses,
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

static struct world play(const struct fault *faults, int count) {
    static struct world world;
    memset(&world, 0, sizeof world);
    memcpy(world.faults, faults, (size_t)count * sizeof *faults);
    world.fault_count = count;
    make_client(&world.client);
    for (uint8_t i = 0; i < DOWN; ++i) {
        model_broker_add(&world.broker, i, (uint8_t)(1 + i % 2));
    }
    while (!(model_broker_done(&world.broker) && world.broker.subscribed &&
             world.client.queue.count == 0)) {
        assert_true(world.now < PATIENCE);
        step(&world);
    }
    check_arrived(world.broker.received, world.broker.received_qos,
                  world.broker.received_count, UP);
    check_arrived(world.client.received, world.client.received_qos,
                  world.client.received_count, DOWN);
    return world;
}

static uint32_t fault_step(void) {
    const char *text = getenv("BLOX_FAULT_STEP");
    return text != NULL ? (uint32_t)atoi(text) : 5;
}

static void print_faults(const struct fault *faults, int count) {
    static const char *const KIND[] = {"cut", "blackhole", "delay", "split"};
    for (int i = 0; i < count; ++i) {
        fprintf(stderr, "%s of what goes to the %s at byte %u\n",
                KIND[faults[i].kind],
                faults[i].direction == TO_BROKER ? "broker" : "client",
                faults[i].at);
    }
}

// The faults that are being played, for a failure's report.
static struct fault playing[FAULTS];
static int playing_count;

static int report(void **state) {
    (void)state;
    print_faults(playing, playing_count);
    return 0;
}

static struct world play_known(const struct fault *faults, int count) {
    memcpy(playing, faults, (size_t)count * sizeof *faults);
    playing_count = count;
    struct world world = play(faults, count);
    playing_count = 0;
    return world;
}

static void nothing_fails(void **state) {
    (void)state;
    struct fault none = {CUT, TO_BROKER, 0};
    struct world world = play_known(&none, 0);
    assert_int_equal(world.broker.received_count, UP);
    assert_int_equal(world.client.received_count, DOWN);
}

// Returns the number of positions, both directions.
static void one_fault(void **state) {
    (void)state;
    uint32_t played = 0;
    for (int kind = 0; kind < KINDS; ++kind) {
        for (int direction = 0; direction < 2; ++direction) {
            bool happened = true;
            for (uint32_t at = 0; happened; ++at) {
                struct fault fault = {(enum kind)kind,
                                      (enum direction)direction, at};
                happened = play_known(&fault, 1).fault == 1;
                played += happened;
            }
        }
    }
    printf("faults: %u positions x kinds\n", played);
    assert_true(played > 1400);
}

// A second fault while the first is being recovered from.
static void two_faults(void **state) {
    (void)state;
    uint32_t played = 0;
    uint32_t pace = fault_step();
    for (uint32_t at = 0; at < 240; at += pace) {
        for (uint32_t after = 0; after < 200; after += pace) {
            for (unsigned kinds = 0; kinds < 16; ++kinds) {
                struct fault faults[2] = {
                    {kinds & 1 ? CUT : BLACKHOLE,
                     kinds & 2 ? TO_BROKER : TO_CLIENT, at},
                    {kinds & 4 ? CUT : SPLIT, kinds & 8 ? TO_BROKER : TO_CLIENT,
                     after},
                };
                played += play_known(faults, 2).fault == 2;
            }
        }
    }
    printf("faults: %u pairs\n", played);
    assert_true(played > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_fails),
        cmocka_unit_test_teardown(one_fault, report),
        cmocka_unit_test_teardown(two_faults, report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
