// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdio.h>
#include <time.h>

#include "core/log/calendar.h"
#include "core/log/record.h"
#include "core/log/syslog.h"

static char buffer[2000];
static struct blox_text text;

static int start(void **state) {
    (void)state;
    blox_text_init(&text, buffer, sizeof buffer);
    return 0;
}

static struct blox_log_record record(uint8_t level, const char *name,
                                     const char *message) {
    return (struct blox_log_record){
        level, 14, 1795334400u, blox_span_text(name), blox_span_text(message)};
}

static void assert_date(time_t at) {
    struct blox_log_calendar calendar;
    struct tm expected;
    gmtime_r(&at, &expected);
    blox_log_calendar(&calendar, (uint32_t)at);
    assert_int_equal(calendar.year, expected.tm_year + 1900);
    assert_int_equal(calendar.month, expected.tm_mon + 1);
    assert_int_equal(calendar.day, expected.tm_mday);
    assert_int_equal(calendar.hour, expected.tm_hour);
    assert_int_equal(calendar.minute, expected.tm_min);
    assert_int_equal(calendar.second, expected.tm_sec);
}

static void every_day_until_2106_has_its_date(void **state) {
    (void)state;
    for (time_t day = 0; day < UINT32_MAX / 86400; ++day) {
        assert_date(day * 86400);
        assert_date(day * 86400 + 86399);
    }
    assert_date(UINT32_MAX);
}

static void a_line_has_time_level_logger_and_message(void **state) {
    (void)state;
    struct blox_log_record r = record(30, "mqtt", "connection lost");
    blox_log_plain(&text, &r);
    assert_string_equal(
        buffer, "2026-11-22T08:00:00.014Z WARNING mqtt: connection lost");
    blox_text_clear(&text);
    r = record(20, "config", "config: taken in");
    blox_log_plain(&text, &r);
    assert_string_equal(buffer,
                        "2026-11-22T08:00:00.014Z INFO config: taken in");
}

