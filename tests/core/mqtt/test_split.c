// SPDX-License-Identifier: MIT
// One script of a broker, fed in every way and through buffers of every size:
// the same events, and the same bytes back.
#include <stdio.h>

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

enum { SENT_MAX = 1024, PIECE_MAX = 64, RX_MOST = 200, TX_MOST = 200 };

static const uint8_t hi[] = {'h', 'i'};

// QoS 0 to 2 in and their end, a message delivered before, aliases, a header
// of 64 bytes, answers to all that was asked for, a message too large.
static const char script[] =
    "30 07 00 01 61 00 78 79 7a"
    "32 06 00 01 62 00 07 00"
    "34 08 00 01 63 00 08 00 31 32"
    "3c 08 00 01 63 00 08 00 31 32"
    "62 02 00 08"
    "62 02 00 08"
    "40 02 00 01"
    "50 02 00 02"
    "50 04 00 02 00 00"
    "70 02 00 02"
    "90 09 00 03 05 1f 00 02 6e 6f 87"
    "b0 05 00 04 00 00 11"
    "30 0b 00 05 61 6c 69 61 73 03 23 00 02"
    "31 08 00 00 03 23 00 02 30 31"
    "d0 00"
    // 2 + 54 + 2 + 1 + 5 bytes
    "32 42 00 36"
    "6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f"
    "6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67"
    "6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f 6e 67 6c 6f"
    "00 09 05 02 00 00 00 3c 70 71"
    "e0 08 8b 06 1f 00 03 65 6e 64";

static uint8_t bytes[1024];
static size_t size;

struct outcome {
    char log[PLAY_LOG];
    uint8_t sent[SENT_MAX];
    size_t sent_size;
};

static void send(struct play *play, struct outcome *outcome) {
    struct blox_span output = blox_mqtt_output(&play->session);
    assert_true(outcome->sent_size + output.size <= SENT_MAX);
    memcpy(outcome->sent + outcome->sent_size, output.data, output.size);
    outcome->sent_size += output.size;
    blox_mqtt_sent(&play->session, output.size);
}

static void ask(struct play *play, struct outcome *outcome) {
    struct mqtt_publish publish = {
        .topic = blox_span_text("t"), .qos = 1, .payload_size = sizeof hi};
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    blox_mqtt_publish(&play->session, &publish, hi);
    send(play, outcome);
    publish.qos = 2;
    blox_mqtt_publish(&play->session, &publish, hi);
    send(play, outcome);
    blox_mqtt_subscribe(&play->session, blox_span(NULL, 0), &subscription, 1);
    send(play, outcome);
    blox_mqtt_unsubscribe(&play->session, blox_span(NULL, 0), &subscription, 1);
    send(play, outcome);
}

// Like play_feed, but that output leaves only where nothing else helps.
static void feed(struct play *play, struct outcome *outcome, size_t from,
                 size_t to) {
    bool stuck = false;
    while (from < to) {
        size_t taken = blox_mqtt_feed(&play->session, bytes + from, to - from);
        from += taken;
        play_take(play);
        if (taken == 0) {
            assert_false(stuck);
            send(play, outcome);
        }
        stuck = taken == 0;
    }
}

static void run(struct outcome *outcome, size_t rx, size_t tx, size_t piece,
                size_t cut) {
    static struct play play;
    play_init_small(&play, rx, tx);
    play_attach(&play);
    play_connect(&play, 60, true);
    outcome->sent_size = 0;
    ask(&play, outcome);
    feed(&play, outcome, 0, cut);
    for (size_t at = cut; at < size; at += piece) {
        feed(&play, outcome, at, at + piece < size ? at + piece : size);
    }
    play_take(&play);
    send(&play, outcome);
    play_flush(&play);
    memcpy(outcome->log, play.log_data, play.log.size + 1);
}

static void assert_same(const struct outcome *have, const struct outcome *want,
                        size_t rx, size_t tx, size_t piece, size_t cut) {
    if (strcmp(have->log, want->log) != 0 ||
        have->sent_size != want->sent_size ||
        memcmp(have->sent, want->sent, want->sent_size) != 0) {
        print_error("rx %zu tx %zu piece %zu cut %zu:\n%snot\n%s", rx, tx,
                    piece, cut, have->log, want->log);
        fail();
    }
}

