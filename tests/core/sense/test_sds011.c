// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/sense/sds011.h"

// Packets of the protocol V1.3, chapter 3.
#define REPORT "\xAA\xC0\xD4\x04\x3A\x0A\xA1\x60\x1D\xAB"
#define MODE_IS_ACTIVE "\xAA\xC5\x02\x00\x00\x00\xA1\x60\x03\xAB"
#define ID_IS_A001 "\xAA\xC5\x05\x00\x00\x00\xA0\x01\xA6\xAB"
#define SET_ASLEEP "\xAA\xC5\x06\x01\x00\x00\xA1\x60\x08\xAB"
#define PERIOD_IS_2 "\xAA\xC5\x08\x00\x02\x00\xA1\x60\x0B\xAB"
#define FIRMWARE_15_7_10 "\xAA\xC5\x07\x0F\x07\x0A\xA1\x60\x28\xAB"

static void check_command(int command, int value, uint16_t id,
                          const char *wanted) {
    uint8_t packet[BLOX_SDS011_COMMAND];
    assert_int_equal(blox_sds011_command(command, value, id, packet), BLOX_OK);
    assert_memory_equal(packet, wanted, sizeof packet);
}

static void commands_are_those_of_the_protocol(void **state) {
    (void)state;
    check_command(SDS011_REPORTING_MODE, 1, 0xFFFF,
                  "\xAA\xB4\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x02\xAB");
    check_command(SDS011_REPORTING_MODE, 0, 0xA160,
                  "\xAA\xB4\x02\x01\0\0\0\0\0\0\0\0\0\0\0\xA1\x60\x04\xAB");
    check_command(SDS011_REPORTING_MODE, -1, 0xFFFF,
                  "\xAA\xB4\x02\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\xAB");
    check_command(SDS011_QUERY, -1, 0xFFFF,
                  "\xAA\xB4\x04\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x02\xAB");
    check_command(SDS011_QUERY, -1, 0xA160,
                  "\xAA\xB4\x04\0\0\0\0\0\0\0\0\0\0\0\0\xA1\x60\x05\xAB");
    check_command(SDS011_DEVICE_ID, 0xA001, 0xA160,
                  "\xAA\xB4\x05\0\0\0\0\0\0\0\0\0\0\xA0\x01\xA1\x60\xA7\xAB");
    check_command(SDS011_SLEEP_WORK, 0, 0xA160,
                  "\xAA\xB4\x06\x01\0\0\0\0\0\0\0\0\0\0\0\xA1\x60\x08\xAB");
    check_command(SDS011_SLEEP_WORK, 1, 0xA160,
                  "\xAA\xB4\x06\x01\x01\0\0\0\0\0\0\0\0\0\0\xA1\x60\x09\xAB");
    check_command(SDS011_WORKING_PERIOD, 1, 0xA160,
                  "\xAA\xB4\x08\x01\x01\0\0\0\0\0\0\0\0\0\0\xA1\x60\x0B\xAB");
    check_command(SDS011_FIRMWARE, -1, 0xA160,
                  "\xAA\xB4\x07\0\0\0\0\0\0\0\0\0\0\0\0\xA1\x60\x08\xAB");
}

