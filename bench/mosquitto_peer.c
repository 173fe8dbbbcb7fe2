// SPDX-License-Identifier: MIT
// The yardstick of bench/mqtt.py: libmosquitto, in C.
//
//     mosquitto_peer receive PORT COUNT
//     mosquitto_peer send PORT COUNT WINDOW
//
// Prints messages a second of its own processor time: from the first that comes
// in to the last, or from the first that goes out at QoS 1 to the last
// acknowledgement, with WINDOW of them under way.
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct run {
    int count;  // messages in all
    int window; // under way at once
    int sent;
    int done;
    double begin;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void finish(struct run *run, int first) {
    run->done++;
    if (run->done == first) {
        run->begin = now();
    }
    if (run->done == run->count) {
        printf("%.1f\n", (run->count - first) / (now() - run->begin));
        exit(0);
    }
}

static void publish(struct mosquitto *client, struct run *run) {
    static const char payload[100];
    while (run->sent < run->count && run->sent - run->done < run->window) {
        run->sent++;
        mosquitto_publish(client, NULL, "bench/topic", sizeof payload, payload,
                          1, false);
    }
}

static void on_connect(struct mosquitto *client, void *run_in, int result) {
    struct run *run = run_in;
    (void)result;
    if (run->window == 0) {
        mosquitto_subscribe(client, NULL, "bench/topic", 0);
        return;
    }
    run->begin = now();
    publish(client, run);
}

static void on_message(struct mosquitto *client, void *run,
                       const struct mosquitto_message *message) {
    (void)client;
    (void)message;
    finish(run, 1);
}

static void on_publish(struct mosquitto *client, void *run, int identifier) {
    (void)identifier;
    finish(run, 0);
    publish(client, run);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "mosquitto_peer receive|send PORT COUNT [WINDOW]\n");
        return 1;
    }
    struct run run = {.count = atoi(argv[3]),
                      .window = argc > 4 ? atoi(argv[4]) : 0};
    mosquitto_lib_init();
    struct mosquitto *client = mosquitto_new("bench-peer", true, &run);
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_message_callback_set(client, on_message);
    mosquitto_publish_callback_set(client, on_publish);
    if (mosquitto_connect(client, "127.0.0.1", atoi(argv[2]), 60) != 0) {
        fprintf(stderr, "mosquitto_peer: no broker at port %s\n", argv[2]);
        return 1;
    }
    mosquitto_loop_forever(client, -1, 1);
    return 1; // lost before the end
}
