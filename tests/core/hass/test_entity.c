// SPDX-License-Identifier: MIT
// Topics, states and commands.
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/hass/entity.h"

#define SPAN(text) blox_span_text(text)

static char buffer[200];
static struct blox_text text;
static struct blox_hass_entity entity;

static void set_kind(enum blox_hass_kind kind) {
    entity.kind = kind;
    entity.words = blox_hass_words(kind);
}

static int start(void **state) {
    (void)state;
    blox_text_init(&text, buffer, sizeof buffer);
    entity = (struct blox_hass_entity){
        .prefix = SPAN("ha"),
        .id = SPAN("node-1"),
        .name = SPAN("Lamp"),
        .variable = SPAN("v"),
        .list = SPAN("[\"eco\",\"a\\\"b\",\"heat up\"]"),
        .type = SPAN("press"),
        .subtype = SPAN("left")};
    return 0;
}

static void each_kind_has_its_topics(void **state) {
    (void)state;
    static const struct {
        enum blox_hass_kind kind;
        const char *component, *topic;
        bool retained, commands;
    } cases[] = {
        {BLOX_HASS_BINARY_SENSOR, "binary_sensor", "state", true, false},
        {BLOX_HASS_BUTTON, "button", "", false, true},
        {BLOX_HASS_DEVICE_TRIGGER, "device_automation", "events", false, false},
        {BLOX_HASS_EVENT, "event", "state", false, false},
        {BLOX_HASS_LIGHT, "light", "state", true, true},
        {BLOX_HASS_NUMBER, "number", "state", true, true},
        {BLOX_HASS_SELECT, "select", "state", true, true},
        {BLOX_HASS_SENSOR, "sensor", "state", true, false},
        {BLOX_HASS_SWITCH, "switch", "state", true, true},
        {BLOX_HASS_TAG, "tag", "scanned", false, false},
        {BLOX_HASS_TEXT, "text", "state", true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        set_kind(cases[i].kind);
        assert_true(
            blox_span_is(blox_hass_component(&entity), cases[i].component));
        assert_string_equal(blox_hass_state_topic(&entity), cases[i].topic);
        assert_int_equal(blox_hass_retained(&entity), cases[i].retained);
        assert_int_equal(blox_hass_takes_commands(&entity), cases[i].commands);
    }
    set_kind(BLOX_HASS_SWITCH);
    blox_hass_topic(&text, &entity, "set");
    assert_string_equal(buffer, "ha/switch/node-1/set");
}

static void a_subclass_says_what_it_has(void **state) {
    (void)state;
    set_kind(BLOX_HASS_OTHER);
    entity.component = SPAN("cover");
    assert_string_equal(blox_hass_state_topic(&entity), "");
    assert_false(blox_hass_takes_commands(&entity));
    entity.state = entity.commands = true;
    assert_string_equal(blox_hass_state_topic(&entity), "state");
    assert_true(blox_hass_takes_commands(&entity));
    assert_true(blox_hass_retained(&entity));
    blox_hass_topic(&text, &entity, "config");
    assert_string_equal(buffer, "ha/cover/node-1/config");
}

static void states_are_what_home_assistant_reads(void **state) {
    (void)state;
    static const struct {
        enum blox_hass_kind kind;
        enum blox_hass_value_kind value;
        const char *in, *out; // out NULL: no such value
    } cases[] = {
        {BLOX_HASS_SENSOR, BLOX_HASS_VALUE_JSON, "21.5", "{\"v\":21.5}"},
        {BLOX_HASS_SENSOR, BLOX_HASS_VALUE_TEXT, "a\"b", "{\"v\":\"a\\\"b\"}"},
        {BLOX_HASS_SENSOR, BLOX_HASS_VALUE_NONE, "", "{\"v\":null}"},
        {BLOX_HASS_SENSOR, BLOX_HASS_VALUE_TRUE, "", "{\"v\":true}"},
        {BLOX_HASS_SENSOR, BLOX_HASS_VALUE_FALSE, "", "{\"v\":false}"},
        {BLOX_HASS_NUMBER, BLOX_HASS_VALUE_JSON, "7", "{\"v\":7}"},
        {BLOX_HASS_BINARY_SENSOR, BLOX_HASS_VALUE_TRUE, "", "{\"v\":\"ON\"}"},
        {BLOX_HASS_BINARY_SENSOR, BLOX_HASS_VALUE_FALSE, "", "{\"v\":\"OFF\"}"},
        {BLOX_HASS_BINARY_SENSOR, BLOX_HASS_VALUE_NONE, "", "{\"v\":\"None\"}"},
        {BLOX_HASS_BINARY_SENSOR, BLOX_HASS_VALUE_TEXT, "x", NULL},
        {BLOX_HASS_SWITCH, BLOX_HASS_VALUE_TRUE, "", "ON"},
        {BLOX_HASS_SWITCH, BLOX_HASS_VALUE_FALSE, "", "OFF"},
        {BLOX_HASS_SWITCH, BLOX_HASS_VALUE_NONE, "", "None"},
        {BLOX_HASS_SWITCH, BLOX_HASS_VALUE_JSON, "1", NULL},
        {BLOX_HASS_LIGHT, BLOX_HASS_VALUE_TRUE, "", "{\"state\":\"ON\"}"},
        {BLOX_HASS_LIGHT, BLOX_HASS_VALUE_FALSE, "", "{\"state\":\"OFF\"}"},
        {BLOX_HASS_LIGHT, BLOX_HASS_VALUE_NONE, "", "{\"state\":null}"},
        {BLOX_HASS_LIGHT, BLOX_HASS_VALUE_TEXT, "warm", NULL},
        {BLOX_HASS_TEXT, BLOX_HASS_VALUE_TEXT, "hello", "hello"},
        {BLOX_HASS_TEXT, BLOX_HASS_VALUE_TRUE, "", NULL},
        {BLOX_HASS_SELECT, BLOX_HASS_VALUE_TEXT, "eco", "eco"},
        {BLOX_HASS_SELECT, BLOX_HASS_VALUE_NONE, "", "None"},
        {BLOX_HASS_TAG, BLOX_HASS_VALUE_TEXT, "04A2", "{\"tag_id\":\"04A2\"}"},
        {BLOX_HASS_TAG, BLOX_HASS_VALUE_NONE, "", NULL},
        {BLOX_HASS_EVENT, BLOX_HASS_VALUE_TEXT, "press",
         "{\"event_type\":\"press\"}"},
        {BLOX_HASS_EVENT, BLOX_HASS_VALUE_JSON, "1", NULL},
        {BLOX_HASS_EVENT, BLOX_HASS_VALUE_TRUE, "", NULL},
        {BLOX_HASS_DEVICE_TRIGGER, BLOX_HASS_VALUE_TEXT, "press/left",
         "press/left"},
        {BLOX_HASS_BUTTON, BLOX_HASS_VALUE_TRUE, "", NULL},
        {BLOX_HASS_OTHER, BLOX_HASS_VALUE_TRUE, "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct blox_hass_value value = {cases[i].value, SPAN(cases[i].in), 0};
        set_kind(cases[i].kind);
        blox_text_clear(&text);
        int error = blox_hass_state(&text, &entity, &value);
        if (cases[i].out == NULL) {
            assert_int_equal(error, BLOX_ERROR_UNSUPPORTED);
        } else {
            assert_int_equal(error, BLOX_OK);
            assert_string_equal(buffer, cases[i].out);
        }
    }
}

static void a_dimmed_light_tells_its_brightness(void **state) {
    (void)state;
    struct blox_hass_value value = {BLOX_HASS_VALUE_TRUE, SPAN(""), 512};
    set_kind(BLOX_HASS_LIGHT);
    entity.brightness_scale = 1024;
    assert_int_equal(blox_hass_state(&text, &entity, &value), BLOX_OK);
    assert_string_equal(buffer, "{\"state\":\"ON\",\"brightness\":512}");
}

static struct blox_hass_command taken(enum blox_hass_kind kind,
                                      const char *payload) {
    struct blox_hass_command command;
    set_kind(kind);
    assert_int_equal(blox_hass_command(&entity, SPAN(payload), &command, &text),
                     BLOX_OK);
    return command;
}

static void assert_refused(enum blox_hass_kind kind, struct blox_span payload,
                           int error, const char *sentence) {
    struct blox_hass_command command;
    set_kind(kind);
    assert_int_equal(blox_hass_command(&entity, payload, &command, &text),
                     error);
    assert_string_equal(buffer, sentence);
}

static void switches_take_words(void **state) {
    (void)state;
    assert_int_equal(taken(BLOX_HASS_SWITCH, "ON").order, BLOX_HASS_ON);
    assert_int_equal(taken(BLOX_HASS_SWITCH, "OFF").order, BLOX_HASS_OFF);
    assert_int_equal(taken(BLOX_HASS_LIGHT, "TOGGLE").order, BLOX_HASS_TOGGLE);
}

static int read_members(const char *word, int32_t brightness,
                        int32_t duration_ms,
                        struct blox_hass_command *command) {
    struct blox_hass_members members = {SPAN("{}"), SPAN(word), brightness,
                                        duration_ms};
    return blox_hass_command_members(&entity, &members, command, &text);
}

static void switches_take_a_state_and_a_duration(void **state) {
    (void)state;
    struct blox_hass_command command;
    set_kind(BLOX_HASS_SWITCH);
    assert_int_equal(read_members("ON", BLOX_HASS_WRONG, 2500, &command),
                     BLOX_OK);
    assert_int_equal(command.order, BLOX_HASS_ON);
    assert_true(command.has_duration);
    assert_int_equal(command.duration_ms, 2500);
    assert_false(command.has_brightness);
    assert_int_equal(
        read_members("", BLOX_HASS_ABSENT, BLOX_HASS_ABSENT, &command),
        BLOX_OK);
    assert_int_equal(command.order, BLOX_HASS_KEEP);
    assert_false(command.has_duration);
    assert_int_equal(
        read_members("UP", BLOX_HASS_ABSENT, BLOX_HASS_ABSENT, &command),
        BLOX_ERROR_LIMIT);
    assert_string_equal(
        buffer, "Lamp: command '{}': state is \"ON\", \"OFF\" or \"TOGGLE\"");
    assert_int_equal(
        read_members("ON", BLOX_HASS_ABSENT, BLOX_HASS_WRONG, &command),
        BLOX_ERROR_LIMIT);
    assert_string_equal(
        buffer,
        "Lamp: command '{}': duration is a number of seconds, at most 24 days");
}

static void a_light_takes_brightness_up_to_its_scale(void **state) {
    (void)state;
    struct blox_hass_command command;
    set_kind(BLOX_HASS_LIGHT);
    assert_int_equal(read_members("", 7, BLOX_HASS_ABSENT, &command), BLOX_OK);
    assert_false(command.has_brightness);
    entity.brightness_scale = 1024;
    assert_int_equal(read_members("ON", 1024, BLOX_HASS_ABSENT, &command),
                     BLOX_OK);
    assert_true(command.has_brightness);
    assert_int_equal(command.brightness, 1024);
    assert_int_equal(
        read_members("", BLOX_HASS_ABSENT, BLOX_HASS_ABSENT, &command),
        BLOX_OK);
    assert_false(command.has_brightness);
    assert_int_equal(read_members("ON", 1025, BLOX_HASS_ABSENT, &command),
                     BLOX_ERROR_LIMIT);
    assert_string_equal(buffer,
                        "Lamp: command '{}': brightness is a whole number "
                        "from 0 to brightness_scale");
    assert_int_equal(
        read_members("ON", BLOX_HASS_WRONG, BLOX_HASS_ABSENT, &command),
        BLOX_ERROR_LIMIT);
}

static void what_is_no_command_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"",  "on",     "ONE", "[]",
                                      "1", "\"ON\"", "ON "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        struct blox_hass_command command;
        set_kind(BLOX_HASS_SWITCH);
        assert_int_equal(
            blox_hass_command(&entity, SPAN(bad[i]), &command, &text),
            BLOX_ERROR_FORMAT);
        assert_non_null(strstr(
            buffer, "expected ON, OFF, TOGGLE, or a JSON object with state"));
    }
    assert_refused(BLOX_HASS_BUTTON, SPAN("press"), BLOX_ERROR_FORMAT,
                   "Lamp: command 'press': a button takes PRESS");
    assert_refused(BLOX_HASS_SENSOR, SPAN("1"), BLOX_ERROR_UNSUPPORTED,
                   "Lamp: command '1': takes no commands");
}