static struct outcome expected;

static int prepare(void **state) {
    (void)state;
    size = play_bytes(script, bytes, sizeof bytes);
    run(&expected, PLAY_BUFFER, PLAY_BUFFER, size, 0);
    return 0;
}

static void the_script_is_played_whole(void **state) {
    (void)state;
    assert_string_equal(
        expected.log,
        "publish a size 3\npayload 78797a = 3\nend\n"
        "publish b size 0 id 7\nend\n"
        "publish c size 2 id 8\npayload 3132 = 2\nend\n"
        "puback 1 00\npubrec 2 00\npubcomp 2 00\n"
        "suback 3 87 no\nunsuback 4 00 11\n"
        "publish alias size 0 properties 230002\nend\n"
        "publish alias size 2 retain properties 230002\n"
        "payload 3031 = 2\nend\n"
        "pingresp\n"
        "publish longlonglonglonglonglonglonglonglonglonglonglonglonglo"
        " size 2 id 9 properties 020000003c\npayload 7071 = 2\nend\n"
        "disconnect 8b end\n");
}

static void every_cut_and_every_piece_gives_the_same(void **state) {
    (void)state;
    struct outcome outcome;
    for (size_t cut = 0; cut <= size; ++cut) {
        run(&outcome, PLAY_BUFFER, PLAY_BUFFER, size, cut);
        assert_same(&outcome, &expected, PLAY_BUFFER, PLAY_BUFFER, size, cut);
    }
    for (size_t piece = 1; piece <= PIECE_MAX; ++piece) {
        run(&outcome, PLAY_BUFFER, PLAY_BUFFER, piece, 0);
        assert_same(&outcome, &expected, PLAY_BUFFER, PLAY_BUFFER, piece, 0);
    }
}

static void every_buffer_from_the_smallest_up_gives_the_same(void **state) {
    (void)state;
    struct outcome outcome;
    for (size_t rx = BLOX_MQTT_RX_MIN; rx <= RX_MOST; ++rx) {
        for (size_t piece = 1; piece <= size; piece += 37) {
            run(&outcome, rx, BLOX_MQTT_TX_MIN, piece, 0);
            assert_same(&outcome, &expected, rx, BLOX_MQTT_TX_MIN, piece, 0);
        }
    }
    for (size_t tx = BLOX_MQTT_TX_MIN; tx <= TX_MOST; ++tx) {
        for (size_t piece = 1; piece <= size; piece += 37) {
            run(&outcome, BLOX_MQTT_RX_MIN, tx, piece, 0);
            assert_same(&outcome, &expected, BLOX_MQTT_RX_MIN, tx, piece, 0);
        }
    }
}

// Two sessions, byte by byte in turns.
static void two_sessions_play_at_once(void **state) {
    (void)state;
    static struct play plays[2];
    static struct outcome outcomes[2];
    for (size_t i = 0; i < 2; ++i) {
        play_init(&plays[i]);
        play_attach(&plays[i]);
        play_connect(&plays[i], 60, true);
        outcomes[i].sent_size = 0;
        ask(&plays[i], &outcomes[i]);
    }
    for (size_t at = 0; at <= size + 5; ++at) {
        if (at < size) {
            feed(&plays[0], &outcomes[0], at, at + 1);
        }
        if (at >= 5 && at - 5 < size) {
            feed(&plays[1], &outcomes[1], at - 5, at - 4);
        }
    }
    for (size_t i = 0; i < 2; ++i) {
        send(&plays[i], &outcomes[i]);
        memcpy(outcomes[i].log, plays[i].log_data, plays[i].log.size + 1);
        assert_same(&outcomes[i], &expected, 0, 0, 1, i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_script_is_played_whole),
        cmocka_unit_test(every_cut_and_every_piece_gives_the_same),
        cmocka_unit_test(every_buffer_from_the_smallest_up_gives_the_same),
        cmocka_unit_test(two_sessions_play_at_once),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