static void values_that_a_command_does_not_take_are_refused(void **state) {
    (void)state;
    const int wrong[][2] = {
        {SDS011_REPORTING_MODE, 2},
        {SDS011_SLEEP_WORK, 2},
        {SDS011_WORKING_PERIOD, 31},
        {SDS011_DEVICE_ID, -1},
        {SDS011_DEVICE_ID, 0xFFFF},
        {SDS011_DEVICE_ID, 0x10000},
        {SDS011_QUERY, 0},
        {SDS011_FIRMWARE, 1},
        {0, -1},
        {3, 0},
        {9, -1},
        {-1, 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        uint8_t packet[BLOX_SDS011_COMMAND];
        assert_int_equal(
            blox_sds011_command(wrong[i][0], wrong[i][1], 0xFFFF, packet),
            BLOX_ERROR_ARGUMENT);
    }
}

static struct blox_sds011_frame read_one(const char *bytes) {
    struct blox_sds011 sds011;
    struct blox_sds011_frame frame;
    blox_sds011_init(&sds011);
    assert_int_equal(blox_sds011_feed(&sds011, blox_span(bytes, 10)), 10);
    assert_int_equal(blox_sds011_next(&sds011, &frame), 1);
    assert_int_equal(blox_sds011_next(&sds011, &frame), 0);
    assert_int_equal(sds011.skipped, 0);
    return frame;
}

// The protocol's example: PM2.5 123.6, PM10 261.8 micrograms.
static void frames_are_read_as_the_protocol_says(void **state) {
    (void)state;
    struct blox_sds011_frame frame = read_one(REPORT);
    assert_int_equal(frame.kind, SDS011_MEASUREMENT);
    assert_int_equal(frame.pm2_5, 1236);
    assert_int_equal(frame.pm10, 2618);
    assert_int_equal(frame.device_id, 0xA160);
    frame = read_one(MODE_IS_ACTIVE);
    assert_int_equal(frame.kind, SDS011_REPORTING_MODE);
    assert_false(frame.set);
    assert_int_equal(frame.value, 0);
    frame = read_one(ID_IS_A001);
    assert_int_equal(frame.kind, SDS011_DEVICE_ID);
    assert_int_equal(frame.device_id, 0xA001);
    frame = read_one(SET_ASLEEP);
    assert_int_equal(frame.kind, SDS011_SLEEP_WORK);
    assert_true(frame.set);
    assert_int_equal(frame.value, 0);
    frame = read_one(PERIOD_IS_2);
    assert_int_equal(frame.kind, SDS011_WORKING_PERIOD);
    assert_int_equal(frame.value, 2);
    frame = read_one(FIRMWARE_15_7_10);
    assert_int_equal(frame.kind, SDS011_FIRMWARE);
    assert_int_equal(frame.year, 15);
    assert_int_equal(frame.month, 7);
    assert_int_equal(frame.day, 10);
}

// Feeds all of it in pieces of `piece` bytes, from `first` on smaller ones.
// Returns how many frames came, all of which must be the report.
static int count_reports(struct blox_sds011 *sds011, struct blox_span data,
                         size_t first, size_t piece) {
    int reports = 0;
    size_t at = 0;
    size_t end = first;
    while (at < data.size) {
        end = end < data.size ? end : data.size;
        while (at < end) {
            struct blox_sds011_frame frame;
            at += blox_sds011_feed(sds011, blox_span_part(data, at, end - at));
            while (blox_sds011_next(sds011, &frame) == 1) {
                assert_int_equal(frame.pm2_5, 1236);
                ++reports;
            }
        }
        end += piece;
    }
    return reports;
}

static void a_stream_is_the_same_for_every_split(void **state) {
    (void)state;
    static const char stream[] =
        "\xAB" REPORT "\xAA" REPORT "\xAA\xC0\xAA" REPORT REPORT;
    struct blox_span data = blox_span(stream, sizeof stream - 1);
    for (size_t first = 0; first <= data.size; ++first) {
        for (size_t piece = 1; piece <= data.size; ++piece) {
            struct blox_sds011 sds011;
            blox_sds011_init(&sds011);
            assert_int_equal(count_reports(&sds011, data, first, piece), 4);
            assert_int_equal(sds011.skipped, 5);
        }
    }
}

// Whatever precedes it: frames cut off at any byte, heads inside them.
static void a_frame_behind_any_beginning_of_a_frame_is_found(void **state) {
    (void)state;
    for (size_t cut = 0; cut < 10; ++cut) {
        uint8_t stream[30];
        memcpy(stream, REPORT, cut);
        memcpy(stream + cut, REPORT REPORT, 20);
        struct blox_sds011 sds011;
        blox_sds011_init(&sds011);
        int reports =
            count_reports(&sds011, blox_span(stream, cut + 20), 0, 30);
        assert_int_equal(reports, 2);
        assert_int_equal(sds011.skipped, cut);
    }
}

// A flipped bit damages one frame; the ones before and behind are read, and
// the damaged one never is (a sum of bytes finds every error of one bit).
static void a_flipped_bit_costs_one_frame(void **state) {
    (void)state;
    for (size_t bit = 0; bit < 80; ++bit) {
        uint8_t stream[30];
        memcpy(stream, REPORT REPORT REPORT, 30);
        stream[10 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct blox_sds011 sds011;
        blox_sds011_init(&sds011);
        int reports = count_reports(&sds011, blox_span(stream, 30), 0, 30);
        // A report that became a reply is as good as lost: its sum and its
        // values are right, only its kind (byte 1) is not.
        bool other_kind = stream[11] == 0xC5;
        assert_int_equal(reports, other_kind ? 3 : 2);
    }
}

static void noise_never_hides_a_frame_that_ends_it(void **state) {
    (void)state;
    uint32_t random = 7;
    for (int round = 0; round < 2000; ++round) {
        uint8_t stream[80];
        for (size_t i = 0; i < 50; ++i) {
            random = random * 1664525 + 1013904223;
            // Half of it bytes that mean something.
            stream[i] = (random >> 31) != 0
                            ? (uint8_t) "\xAA\xC0\xC5\xAB"[random >> 20 & 3]
                            : (uint8_t)(random >> 22);
        }
        memcpy(stream + 50, REPORT REPORT REPORT, 30);
        struct blox_sds011 sds011;
        blox_sds011_init(&sds011);
        size_t at = 0;
        int right = 0;
        while (at < sizeof stream) {
            struct blox_sds011_frame frame;
            at += blox_sds011_feed(&sds011,
                                   blox_span(stream + at, sizeof stream - at));
            while (blox_sds011_next(&sds011, &frame) == 1) {
                right += frame.pm2_5 == 1236 && frame.pm10 == 2618;
            }
        }
        assert_true(right >= 2); // noise may swallow the first one's head
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_those_of_the_protocol),
        cmocka_unit_test(values_that_a_command_does_not_take_are_refused),
        cmocka_unit_test(frames_are_read_as_the_protocol_says),
        cmocka_unit_test(a_stream_is_the_same_for_every_split),
        cmocka_unit_test(a_frame_behind_any_beginning_of_a_frame_is_found),
        cmocka_unit_test(a_flipped_bit_costs_one_frame),
        cmocka_unit_test(noise_never_hides_a_frame_that_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
