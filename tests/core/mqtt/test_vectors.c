// SPDX-License-Identifier: MIT
// Plays vectors/received.txt and vectors/sent.txt: what each line means stands
// in vectors/make_vectors.py. A packet is fed at once, byte by byte and in
// pieces of seven; each time the same must come of it.
#include <stdio.h>
#include <stdlib.h>

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

enum { LINE = 8192, PARTS = 4, PROPERTIES = 1024, FILTERS = 4, PIECES = 3 };

static const char method[] = "\x15\x00\x01m";
static const uint8_t hi[] = {'h', 'i'};

static void attach(struct play *play, char state) {
    play_init(play);
    if (state != 'b') {
        play_attach(play);
    }
}

static void begin(struct play *play, char state, char version) {
    struct mqtt_connect connect = {
        .client_identifier = blox_span_text("c"),
        .keep_alive = 60,
        .clean_start = state == 'n',
        .protocol_version = version == '4' ? MQTT_VERSION_3_1_1 : 0,
    };
    if (state == 'a') {
        connect.properties = blox_span(method, sizeof method - 1);
    }
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
}

static void drain(struct play *play) {
    play_take(play);
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
    blox_text_clear(&play->log);
}

// PUBLISH 1 to 3, SUBSCRIBE 4, UNSUBSCRIBE 5 wait for their answers.
static void ask(struct play *play) {
    struct mqtt_publish publish = {
        .topic = blox_span_text("t"), .qos = 1, .payload_size = sizeof hi};
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    assert_int_equal(blox_mqtt_publish(&play->session, &publish, hi), 1);
    publish.qos = 2;
    assert_int_equal(blox_mqtt_publish(&play->session, &publish, hi), 2);
    assert_int_equal(blox_mqtt_publish(&play->session, &publish, hi), 3);
    play_hex(play, "50 02 00 03");
    assert_int_equal(blox_mqtt_subscribe(&play->session, blox_span(NULL, 0),
                                         &subscription, 1),
                     4);
    assert_int_equal(blox_mqtt_unsubscribe(&play->session, blox_span(NULL, 0),
                                           &subscription, 1),
                     5);
}

static void set_up(struct play *play, const char *state) {
    attach(play, state[0]);
    if (state[0] == '-') {
        return;
    }
    begin(play, state[0], state[1]);
    if (state[0] == 'r' || state[0] == 'b') {
        play_hex(play, state[1] == '4' ? "20 02 00 00" : "20 03 00 00 00");
    }
    if (state[0] == 'r') {
        ask(play);
    }
    drain(play);
}

// Splits a line at " | ". Returns how many parts there are.
static size_t split(char *line, char *parts[PARTS]) {
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    while (line != NULL && count < PARTS) {
        parts[count++] = line;
        line = strstr(line, " | ");
        if (line != NULL) {
            *line = '\0';
            line += 3;
        }
    }
    return count;
}

// An ERROR event as the vectors have it: its reason code alone.
static void shorten_errors(char *log) {
    char *error = strstr(log, "error ");
    if (error != NULL) {
        error[8] = '\0';
    }
}

// The log in one line, as vectors have it.
static void one_line(struct play *play, char *line, size_t capacity) {
    char *out = line;
    play_flush(play);
    for (const char *in = play->log_data; *in != '\0'; ++in) {
        assert_true((size_t)(out - line) + 3 < capacity);
        if (*in != '\n') {
            *out++ = *in;
        } else if (in[1] != '\0') {
            *out++ = ';';
            *out++ = ' ';
        }
    }
    *out = '\0';
    shorten_errors(line);
}

static bool same_output(struct play *play, const char *hex) {
    static uint8_t bytes[LINE];
    struct blox_span output = blox_mqtt_output(&play->session);
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    return blox_span_equal(output, blox_span(bytes, size));
}

static bool receive(char *parts[PARTS], size_t piece) {
    static struct play play;
    static uint8_t bytes[LINE];
    char log[LINE];
    size_t size = play_bytes(parts[1], bytes, sizeof bytes);
    set_up(&play, parts[0]);
    play.with_properties = true;
    play_feed(&play, bytes, size, piece);
    one_line(&play, log, sizeof log);
    bool same = strcmp(log, parts[2]) == 0 && same_output(&play, parts[3]);
    if (!same) {
        struct blox_span out = blox_mqtt_output(&play.session);
        print_error("%s %s\n  made   %s\n  not    %s\n  sent   ", parts[0],
                    parts[1], log, parts[2]);
        for (size_t i = 0; i < out.size; ++i) {
            print_error("%02x", out.data[i]);
        }
        print_error("\n  not    %s\n", parts[3]);
    }
    return same;
}

