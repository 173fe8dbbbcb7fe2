// SPDX-License-Identifier: MIT
#include "core/mqtt/wire.h"

#include "core/mqtt/packet.h"
#include "tests/core/test.h"

struct vbi {
    uint32_t value;
    size_t size;
    uint8_t bytes[4];
};

// Table 1-1 of section 1.5.5.
static const struct vbi vbis[] = {
    {0, 1, {0}},
    {127, 1, {0x7f}},
    {128, 2, {0x80, 0x01}},
    {16383, 2, {0xff, 0x7f}},
    {16384, 3, {0x80, 0x80, 0x01}},
    {2097151, 3, {0xff, 0xff, 0x7f}},
    {2097152, 4, {0x80, 0x80, 0x80, 0x01}},
    {268435455, 4, {0xff, 0xff, 0xff, 0x7f}},
};

static void variable_byte_integers_are_those_of_the_table(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vbis / sizeof vbis[0]; ++i) {
        uint8_t bytes[4];
        struct mqtt_writer writer = blox_mqtt_writer(bytes, sizeof bytes);
        blox_mqtt_write_vbi(&writer, vbis[i].value);
        assert_false(writer.failed);
        assert_int_equal(writer.size, vbis[i].size);
        assert_memory_equal(bytes, vbis[i].bytes, vbis[i].size);
        struct mqtt_reader reader =
            blox_mqtt_reader(blox_span(bytes, writer.size));
        assert_int_equal(blox_mqtt_read_vbi(&reader), vbis[i].value);
        assert_false(reader.failed);
        assert_int_equal(reader.left, 0);
        for (size_t cut = 0; cut < vbis[i].size; ++cut) {
            reader = blox_mqtt_reader(blox_span(bytes, cut));
            assert_int_equal(blox_mqtt_read_vbi(&reader), 0);
            assert_true(reader.failed);
        }
    }
}

static void a_variable_byte_integer_has_the_shortest_form(void **state) {
    (void)state;
    const struct vbi bad[] = {
        {0, 2, {0x80, 0x00}},
        {0, 2, {0xff, 0x00}},
        {0, 3, {0x81, 0x80, 0x00}},
        {0, 4, {0x80, 0x80, 0x80, 0x00}},
        {0, 4, {0xff, 0xff, 0xff, 0xff}},
        {0, 4, {0x80, 0x80, 0x80, 0x80}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        struct mqtt_reader reader =
            blox_mqtt_reader(blox_span(bad[i].bytes, bad[i].size));
        assert_int_equal(blox_mqtt_read_vbi(&reader), 0);
        assert_true(reader.failed);
    }
}

static void fields_are_big_endian(void **state) {
    (void)state;
    const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 0, 2, 'h', 'i', 0, 1, 0xff};
    struct mqtt_reader reader =
        blox_mqtt_reader(blox_span(bytes, sizeof bytes));
    assert_int_equal(blox_mqtt_read_u8(&reader), 1);
    assert_int_equal(blox_mqtt_read_u16(&reader), 0x0203);
    assert_int_equal(blox_mqtt_read_number(&reader, 4), 0x04050607);
    assert_true(blox_span_is(blox_mqtt_read_string(&reader), "hi"));
    assert_true(blox_span_is(blox_mqtt_read_binary(&reader), "\xff"));
    assert_false(reader.failed);
    assert_int_equal(reader.left, 0);
    uint8_t again[sizeof bytes];
    struct mqtt_writer writer = blox_mqtt_writer(again, sizeof again);
    blox_mqtt_write_u8(&writer, 1);
    blox_mqtt_write_u16(&writer, 0x0203);
    blox_mqtt_write_number(&writer, 0x04050607, 4);
    blox_mqtt_write_binary(&writer, blox_span_text("hi"));
    blox_mqtt_write_binary(&writer, blox_span_text("\xff"));
    assert_false(writer.failed);
    assert_memory_equal(bytes, again, sizeof bytes);
}

static void a_reader_that_failed_gives_nothing_more(void **state) {
    (void)state;
    struct mqtt_reader reader =
        blox_mqtt_reader(blox_span("\x00\x05xy\x01\x01", 6));
    assert_int_equal(blox_mqtt_read_binary(&reader).size, 0);
    assert_true(reader.failed);
    assert_int_equal(blox_mqtt_read_u8(&reader), 0);
    assert_int_equal(blox_mqtt_read_u16(&reader), 0);
    assert_int_equal(blox_mqtt_read_number(&reader, 4), 0);
    assert_int_equal(blox_mqtt_read_vbi(&reader), 0);
    assert_int_equal(blox_mqtt_read_string(&reader).size, 0);
}

static void a_writer_that_is_full_writes_nothing_more(void **state) {
    (void)state;
    uint8_t bytes[4] = {9, 9, 9, 9};
    struct mqtt_writer writer = blox_mqtt_writer(bytes, 3);
    blox_mqtt_write_u16(&writer, 0x0102);
    blox_mqtt_write_number(&writer, 0, 4);
    assert_true(writer.failed);
    blox_mqtt_write_u8(&writer, 7);
    assert_int_equal(writer.size, 2);
    assert_memory_equal(bytes, "\x01\x02\x09\x09", 4);
    static uint8_t large[70000];
    writer = blox_mqtt_writer(large, sizeof large);
    blox_mqtt_write_binary(&writer, blox_span(large, 65536));
    assert_true(writer.failed);
}

static void strings_are_utf8_without_nul(void **state) {
    (void)state;
    static uint8_t longest[65536];
    memset(longest, 'x', sizeof longest);
    assert_true(blox_mqtt_string_valid(blox_span_text("")));
    assert_true(blox_mqtt_string_valid(blox_span_text("\xf0\x9f\x8c\xa1")));
    assert_true(blox_mqtt_string_valid(blox_span(longest, 65535)));
    assert_false(blox_mqtt_string_valid(blox_span(longest, 65536)));
    assert_false(blox_mqtt_string_valid(blox_span("a\0", 2)));
    assert_false(blox_mqtt_string_valid(blox_span_text("\xc0\x80")));
    struct mqtt_reader reader = blox_mqtt_reader(blox_span("\x00\x01\xff", 3));
    assert_int_equal(blox_mqtt_read_string(&reader).size, 0);
    assert_true(reader.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variable_byte_integers_are_those_of_the_table),
        cmocka_unit_test(a_variable_byte_integer_has_the_shortest_form),
        cmocka_unit_test(fields_are_big_endian),
        cmocka_unit_test(a_reader_that_failed_gives_nothing_more),
        cmocka_unit_test(a_writer_that_is_full_writes_nothing_more),
        cmocka_unit_test(strings_are_utf8_without_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