static void a_number_stays_within_its_bounds(void **state) {
    (void)state;
    entity.min = SPAN("-10");
    entity.max = SPAN("10.5");
    static const char *const good[] = {"-10",       "10.5",      "0",
                                       "10.500000", "-0.000001", "3.25"};
    static const char *const low[] = {"-10.000001", "-11", "-999999999999"};
    static const char *const high[] = {"10.500001", "11", "999999999999"};
    static const char *const wrong[] = {"",    "-",  ".5", "5.",  "1e3",
                                        "0x1", " 1", "1 ", "--1", "1.2.3"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; ++i) {
        assert_int_equal(taken(BLOX_HASS_NUMBER, good[i]).order, BLOX_HASS_SET);
    }
    struct blox_hass_command command;
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(
            blox_hass_command(&entity, SPAN(low[i]), &command, &text),
            BLOX_ERROR_LIMIT);
        assert_non_null(strstr(buffer, "less than min"));
        assert_int_equal(
            blox_hass_command(&entity, SPAN(high[i]), &command, &text),
            BLOX_ERROR_LIMIT);
        assert_non_null(strstr(buffer, "more than max"));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        assert_int_equal(
            blox_hass_command(&entity, SPAN(wrong[i]), &command, &text),
            BLOX_ERROR_FORMAT);
    }
    assert_int_equal(
        blox_hass_command(&entity, SPAN("1000000000000"), &command, &text),
        BLOX_ERROR_LIMIT);
}