static void levels_have_colours(void **state) {
    (void)state;
    static const struct {
        uint8_t level;
        const char *begin, *end;
    } cases[] = {
        {10, "\x1b[2m2026", "\x1b[0m"},    {20, "2026-11", "x: y"},
        {30, "\x1b[33m2026", "\x1b[0m"},   {45, "\x1b[31m2026", "\x1b[0m"},
        {50, "\x1b[1;31m2026", "\x1b[0m"}, {255, "\x1b[1;31m2026", "\x1b[0m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct blox_log_record r = record(cases[i].level, "x", "y");
        blox_text_clear(&text);
        blox_log_coloured(&text, &r);
        assert_true(blox_span_starts(blox_text_span(&text), cases[i].begin));
        assert_true(blox_span_ends(blox_text_span(&text), cases[i].end));
    }
}

static void levels_between_have_the_lower_ones_name(void **state) {
    (void)state;
    static const struct {
        uint8_t level;
        const char *name;
    } cases[] = {{0, "NOTSET"}, {10, "DEBUG"},    {25, "INFO"},
                 {49, "ERROR"}, {50, "CRITICAL"}, {200, "CRITICAL"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        blox_text_clear(&text);
        blox_log_add_level(&text, cases[i].level);
        assert_string_equal(buffer, cases[i].name);
    }
}

static void a_level_is_found_by_its_name(void **state) {
    (void)state;
    for (int level = 0; level <= 50; level += 10) {
        blox_text_clear(&text);
        blox_log_add_level(&text, (uint8_t)level);
        assert_int_equal(blox_log_level(blox_text_span(&text)), level);
    }
    static const char *const others[] = {"", "INF", "INFOS", "info"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i) {
        assert_int_equal(blox_log_level(blox_span_text(others[i])), -1);
    }
}

static void syslog_lines_are_those_of_rfc_3164(void **state) {
    (void)state;
    struct blox_syslog syslog = {.hostname = blox_span_text("my kitchen")};
    struct blox_log_record r = record(40, "mqtt", "lost\n  File x\nOSError\n");
    r.seconds = 1793862489u; // Nov  5 07:08:09
    blox_syslog_begin(&syslog, &r);
    static const char *const lines[] = {"lost", "  File x", "OSError"};
    for (size_t i = 0; i < 3; ++i) {
        char expected[100];
        blox_text_clear(&text);
        assert_true(blox_syslog_next(&syslog, &text));
        snprintf(expected, sizeof expected,
                 "<11>Nov  5 07:08:09 my-kitchen mqtt: %s", lines[i]);
        assert_string_equal(buffer, expected);
    }
    assert_false(blox_syslog_next(&syslog, &text));
}

static void syslog_lines_are_those_of_rfc_5424(void **state) {
    (void)state;
    struct blox_syslog syslog = {.rfc5424 = true,
                                 .hostname = blox_span_text("kitchen")};
    struct blox_log_record r = record(20, "", "up");
    blox_syslog_begin(&syslog, &r);
    assert_true(blox_syslog_next(&syslog, &text));
    assert_string_equal(buffer,
                        "<14>1 2026-11-22T08:00:00.014Z kitchen - - - - up");
    assert_false(blox_syslog_next(&syslog, &text));
}

static void severities_are_those_of_rfc_5424(void **state) {
    (void)state;
    static const struct {
        uint8_t level;
        const char *begin;
    } cases[] = {
        {10, "<15>"}, {20, "<14>"}, {30, "<12>"}, {40, "<11>"}, {50, "<10>"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct blox_syslog syslog = {0};
        struct blox_log_record r = record(cases[i].level, "x", "");
        blox_text_clear(&text);
        blox_syslog_begin(&syslog, &r);
        assert_true(blox_syslog_next(&syslog, &text));
        assert_true(blox_span_starts(blox_text_span(&text), cases[i].begin));
        assert_false(blox_syslog_next(&syslog, &text));
    }
}

// A line of any length arrives whole, in pieces of at most the limit, each of
// whole characters.
static void a_long_line_is_several_datagrams(void **state) {
    (void)state;
    static char message[5000];
    static char together[6000];
    for (size_t capacity = BLOX_SYSLOG_MIN + 1; capacity < 1400;
         capacity += 37) {
        for (size_t size = 0; size < sizeof message; size += 331) {
            size_t at = 0;
            for (; at + 3 < size; at += 3) {
                memcpy(message + at, "\xe2\x82\xac", 3);
            }
            struct blox_syslog syslog = {0};
            struct blox_log_record r = record(20, "n", "");
            r.message = blox_span(message, at);
            size_t joined = 0;
            blox_syslog_begin(&syslog, &r);
            blox_text_init(&text, buffer, capacity);
            while (blox_syslog_next(&syslog, &text)) {
                assert_false(text.cut);
                assert_true(text.size <= BLOX_SYSLOG_MAX);
                const char *payload = strstr(buffer, " n: ") + 4;
                size_t part = text.size - (size_t)(payload - buffer);
                assert_int_equal(part % 3, 0);
                memcpy(together + joined, payload, part);
                joined += part;
                blox_text_clear(&text);
            }
            assert_int_equal(joined, at);
            assert_memory_equal(together, message, at);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_day_until_2106_has_its_date, start),
        cmocka_unit_test_setup(a_line_has_time_level_logger_and_message, start),
        cmocka_unit_test_setup(levels_have_colours, start),
        cmocka_unit_test_setup(levels_between_have_the_lower_ones_name, start),
        cmocka_unit_test_setup(a_level_is_found_by_its_name, start),
        cmocka_unit_test_setup(syslog_lines_are_those_of_rfc_3164, start),
        cmocka_unit_test_setup(syslog_lines_are_those_of_rfc_5424, start),
        cmocka_unit_test_setup(severities_are_those_of_rfc_5424, start),
        cmocka_unit_test_setup(a_long_line_is_several_datagrams, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