static size_t each_line(const char *path, bool (*play)(char *parts[PARTS]),
                        size_t count) {
    static char line[LINE];
    size_t lines = 0;
    size_t failed = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *parts[PARTS] = {"", "", "", ""};
        assert_int_equal(split(line, parts), count);
        failed += play(parts) ? 0 : 1;
        ++lines;
    }
    fclose(file);
    assert_int_equal(failed, 0);
    return lines;
}

static bool receive_line(char *parts[PARTS]) {
    const size_t pieces[PIECES] = {LINE, 1, 7};
    bool same = true;
    for (size_t i = 0; i < PIECES; ++i) {
        same = receive(parts, pieces[i]) && same;
    }
    return same;
}

static void what_comes_in_is_taken_as_the_standard_says(void **state) {
    (void)state;
    assert_true(each_line("tests/core/mqtt/vectors/received.txt", receive_line,
                          4) > 1500);
}

// A request in words: its values are kept here.
struct request {
    struct mqtt_connect connect;
    struct mqtt_will will;
    struct mqtt_publish publish;
    struct mqtt_subscription subscriptions[FILTERS];
    size_t count;
    long reason;
    struct mqtt_writer properties;
    struct mqtt_writer will_properties;
    struct blox_span payload;
    uint8_t data[2][PROPERTIES];
    uint8_t text[LINE];
    size_t text_size;
};

// The bytes of hex digits, "-" for none.
static struct blox_span keep(struct request *request, const char *hex,
                             size_t digits) {
    char copy[LINE];
    uint8_t *to = request->text + request->text_size;
    if (hex[0] == '-') {
        return blox_span(to, 0);
    }
    memcpy(copy, hex, digits);
    copy[digits] = '\0';
    size_t size =
        play_bytes(copy, to, sizeof request->text - request->text_size);
    request->text_size += size;
    return blox_span(to, size);
}

// number=ID:VALUE, text=ID:HEX, pair=HEX:HEX
static void add_property(struct request *request, struct mqtt_writer *writer,
                         const char *word) {
    const char *value = strchr(word, '=') + 1;
    const char *second = strchr(value, ':') + 1;
    int identifier = (int)strtol(value, NULL, 10);
    if (word[0] == 'n') {
        blox_mqtt_write_property(writer, identifier,
                                 (uint32_t)strtoul(second, NULL, 10));
    } else if (word[0] == 't') {
        blox_mqtt_write_property_text(writer, identifier,
                                      keep(request, second, strlen(second)));
    } else {
        struct blox_span name =
            keep(request, value, (size_t)(second - value) - 1);
        blox_mqtt_write_user_property(writer, name,
                                      keep(request, second, strlen(second)));
    }
    assert_false(writer->failed);
}

static bool is(const char *word, const char *name) {
    size_t size = strlen(name);
    return strncmp(word, name, size) == 0 && word[size] == '=';
}

static void add_number(struct request *request, const char *word, long value) {
    struct mqtt_connect *connect = &request->connect;
    if (is(word, "version")) {
        connect->protocol_version = (uint8_t)value;
    } else if (is(word, "keep")) {
        connect->keep_alive = (uint16_t)value;
    } else if (is(word, "clean")) {
        connect->clean_start = value != 0;
    } else if (is(word, "expiry")) {
        connect->session_expiry_interval = (uint32_t)value;
    } else if (is(word, "will_qos")) {
        request->will.qos = (uint8_t)value;
    } else if (is(word, "will_retain")) {
        request->will.retain = value != 0;
    } else if (is(word, "qos")) {
        request->publish.qos = (uint8_t)value;
    } else if (is(word, "retain")) {
        request->publish.retain = value != 0;
    } else if (is(word, "options")) {
        request->subscriptions[request->count - 1].options = (uint8_t)value;
    } else {
        assert_true(is(word, "reason"));
        request->reason = value;
    }
}

