// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/codec/json_check.h"
#include "core/hass/entity.h"

#define SPAN(text) blox_span_text(text)

static char buffer[2048];
static struct blox_text text;

static const char *const name = "Kitchen";

static struct blox_hass_device device(void) {
    return (struct blox_hass_device){
        .id = SPAN("esp32-0a1b"),
        .name = SPAN("kitchen"),
        .model = SPAN("ESP32C3 module"),
        .version = SPAN("1.2.0"),
        .firmware = SPAN("1.25.0"),
    };
}

static struct blox_hass_entity entity(enum blox_hass_kind kind) {
    return (struct blox_hass_entity){.words = blox_hass_words(kind),
                                     .kind = kind,
                                     .prefix = SPAN("homeassistant"),
                                     .id = SPAN("esp32-0a1b-1"),
                                     .name = SPAN(name)};
}

static int start(void **state) {
    (void)state;
    blox_text_init(&text, buffer, sizeof buffer);
    return 0;
}

// What stands between "~" and the device in the document of the entity.
static void assert_config(const struct blox_hass_entity *e, const char *base,
                          const char *members) {
    struct blox_hass_device d = device();
    char expected[1500];
    struct blox_text want;
    blox_text_init(&want, expected, sizeof expected);
    blox_text_add(&want, "{\"~\":\"homeassistant/");
    blox_text_add(&want, base);
    blox_text_add(&want, "\",");
    blox_text_add(&want, members);
    blox_text_add(
        &want,
        "\"dev\":{\"ids\":\"esp32-0a1b\",\"name\":\"kitchen\",\"mf\":\"Mpy-"
        "BLOX\","
        "\"mdl\":\"ESP32C3 module\",\"sw\":\"1.2.0 (MicroPython 1.25.0)\"},"
        "\"o\":{\"name\":\"mpy-blox\",\"sw\":\"1.2.0\"}}");
    blox_text_clear(&text);
    blox_hass_config(&text, &d, e);
    assert_string_equal(buffer, expected);
    struct blox_json_check check;
    blox_json_check_init(&check);
    assert_int_equal(blox_json_check_feed(&check, blox_text_span(&text)),
                     BLOX_OK);
    assert_int_equal(blox_json_check_end(&check), BLOX_OK);
}

#define NAMED "\"name\":\"Kitchen\",\"uniq_id\":\"esp32-0a1b-1\","

static void a_sensor_has_a_unit_and_a_template(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SENSOR);
    e.variable = SPAN("t");
    assert_config(&e, "sensor/esp32-0a1b-1",
                  NAMED
                  "\"stat_t\":\"~/state\",\"val_tpl\":\"{{ value_json.t }}\",");
    e.unit = SPAN("\xc2\xb0"
                  "C");
    e.device_class = SPAN("temperature");
    e.state_class = SPAN("measurement");
    e.entity_category = SPAN("diagnostic");
    e.icon = SPAN("mdi:fan");
    assert_config(
        &e, "sensor/esp32-0a1b-1",
        NAMED
        "\"stat_t\":\"~/state\",\"dev_cla\":\"temperature\",\"ent_cat\":"
        "\"diagnostic\",\"ic\":\"mdi:fan\",\"unit_of_meas\":\"\xc2\xb0"
        "C\",\"stat_cla\":\"measurement\",\"val_tpl\":\"{{ value_json.t }}\",");
}

static void a_binary_sensor_reads_its_variable(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_BINARY_SENSOR);
    e.variable = SPAN("open");
    e.device_class = SPAN("door");
    assert_config(&e, "binary_sensor/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"dev_cla\":\"door\","
                        "\"val_tpl\":\"{{ value_json.open }}\",");
}

static void a_button_only_takes_commands(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_BUTTON);
    e.entity_category = SPAN("config");
    assert_config(&e, "button/esp32-0a1b-1",
                  NAMED "\"cmd_t\":\"~/set\",\"ent_cat\":\"config\",");
}

