// SPDX-License-Identifier: MIT
#include "core/conf/settings.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/test.h"

static char sentence[300];
static struct blox_text why;

static struct blox_text *fresh(void) {
    blox_text_init(&why, sentence, sizeof sentence);
    return &why;
}

// How many problems text has; the last one's sentence stays.
static int problems(const char *text, struct blox_settings *settings) {
    int count = 0;
    assert_int_equal(
        blox_settings_open(settings, blox_span_text(text), fresh()), BLOX_OK);
    while (blox_settings_next(settings, &why) == 1) {
        ++count;
    }
    assert_int_equal(blox_settings_next(settings, &why), 0);
    return count;
}

static void assert_fine(const char *text) {
    struct blox_settings settings;
    int count = problems(text, &settings);
    if (count != 0) {
        print_error("%s -> %s\n", text, sentence);
    }
    assert_int_equal(count, 0);
}

static void assert_problem(const char *text, const char *expected, bool drop) {
    struct blox_settings settings;
    assert_int_equal(problems(text, &settings), 1);
    assert_string_equal(sentence, expected);
    assert_int_equal(settings.problem.drop, drop);
}

static void takes_every_key_of_the_contract(void **state) {
    (void)state;
    assert_fine("{}");
    assert_fine(
        " {\"hostname\": \"lamp\", \"logging.level\": \"DEBUG\",\n"
        "\"logging.syslog.hostname\": \"10.0.0.2\",\n"
        "\"logging.syslog.level\": \"INFO\",\n"
        "\"logging.remote_terminal.listen_host\": \"0.0.0.0\",\n"
        "\"logging.remote_terminal.listen_port\": 2323,\n"
        "\"logging.replay_buffer\": true,\n"
        "\"logging.replay_buffer.max_records\": 50,\n"
        "\"logging.replay_buffer.persistence\": true,\n"
        "\"device.suggested_area\": \"Kitchen\", \"network.disabled\": false,\n"
        "\"ntp.host\": \"pool.ntp.org\", \"ntp.interval\": 3600,\n"
        "\"emergency_buf_len\": 100, \"update.channel\": \"latest\",\n"
        "\"update.auto_update\": true, \"update.boot_timeout\": 10,\n"
        "\"update.fetch_timeout\": 60, \"update.trial_timeout\": 60,\n"
        "\"update.trial_watchdog\": 120, \"network.boot_timeout\": 30,\n"
        "\"mqtt\": {\"server\": \"broker\", \"port\": 8883, \"username\": "
        "\"u\", \"ssl\": true, \"ssl_params\": {\"server_hostname\": \"x\"},\n"
        "\"keep_alive_interval\": 60, \"wdt_timeout\": 30000,\n"
        "\"servers\": [\"a\", \"b\"]}, \"mqtt_other\": {\"server\": \"o\"}}\n");
}

static void keeps_keys_it_does_not_know(void **state) {
    (void)state;
    assert_fine("{\"leds\": {\"count\": 3}, \"x\": [1, {\"mqtt\": 5}], "
                "\"update\": 1, \"mqtt\": {\"server\": \"s\", \"colour\": {}}, "
                "\"mqttx\": 3, \"port\": \"any\", \"hostname2\": null}");
}

static void says_line_and_column_of_what_is_not_json(void **state) {
    (void)state;
    struct blox_settings settings;
    const char *text = "{\n  \"hostname\": \"a\",\n  \"x\" 1\n}";
    assert_int_equal(
        blox_settings_open(&settings, blox_span_text(text), fresh()),
        BLOX_ERROR_FORMAT);
    assert_string_equal(sentence,
                        "settings.json: line 3, column 7: expected ':' after "
                        "the key; mend the file and deploy it again");
}