static void a_number_without_bounds_takes_any(void **state) {
    (void)state;
    assert_int_equal(taken(BLOX_HASS_NUMBER, "-123456.789").order,
                     BLOX_HASS_SET);
}

static void a_select_takes_its_options_alone(void **state) {
    (void)state;
    assert_int_equal(taken(BLOX_HASS_SELECT, "eco").order, BLOX_HASS_SET);
    assert_int_equal(taken(BLOX_HASS_SELECT, "heat up").order, BLOX_HASS_SET);
    assert_int_equal(taken(BLOX_HASS_SELECT, "a\"b").order, BLOX_HASS_SET);
    static const char *const bad[] = {"", "ec", "heat", "b", ",", "eco\",\"a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        struct blox_hass_command command;
        assert_int_equal(
            blox_hass_command(&entity, SPAN(bad[i]), &command, &text),
            BLOX_ERROR_LIMIT);
    }
    char large[66] = {0};
    memset(large, 'x', 65);
    struct blox_hass_command command;
    assert_int_equal(blox_hass_command(&entity, SPAN(large), &command, &text),
                     BLOX_ERROR_LIMIT);
}

static void a_text_is_utf8_of_255_bytes(void **state) {
    (void)state;
    char large[257] = {0};
    memset(large, 'x', 255);
    assert_int_equal(taken(BLOX_HASS_TEXT, large).order, BLOX_HASS_SET);
    assert_int_equal(taken(BLOX_HASS_TEXT, "").order, BLOX_HASS_SET);
    large[255] = 'x';
    struct blox_hass_command command;
    assert_int_equal(blox_hass_command(&entity, SPAN(large), &command, &text),
                     BLOX_ERROR_LIMIT);
    assert_refused(BLOX_HASS_TEXT, SPAN("\xff"), BLOX_ERROR_FORMAT,
                   "Lamp: command '?': a text is UTF-8");
}

static void a_button_is_pressed(void **state) {
    (void)state;
    assert_int_equal(taken(BLOX_HASS_BUTTON, "PRESS").order, BLOX_HASS_PRESS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_kind_has_its_topics, start),
        cmocka_unit_test_setup(a_subclass_says_what_it_has, start),
        cmocka_unit_test_setup(states_are_what_home_assistant_reads, start),
        cmocka_unit_test_setup(a_dimmed_light_tells_its_brightness, start),
        cmocka_unit_test_setup(switches_take_words, start),
        cmocka_unit_test_setup(switches_take_a_state_and_a_duration, start),
        cmocka_unit_test_setup(a_light_takes_brightness_up_to_its_scale, start),
        cmocka_unit_test_setup(what_is_no_command_is_refused, start),
        cmocka_unit_test_setup(a_number_stays_within_its_bounds, start),
        cmocka_unit_test_setup(a_number_without_bounds_takes_any, start),
        cmocka_unit_test_setup(a_select_takes_its_options_alone, start),
        cmocka_unit_test_setup(a_text_is_utf8_of_255_bytes, start),
        cmocka_unit_test_setup(a_button_is_pressed, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
