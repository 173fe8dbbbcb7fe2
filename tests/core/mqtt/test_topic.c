// SPDX-License-Identifier: MIT
#include "core/mqtt/topic.h"

#include <stdlib.h>

#include "tests/core/test.h"

struct pair {
    const char *filter;
    const char *name;
};

static bool match(const char *filter, const char *name) {
    return blox_mqtt_topic_match(blox_span_text(filter), blox_span_text(name));
}

static void filters_match_as_the_standard_shows(void **state) {
    (void)state;
    const struct pair pairs[] = {
        {"a", "a"},
        {"a/b", "a/b"},
        {"sport/tennis/player1/#", "sport/tennis/player1"},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking"},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"},
        {"sport/#", "sport"},
        {"#", "a/b/c"},
        {"#", "/"},
        {"sport/tennis/+", "sport/tennis/player1"},
        {"sport/+", "sport/"},
        {"+/+", "/finance"},
        {"/+", "/finance"},
        {"+", "finance"},
        {"+/tennis/#", "sport/tennis"},
        {"+/tennis/#", "sport/tennis/x/y"},
        {"a/+/c", "a//c"},
        {"/", "/"},
        {"$SYS/#", "$SYS/broker"},
        {"$SYS/monitor/+", "$SYS/monitor/Clients"},
        {"a/$b/#", "a/$b"},
        {"+/$b", "a/$b"},
        {"$share/group/a/+", "a/b"},
        {"$share/group/#", "a"},
        {"$share", "$share"},
        {"$shared/x", "$shared/x"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
        if (!match(pairs[i].filter, pairs[i].name)) {
            print_error("%s, %s\n", pairs[i].filter, pairs[i].name);
            fail();
        }
    }
}

static void filters_do_not_match_more(void **state) {
    (void)state;
    const struct pair pairs[] = {
        {"a", "b"},
        {"a", "A"},
        {"a", "/a"},
        {"a", "a/"},
        {"a/b", "a"},
        {"a", "a/b"},
        {"a/b/c", "a/b"},
        {"sport/tennis/+", "sport/tennis/player1/ranking"},
        {"sport/+", "sport"},
        {"+", "/finance"},
        {"+", "a/b"},
        {"sport/#", "sports"},
        {"sport/#", "sports/x"},
        {"sport/tennis/#", "sport"},
        {"a/+/#", "a"},
        {"#", "$SYS/broker"},
        {"+/monitor/Clients", "$SYS/monitor/Clients"},
        {"+", "$SYS"},
        {"$share/group/#", "$SYS/x"},
        {"$share/group/a", "b"},
        {"$share/group/a", "$share/group/a"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
        if (match(pairs[i].filter, pairs[i].name)) {
            print_error("%s, %s\n", pairs[i].filter, pairs[i].name);
            fail();
        }
    }
}

// Level by level, the slow way, on all short filters and names over a small
// alphabet.
static bool slow_levels(const char *filter, const char *name) {
    if (strcmp(filter, "#") == 0 || strcmp(filter, "/#") == 0) {
        return filter[0] == '#' || *name == '\0' || *name == '/';
    }
    if (*filter == '+') {
        while (*name != '\0' && *name != '/') {
            ++name;
        }
        return slow_levels(filter + 1, name);
    }
    if (*filter != *name) {
        return false;
    }
    return *filter == '\0' || slow_levels(filter + 1, name + 1);
}

static void fill(char *text, size_t size, unsigned number,
                 const char *alphabet) {
    for (size_t i = 0; i < size; ++i) {
        text[i] = alphabet[number % strlen(alphabet)];
        number /= (unsigned)strlen(alphabet);
    }
    text[size] = '\0';
}

static void agrees_with_a_plain_matcher_on_all_short_topics(void **state) {
    (void)state;
    size_t valid = 0;
    for (unsigned size = 1; size <= 5; ++size) {
        unsigned filters = size == 1   ? 4
                           : size == 2 ? 16
                           : size == 3 ? 64
                           : size == 4 ? 256
                                       : 1024;
        for (unsigned f = 0; f < filters; ++f) {
            char filter[8];
            fill(filter, size, f, "a/+#");
            if (!blox_mqtt_filter_valid(blox_span_text(filter))) {
                continue;
            }
            ++valid;
            for (unsigned n = 0; n < 32; ++n) {
                for (size_t length = 1; length <= 5; ++length) {
                    char name[8];
                    fill(name, length, n, "a/");
                    assert_int_equal(match(filter, name),
                                     slow_levels(filter, name));
                }
            }
        }
    }
    assert_true(valid > 100);
}

static void knows_valid_filters(void **state) {
    (void)state;
    const char *const good[] = {
        "#",     "+", "/",      "a",          "a/#",        "+/+/#",
        "a/+/b", " ", "$SYS/#", "$share/g/#", "$share/g//", "\xc3\xa9/#"};
    const char *const bad[] = {
        "",         "a#",        "#/a",       "a/#/b",      "a+",
        "+a",       "a/b+/c",    "##",        "++",         "$share/",
        "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a",
        "\xff",     "a/\xc3"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; ++i) {
        assert_true(blox_mqtt_filter_valid(blox_span_text(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        assert_false(blox_mqtt_filter_valid(blox_span_text(bad[i])));
    }
    assert_false(blox_mqtt_filter_valid(blox_span("a\0b", 3)));
}

static void knows_valid_names(void **state) {
    (void)state;
    static uint8_t longest[65536];
    memset(longest, 'x', sizeof longest);
    assert_true(blox_mqtt_topic_valid(blox_span_text("a/b")));
    assert_true(blox_mqtt_topic_valid(blox_span_text("/")));
    assert_true(blox_mqtt_topic_valid(blox_span_text("$x y")));
    assert_true(blox_mqtt_topic_valid(blox_span(longest, 65535)));
    assert_false(blox_mqtt_topic_valid(blox_span(longest, 65536)));
    assert_false(blox_mqtt_topic_valid(blox_span_text("")));
    assert_false(blox_mqtt_topic_valid(blox_span_text("a/+")));
    assert_false(blox_mqtt_topic_valid(blox_span_text("a#")));
    assert_false(blox_mqtt_topic_valid(blox_span("a\0", 2)));
    assert_false(blox_mqtt_topic_valid(blox_span_text("\xed\xa0\x80")));
}

// [MQTT-4.7.3-4]: one letter in two spellings is two topics.
static void characters_are_compared_as_they_are(void **state) {
    (void)state;
    struct blox_span composed = blox_span_text("\xc3\x85");
    struct blox_span decomposed = blox_span_text("A\xcc\x8a");
    assert_true(blox_mqtt_topic_match(composed, composed));
    assert_false(blox_mqtt_topic_match(composed, decomposed));
    assert_false(
        blox_mqtt_topic_match(blox_span_text("a"), blox_span_text("A")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_match_as_the_standard_shows),
        cmocka_unit_test(filters_do_not_match_more),
        cmocka_unit_test(agrees_with_a_plain_matcher_on_all_short_topics),
        cmocka_unit_test(knows_valid_filters),
        cmocka_unit_test(knows_valid_names),
        cmocka_unit_test(characters_are_compared_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