static void refuses_what_is_not_one_object(void **state) {
    (void)state;
    static const char *const texts[] = {"[]", "\"x\"", " 1", "null"};
    struct blox_settings settings;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        assert_int_equal(
            blox_settings_open(&settings, blox_span_text(texts[i]), fresh()),
            BLOX_ERROR_FORMAT);
        assert_string_equal(
            sentence, "settings.json: line 1, column 1: the file must be one "
                      "object, {\"key\": value}; mend the file and deploy it "
                      "again");
    }
    assert_int_equal(blox_settings_open(&settings, blox_span_text(""), fresh()),
                     BLOX_ERROR_FORMAT);
    assert_int_equal(
        blox_settings_open(&settings, blox_span_text("{} {}"), fresh()),
        BLOX_ERROR_FORMAT);
}

static void names_the_key_the_place_and_the_remedy(void **state) {
    (void)state;
    assert_problem(
        "{\"a\": 1,\n \"update.fetch_timeout\": \"60\"}",
        "settings.json: line 2, column 26: update.fetch_timeout "
        "must be a whole number, 1 to 86400, not \"60\"; its default "
        "is used, mend the file and deploy it again",
        true);
    assert_problem("{\"mqtt_b\": {\"port\": 70000}}",
                   "settings.json: line 1, column 21: mqtt_b: port must be a "
                   "whole number, 1 to 65535, not 70000; its default is used, "
                   "mend the file and deploy it again",
                   true);
    assert_problem("{\"update\": {\"channel\": \"x\"}}",
                   "settings.json: line 1, column 12: update must not be an "
                   "object: write dotted keys, each beside the others, like "
                   "\"update.channel\"; mend the file and deploy it again",
                   false);
    assert_problem(
        "{\"update.public_key\": \"AA==\"}",
        "settings.json: line 1, column 23: update.public_key must "
        "be a string of 88 characters, not \"AA==\"; mend the file and "
        "deploy it again",
        false);
    assert_problem("{\"mqtt\": \"broker\"}",
                   "settings.json: line 1, column 10: mqtt must be an object; "
                   "mend the file and deploy it again",
                   false);
}

static void a_level_that_is_none_names_those_there_are(void **state) {
    (void)state;
    assert_problem("{\"logging.level\": \"LOUD\"}",
                   "settings.json: line 1, column 19: logging.level must be "
                   "\"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\" or "
                   "\"CRITICAL\", not \"LOUD\"; its default is used, mend "
                   "the file and deploy it again",
                   true);
    assert_problem("{\"mqtt\": {\"queue_policy\": \"Refuse\"}}",
                   "settings.json: line 1, column 27: mqtt: queue_policy must "
                   "be \"drop\" or \"refuse\", not \"Refuse\"; its default "
                   "is used, mend the file and deploy it again",
                   true);
}

static void a_large_value_is_not_said(void **state) {
    (void)state;
    assert_problem("{\"ntp.interval\": [1, 2]}",
                   "settings.json: line 1, column 18: ntp.interval must be a "
                   "whole number, 1 to 4294967295; its default is used, mend "
                   "the file and deploy it again",
                   true);
    struct blox_settings settings;
    char text[300] = "{\"network.disabled\": \"";
    memset(text + strlen(text), 'x', 200);
    strcat(text, "\"}");
    assert_int_equal(problems(text, &settings), 1);
    assert_non_null(strstr(sentence, "xxx...; its default"));
    assert_true(strlen(sentence) < 240);
}