static void a_number_has_bounds(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_NUMBER);
    e.variable = SPAN("v");
    e.unit = SPAN("%");
    e.min = SPAN("0");
    e.max = SPAN("99");
    e.step = SPAN("0.001");
    e.mode = SPAN("box");
    assert_config(
        &e, "number/esp32-0a1b-1",
        NAMED
        "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\",\"unit_of_meas\":\"%\","
        "\"min\":0,\"max\":99,\"step\":0.001,\"mode\":\"box\","
        "\"val_tpl\":\"{{ value_json.v }}\",");
}

static void a_text_may_be_a_password(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_TEXT);
    assert_config(&e, "text/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\",");
    e.mode = SPAN("password");
    e.max = SPAN("20");
    assert_config(&e, "text/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/"
                        "set\",\"max\":20,\"mode\":\"password\",");
}

static void a_switch_needs_nothing_more(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SWITCH);
    assert_config(&e, "switch/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\",");
}

static void a_light_may_be_dimmed(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_LIGHT);
    assert_config(
        &e, "light/esp32-0a1b-1",
        NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\",\"schema\":\"json\","
              "\"brightness\":false,");
    e.brightness_scale = 1024;
    assert_config(
        &e, "light/esp32-0a1b-1",
        NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\",\"schema\":\"json\","
              "\"brightness\":true,\"bri_scl\":1024,");
}

static void a_tag_scanner_has_no_name(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_TAG);
    assert_config(
        &e, "tag/esp32-0a1b-1",
        "\"t\":\"~/scanned\",\"val_tpl\":\"{{ value_json.tag_id }}\",");
}

static void a_device_trigger_has_type_and_subtype(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_DEVICE_TRIGGER);
    e.type = SPAN("button_short_press");
    e.subtype = SPAN("button_1");
    assert_config(
        &e, "device_automation/esp32-0a1b-1",
        "\"atype\":\"trigger\",\"t\":\"~/"
        "events\",\"type\":\"button_short_press\","
        "\"stype\":\"button_1\",\"pl\":\"button_short_press/button_1\",");
}

static void select_and_event_list_what_there_is(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SELECT);
    e.list = SPAN("[\"eco\",\"heat\"]");
    assert_config(&e, "select/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/"
                        "set\",\"options\":[\"eco\",\"heat\"],");
    e.words = blox_hass_event_kind;
    assert_config(&e, "event/esp32-0a1b-1",
                  NAMED
                  "\"stat_t\":\"~/state\",\"evt_typ\":[\"eco\",\"heat\"],");
}

static void a_subclass_says_its_own_members(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_OTHER);
    e.component = SPAN("cover");
    e.members = SPAN("\"payload_open\": \"UP\", \"optimistic\": true");
    e.state = e.commands = true;
    assert_config(&e, "cover/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\","
                        "\"payload_open\": \"UP\", \"optimistic\": true,");
    e.members = SPAN("");
    e.state = e.commands = false;
    e.anonymous = true;
    blox_text_clear(&text);
    struct blox_hass_device d = device();
    blox_hass_config(&text, &d, &e);
    assert_true(blox_span_starts(
        blox_text_span(&text),
        "{\"~\":\"homeassistant/cover/esp32-0a1b-1\",\"dev\":"));
}

static void members_take_the_place_of_a_kinds_own(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SENSOR);
    e.variable = SPAN("t");
    e.unit = SPAN("V");
    e.members = SPAN("\"a\":1");
    assert_config(&e, "sensor/esp32-0a1b-1",
                  NAMED "\"stat_t\":\"~/state\",\"a\":1,");
}