// Returns whether the word has bytes for its value.
static bool add_bytes(struct request *request, const char *word) {
    const char *hex = strchr(word, '=') + 1;
    struct blox_span bytes;
    if (is(word, "client") || is(word, "user") || is(word, "password") ||
        is(word, "will_topic") || is(word, "will_payload") ||
        is(word, "topic") || is(word, "payload") || is(word, "filter")) {
        bytes = keep(request, hex, strlen(hex));
    } else {
        return false;
    }
    if (is(word, "client")) {
        request->connect.client_identifier = bytes;
    } else if (is(word, "user")) {
        request->connect.user_name = bytes;
    } else if (is(word, "password")) {
        request->connect.password = bytes;
    } else if (is(word, "will_topic")) {
        request->will.topic = bytes;
        request->connect.will = &request->will;
    } else if (is(word, "will_payload")) {
        request->will.payload = bytes;
    } else if (is(word, "topic")) {
        request->publish.topic = bytes;
    } else if (is(word, "payload")) {
        request->payload = bytes;
    } else {
        request->subscriptions[request->count++].filter = bytes;
    }
    return true;
}

static void add_word(struct request *request, const char *word) {
    if (is(word, "number") || is(word, "text") || is(word, "pair")) {
        add_property(request, &request->properties, word);
    } else if (strncmp(word, "will_number", 11) == 0 ||
               strncmp(word, "will_text", 9) == 0 ||
               strncmp(word, "will_pair", 9) == 0) {
        add_property(request, &request->will_properties, word + 5);
    } else if (!add_bytes(request, word)) {
        add_number(request, word, strtol(strchr(word, '=') + 1, NULL, 10));
    }
}

static int make(struct play *play, struct request *request, const char *verb) {
    struct mqtt_session *session = &play->session;
    struct blox_span properties =
        blox_span(request->data[0], request->properties.size);
    if (strcmp(verb, "connect") == 0) {
        request->connect.properties = properties;
        request->will.properties =
            blox_span(request->data[1], request->will_properties.size);
        return blox_mqtt_connect(session, &request->connect);
    }
    if (strcmp(verb, "publish") == 0) {
        request->publish.properties = properties;
        request->publish.payload_size = (uint32_t)request->payload.size;
        return blox_mqtt_publish(session, &request->publish,
                                 request->payload.data);
    }
    if (strcmp(verb, "subscribe") == 0) {
        return blox_mqtt_subscribe(session, properties, request->subscriptions,
                                   request->count);
    }
    if (strcmp(verb, "unsubscribe") == 0) {
        return blox_mqtt_unsubscribe(session, properties,
                                     request->subscriptions, request->count);
    }
    if (strcmp(verb, "disconnect") == 0) {
        return blox_mqtt_disconnect(session, (uint8_t)request->reason,
                                    properties);
    }
    if (strcmp(verb, "auth") == 0) {
        return blox_mqtt_auth(session, (uint8_t)request->reason, properties);
    }
    assert_string_equal(verb, "pingreq");
    blox_mqtt_tick(session, 0);
    blox_mqtt_tick(session, 45000);
    return BLOX_OK;
}

static const char *error_name(int error) {
    return error == BLOX_ERROR_ARGUMENT      ? "argument"
           : error == BLOX_ERROR_UNSUPPORTED ? "unsupported"
           : error == BLOX_ERROR_STATE       ? "state"
                                             : "error";
}

static bool send_line(char *parts[PARTS]) {
    static struct play play;
    static struct request request;
    static char words[LINE];
    memset(&request, 0, sizeof request);
    strcpy(words, parts[1]);
    request.properties = blox_mqtt_writer(request.data[0], PROPERTIES);
    request.will_properties = blox_mqtt_writer(request.data[1], PROPERTIES);
    set_up(&play, parts[0]);
    char *verb = strtok(words, " ");
    for (char *word = strtok(NULL, " "); word != NULL;
         word = strtok(NULL, " ")) {
        add_word(&request, word);
    }
    int result = make(&play, &request, verb);
    bool same = result < 0 ? strcmp(parts[2], error_name(result)) == 0 &&
                                 same_output(&play, "")
                           : same_output(&play, parts[2]);
    if (!same) {
        struct blox_span out = blox_mqtt_output(&play.session);
        print_error("%s %s\n  made %d ", parts[0], parts[1], result);
        for (size_t i = 0; i < out.size; ++i) {
            print_error("%02x", out.data[i]);
        }
        print_error("\n  not %s\n", parts[2]);
    }
    return same;
}

static void what_goes_out_is_what_the_standard_says(void **state) {
    (void)state;
    assert_true(each_line("tests/core/mqtt/vectors/sent.txt", send_line, 3) >
                1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_in_is_taken_as_the_standard_says),
        cmocka_unit_test(what_goes_out_is_what_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