static void keeps_every_range_to_the_unit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int problems;
    } cases[] = {
        {"{\"mqtt\":{\"port\":0}}", 1},
        {"{\"mqtt\":{\"port\":1}}", 0},
        {"{\"mqtt\":{\"port\":65535}}", 0},
        {"{\"mqtt\":{\"port\":65536}}", 1},
        {"{\"mqtt\":{\"port\":1e3}}", 1},
        {"{\"mqtt\":{\"port\":-1}}", 1},
        {"{\"mqtt\":{\"port\":1.0}}", 1},
        {"{\"mqtt\":{\"port\":null}}", 1},
        {"{\"mqtt\":{\"wdt_timeout\":999}}", 1},
        {"{\"mqtt\":{\"wdt_timeout\":4294967295}}", 0},
        {"{\"mqtt\":{\"wdt_timeout\":4294967296}}", 1},
        {"{\"mqtt\":{\"wdt_timeout\":42949672950}}", 1},
        {"{\"mqtt\":{\"servers\":\"a\"}}", 1},
        {"{\"mqtt\":{\"ssl_params\":[]}}", 1},
        {"{\"mqtt\":{\"ssl\":1}}", 0},
        {"{\"hostname\":\"\"}", 1},
        {"{\"hostname\":\"12345678901234567890123456789012\"}", 0},
        {"{\"hostname\":\"123456789012345678901234567890123\"}", 1},
        {"{\"hostname\":\"1\\n34567890123456789012345678901\\u0032\"}", 0},
        {"{\"hostname\":5}", 1},
        {"{\"network.disabled\":1}", 1},
        {"{\"network.disabled\":\"true\"}", 1},
        {"{\"network.boot_timeout\":0}", 0},
        {"{\"logging.level\":\"debug\"}", 0},
        {"{\"logging.syslog.level\":\"Warning\"}", 0},
        {"{\"logging.mqtt.level\":\"CRITICAL\"}", 0},
        {"{\"logging.mqtt.level\":\"CRITICA\"}", 1},
        {"{\"logging.syslog.level\":\"ERRORS\"}", 1},
        {"{\"logging.level\":\", \"}", 1},
        {"{\"logging.level\":\" or \"}", 1},
        {"{\"logging.level\":\"\"}", 1},
        {"{\"logging.level\":\"NOTSET\"}", 1},
        {"{\"logging.level\":20}", 1},
        {"{\"logging.level\":null}", 1},
        {"{\"logging.replay_buffer\":\"yes\"}", 1},
        {"{\"logging.replay_buffer\":true}", 0},
        {"{\"mqtt\":{\"queue_policy\":\"drop\"}}", 0},
        {"{\"mqtt\":{\"queue_policy\":\"refuse\"}}", 0},
        {"{\"mqtt\":{\"queue_policy\":\"block\"}}", 1},
        {"{\"mqtt\":{\"queue_messages\":0}}", 1},
        {"{\"mqtt\":{\"queue_bytes\":\"1k\"}}", 1},
        {"{\"mqtt\":{\"queue_persistent\":1}}", 1},
        {"{\"mqtt\":{\"extra\":\"no\"}}", 1},
        {"{\"mqtt\":{\"session_expiry\":0}}", 0},
        {"{\"mqtt\":{\"session_expiry\":-1}}", 1},
        {"{\"mqtt\":{\"version\":3}}", 1},
        {"{\"mqtt\":{\"version\":4}}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct blox_settings settings;
        int count = problems(cases[i].text, &settings);
        if (count != cases[i].problems) {
            print_error("%s: %s\n", cases[i].text, sentence);
        }
        assert_int_equal(count, cases[i].problems);
    }
}

static void tells_every_problem_one_by_one(void **state) {
    (void)state;
    struct blox_settings settings;
    const char *text = "{\"hostname\": 1, \"mqtt\": {\"server\": 1, \"a\": "
                       "{\"port\": \"x\"}, \"port\": \"x\"}, \"ntp.host\": 2}";
    static const char *const keys[] = {"hostname", "mqtt", "mqtt", "ntp.host"};
    static const char *const members[] = {"", "server", "port", ""};
    blox_settings_open(&settings, blox_span_text(text), fresh());
    for (size_t i = 0; i < 4; ++i) {
        assert_int_equal(blox_settings_next(&settings, &why), 1);
        assert_true(blox_span_is(settings.problem.key, keys[i]));
        assert_true(blox_span_is(settings.problem.member, members[i]));
    }
    assert_int_equal(blox_settings_next(&settings, &why), 0);
}