static void a_device_lists_its_components(void **state) {
    (void)state;
    struct blox_hass_device d = device();
    struct blox_hass_entity one = entity(BLOX_HASS_SWITCH);
    struct blox_hass_entity two = entity(BLOX_HASS_TAG);
    two.id = SPAN("esp32-0a1b-2");
    d.area = SPAN("Kitchen");
    d.available = SPAN("mpypi/nodes/esp32-0a1b/status");
    blox_hass_device_begin(&text, &d);
    blox_hass_device_component(&text, &one);
    blox_hass_device_component(&text, &two);
    blox_hass_device_removed(&text, SPAN("esp32-0a1b-3"), SPAN("sensor"));
    blox_hass_device_end(&text);
    assert_string_equal(
        buffer,
        "{\"dev\":{\"ids\":\"esp32-0a1b\",\"name\":\"kitchen\",\"mf\":\"Mpy-"
        "BLOX\",\"mdl\":"
        "\"ESP32C3 module\",\"sw\":\"1.2.0 (MicroPython "
        "1.25.0)\",\"sa\":\"Kitchen\"},"
        "\"o\":{\"name\":\"mpy-blox\",\"sw\":\"1.2.0\"},"
        "\"avty_t\":\"mpypi/nodes/esp32-0a1b/status\",\"cmps\":{"
        "\"esp32-0a1b-1\":{\"p\":\"switch\",\"~\":\"homeassistant/switch/"
        "esp32-0a1b-1\"," NAMED "\"stat_t\":\"~/state\",\"cmd_t\":\"~/set\"},"
        "\"esp32-0a1b-2\":{\"p\":\"tag\",\"~\":\"homeassistant/tag/"
        "esp32-0a1b-2\","
        "\"t\":\"~/scanned\",\"val_tpl\":\"{{ value_json.tag_id }}\"},"
        "\"esp32-0a1b-3\":{\"p\":\"sensor\"}}}");
}

static void what_a_user_writes_is_escaped(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SENSOR);
    e.name = SPAN("the \"big\" one\n\\");
    e.variable = SPAN("a\"b");
    assert_config(
        &e, "sensor/esp32-0a1b-1",
        "\"name\":\"the \\\"big\\\" one\\n\\\\\",\"uniq_id\":\"esp32-0a1b-1\","
        "\"stat_t\":\"~/state\",\"val_tpl\":\"{{ value_json.a\\\"b }}\",");
}

static void a_buffer_too_small_is_told(void **state) {
    (void)state;
    struct blox_hass_entity e = entity(BLOX_HASS_SWITCH);
    struct blox_hass_device d = device();
    blox_hass_config(&text, &d, &e);
    size_t size = text.size;
    for (size_t capacity = 1; capacity <= size + 1; ++capacity) {
        char *small = malloc(capacity);
        blox_text_init(&text, small, capacity);
        blox_hass_config(&text, &d, &e);
        assert_int_equal(text.cut, capacity <= size);
        free(small);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_sensor_has_a_unit_and_a_template, start),
        cmocka_unit_test_setup(a_binary_sensor_reads_its_variable, start),
        cmocka_unit_test_setup(a_button_only_takes_commands, start),
        cmocka_unit_test_setup(a_number_has_bounds, start),
        cmocka_unit_test_setup(a_text_may_be_a_password, start),
        cmocka_unit_test_setup(a_switch_needs_nothing_more, start),
        cmocka_unit_test_setup(a_light_may_be_dimmed, start),
        cmocka_unit_test_setup(a_tag_scanner_has_no_name, start),
        cmocka_unit_test_setup(a_device_trigger_has_type_and_subtype, start),
        cmocka_unit_test_setup(select_and_event_list_what_there_is, start),
        cmocka_unit_test_setup(a_subclass_says_its_own_members, start),
        cmocka_unit_test_setup(members_take_the_place_of_a_kinds_own, start),
        cmocka_unit_test_setup(a_device_lists_its_components, start),
        cmocka_unit_test_setup(what_a_user_writes_is_escaped, start),
        cmocka_unit_test_setup(a_buffer_too_small_is_told, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