// Runs both checks on a copy that ends where the memory ends.
static void run_all(const char *text, size_t size) {
    struct blox_settings settings;
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, text, size);
    struct blox_span span = blox_span(copy, size);
    blox_provision_check(span, fresh());
    if (blox_settings_open(&settings, span, &why) == BLOX_OK) {
        for (size_t i = 0; blox_settings_next(&settings, &why) == 1; ++i) {
            assert_true(i < size);
        }
    } else {
        assert_true(strlen(sentence) > 20);
    }
    free(copy);
}

static const char SAMPLE[] =
    "{\"hostname\": 1, \"a\\\"\": \"\\u0041\\\\\", \"mqtt\": {\"port\": [1, "
    "{\"x\": \"]}\"}], \"server\": true}, \"wlan.psk\": \"x\", \"e\": {}}\n";

static void survives_a_cut_anywhere(void **state) {
    (void)state;
    for (size_t size = 0; size <= sizeof SAMPLE - 1; ++size) {
        run_all(SAMPLE, size);
    }
}

static void survives_any_byte_anywhere(void **state) {
    (void)state;
    char text[sizeof SAMPLE];
    for (size_t at = 0; at < sizeof SAMPLE - 1; ++at) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            memcpy(text, SAMPLE, sizeof text);
            text[at] = (char)byte;
            run_all(text, sizeof SAMPLE - 1);
        }
    }
}

static int provision(const char *text) {
    return blox_provision_check(blox_span_text(text), fresh());
}

static void takes_a_provision_with_secrets(void **state) {
    (void)state;
    assert_int_equal(provision("{}"), BLOX_OK);
    assert_int_equal(
        provision("{\"wlan.ssid\": \"home\", \"wlan.psk\": \"\", "
                  "\"mqtt.password\": \"p\", \"mqtt_b.password\": \"q\", "
                  "\"api.token\": \"t\", \"n\": 1, \"password\": null}"),
        BLOX_OK);
}

static void refuses_a_provision_that_is_not_flat_strings(void **state) {
    (void)state;
    assert_int_equal(provision("{\"wlan.ssid\": 5}"), BLOX_ERROR_FORMAT);
    assert_string_equal(sentence,
                        "provision.json: line 1, column 15: wlan.ssid must be "
                        "a string of 1 to 32 characters; mend the file and "
                        "deploy it again");
    assert_int_equal(provision("{\"mqtt_x.password\": null}"),
                     BLOX_ERROR_FORMAT);
    assert_int_equal(provision("{\"mqtt.password\": 1}"), BLOX_ERROR_FORMAT);
    assert_int_equal(provision("{\"wlan.psk\": true}"), BLOX_ERROR_FORMAT);
    assert_int_equal(provision("{\"mqtt\": {\"password\": \"p\"}}"),
                     BLOX_ERROR_FORMAT);
    assert_string_equal(sentence,
                        "provision.json: line 1, column 10: mqtt must not be "
                        "an object or array: write dotted keys, like "
                        "\"mqtt.password\"; mend the file and deploy it again");
    assert_int_equal(provision("{\"x\": []}"), BLOX_ERROR_FORMAT);
    assert_int_equal(provision("{\"wlan.ssid\": \"a\" \"b\"}"),
                     BLOX_ERROR_FORMAT);
    assert_int_equal(provision("[\"wlan.ssid\"]"), BLOX_ERROR_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_key_of_the_contract),
        cmocka_unit_test(keeps_keys_it_does_not_know),
        cmocka_unit_test(says_line_and_column_of_what_is_not_json),
        cmocka_unit_test(refuses_what_is_not_one_object),
        cmocka_unit_test(names_the_key_the_place_and_the_remedy),
        cmocka_unit_test(a_level_that_is_none_names_those_there_are),
        cmocka_unit_test(a_large_value_is_not_said),
        cmocka_unit_test(keeps_every_range_to_the_unit),
        cmocka_unit_test(tells_every_problem_one_by_one),
        cmocka_unit_test(survives_a_cut_anywhere),
        cmocka_unit_test(survives_any_byte_anywhere),
        cmocka_unit_test(takes_a_provision_with_secrets),
        cmocka_unit_test(refuses_a_provision_that_is_not_flat_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
