// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdlib.h>
#include <zlib.h>

#include "core/base/error.h"
#include "core/codec/inflate.h"

enum { PLAIN = 100000, PACKED = 120000 };

static uint8_t plain[PLAIN];
static uint8_t packed[PACKED];
static uint8_t out[PLAIN + 1000];

struct source {
    const uint8_t *data;
    size_t size, at;
    size_t at_once; // most bytes a read returns
    int error;      // returned at the end instead of 0
};

static int32_t read_source(void *context, uint8_t *data, size_t size) {
    struct source *source = context;
    size_t left = source->size - source->at;
    if (left == 0) {
        return source->error;
    }
    size = size < left ? size : left;
    size = size < source->at_once ? size : source->at_once;
    memcpy(data, source->data + source->at, size);
    source->at += size;
    return (int32_t)size;
}

static uint32_t random_state;

static uint32_t random_u32(void) {
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

// Bytes with runs repeated from near and far, and some noise.
static void fill_plain(size_t size) {
    random_state = 1;
    for (size_t at = 0; at < size;) {
        uint32_t r = random_u32();
        size_t back = 1 + r % 30000;
        size_t run = (r & 7) != 0 && back < at ? 1 + r % 50 : 0;
        plain[at++] = (uint8_t)(r >> 4);
        for (; run > 0 && at < size; --run, ++at) {
            plain[at] = plain[at - back];
        }
    }
}

static size_t pack(size_t size, int level, int window_bits, int strategy) {
    z_stream stream = {0};
    assert_int_equal(
        deflateInit2(&stream, level, Z_DEFLATED, -window_bits, 8, strategy),
        Z_OK);
    stream.next_in = plain;
    stream.avail_in = (uInt)size;
    stream.next_out = packed;
    stream.avail_out = PACKED;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed_size = stream.total_out;
    deflateEnd(&stream);
    return packed_size;
}

// Inflates in pieces; the heap makes ASan see every overrun. Returns the
// size or the error.
static int32_t unpack(struct source *source, uint32_t compressed_size,
                      size_t input_size, size_t window_size, size_t piece) {
    uint8_t *window = malloc(window_size);
    uint8_t *input = malloc(input_size);
    struct blox_inflate *inflate = malloc(sizeof *inflate);
    const struct blox_inflate_config config = {
        .read = read_source,
        .context = source,
        .input = input,
        .input_size = input_size,
        .window = window,
        .window_size = window_size,
        .compressed_size = compressed_size,
    };
    blox_inflate_init(inflate, &config);
    int32_t total = 0, size = 0;
    do {
        uint8_t *chunk = malloc(piece);
        size = blox_inflate_read(inflate, chunk, piece);
        if (size > 0 && (size_t)(total + size) <= sizeof out) {
            memcpy(out + total, chunk, (size_t)size);
        }
        free(chunk);
        total += size > 0 ? size : 0;
    } while (size > 0 && total < 2 * PLAIN);
    int32_t again = blox_inflate_read(inflate, out, 0);
    assert_int_equal(again, size < 0 ? size : 0);
    free(inflate);
    free(input);
    free(window);
    return size < 0 ? size : total;
}

static void what_zlib_packs_comes_back(void **state) {
    (void)state;
    static const int levels[] = {0, 1, 6, 9};
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE,
                                     Z_FIXED};
    fill_plain(PLAIN);
    for (size_t l = 0; l < 4; ++l) {
        for (size_t s = 0; s < 4; ++s) {
            size_t size = pack(PLAIN, levels[l], 15, strategies[s]);
            struct source source = {packed, size, 0, 1000, 0};
            memset(out, 0, sizeof out);
            assert_int_equal(unpack(&source, (uint32_t)size, 512, 32768, 700),
                             PLAIN);
            assert_memory_equal(out, plain, PLAIN);
        }
    }
}

static void pieces_of_any_size_do(void **state) {
    (void)state;
    fill_plain(3000);
    size_t size = pack(3000, 9, 15, Z_DEFAULT_STRATEGY);
    for (size_t piece = 1; piece < 40; ++piece) {
        for (size_t at_once = 1; at_once < 5; ++at_once) {
            struct source source = {packed, size, 0, at_once, 0};
            assert_int_equal(unpack(&source, (uint32_t)size, 3, 3000, piece),
                             3000);
            assert_memory_equal(out, plain, 3000);
        }
    }
}

static void a_small_window_serves_data_packed_for_it(void **state) {
    (void)state;
    fill_plain(PLAIN);
    for (int bits = 9; bits <= 15; ++bits) {
        size_t size = pack(PLAIN, 9, bits, Z_DEFAULT_STRATEGY);
        struct source source = {packed, size, 0, 1000, 0};
        assert_int_equal(
            unpack(&source, (uint32_t)size, 512, (size_t)1 << bits, 999),
            PLAIN);
        assert_memory_equal(out, plain, PLAIN);
    }
}

static void a_window_as_large_as_the_output_is_enough(void **state) {
    (void)state;
    fill_plain(777);
    memcpy(plain + 400, plain, 377);
    size_t size = pack(777, 9, 15, Z_DEFAULT_STRATEGY);
    struct source source = {packed, size, 0, 1000, 0};
    assert_int_equal(unpack(&source, (uint32_t)size, 64, 777, 100), 777);
    assert_memory_equal(out, plain, 777);
}

static void a_distance_beyond_the_window_is_refused(void **state) {
    (void)state;
    fill_plain(PLAIN);
    size_t size = pack(PLAIN, 9, 15, Z_DEFAULT_STRATEGY);
    struct source source = {packed, size, 0, 1000, 0};
    assert_int_equal(unpack(&source, (uint32_t)size, 512, 4096, 999),
                     BLOX_ERROR_LIMIT);
}

static void data_that_ends_early_is_refused_at_every_byte(void **state) {
    (void)state;
    fill_plain(400);
    for (int level = 0; level <= 9; level += 9) {
        size_t size = pack(400, level, 15, Z_DEFAULT_STRATEGY);
        for (size_t cut = 0; cut < size; ++cut) {
            struct source source = {packed, cut, 0, 1000, 0};
            assert_int_equal(unpack(&source, (uint32_t)size, 64, 400, 50),
                             BLOX_ERROR_FORMAT);
            struct source whole = {packed, size, 0, 1000, 0};
            assert_int_equal(unpack(&whole, (uint32_t)cut, 64, 400, 50),
                             BLOX_ERROR_FORMAT);
        }
    }
}

static void no_byte_behind_the_compressed_data_is_read(void **state) {
    (void)state;
    fill_plain(400);
    size_t size = pack(400, 9, 15, Z_DEFAULT_STRATEGY);
    struct source source = {packed, PACKED, 0, PACKED, 0};
    assert_int_equal(unpack(&source, (uint32_t)size, 4096, 400, 50), 400);
    assert_int_equal(source.at, size);
}

static void the_error_of_the_read_comes_through(void **state) {
    (void)state;
    fill_plain(400);
    size_t size = pack(400, 9, 15, Z_DEFAULT_STRATEGY);
    struct source source = {packed, size / 2, 0, 1000, BLOX_ERROR_IO};
    assert_int_equal(unpack(&source, (uint32_t)size, 64, 400, 50),
                     BLOX_ERROR_IO);
}

static int32_t unpack_bytes(const char *data, size_t size) {
    struct source source = {(const uint8_t *)data, size, 0, 1000, 0};
    return unpack(&source, (uint32_t)size, 64, 400, 50);
}

static void broken_streams_are_refused(void **state) {
    (void)state;
    assert_int_equal(unpack_bytes("\x07", 1),
                     BLOX_ERROR_FORMAT); // block type 3
    assert_int_equal(unpack_bytes("\x01\x01\x00\xff\xff\x00", 6),
                     BLOX_ERROR_FORMAT);              // stored length
    assert_int_equal(unpack_bytes("\x03\x00", 2), 0); // empty
}

// Writes count bits of value, the lowest first.
static void put_bits(size_t *at, uint32_t value, int count) {
    for (int i = 0; i < count; ++i, ++*at) {
        packed[*at / 8] |= (uint8_t)((value >> i & 1) << *at % 8);
    }
}

// The header of a block with the codes 257 (a match of 3): 0, 'a': 10, end:
// 11, and one distance code, 0. The code 1 stands for no distance.
static void put_one_distance_header(size_t *at) {
    memset(packed, 0, 200);
    put_bits(at, 1, 1);      // the last block,
    put_bits(at, 2, 2);      // dynamic
    put_bits(at, 1, 5);      // 258 literals and lengths
    put_bits(at, 0, 5);      // 1 distance
    put_bits(at, 18 - 4, 4); // 18 code lengths, in this order:
    static const uint8_t lengths[18] = {
        0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2,
    };
    for (size_t i = 0; i < sizeof lengths; ++i) {
        put_bits(at, lengths[i], 3);
    }
    // From here 0: 00, 1: 01, 2: 10, a run of zeros: 11, the first bit lowest.
    put_bits(at, 3, 2);
    put_bits(at, 97 - 11, 7);
    put_bits(at, 1, 2); // 'a' has 2 bits
    put_bits(at, 3, 2);
    put_bits(at, 138 - 11, 7);
    put_bits(at, 3, 2);
    put_bits(at, 20 - 11, 7);
    put_bits(at, 1, 2); // the end has 2
    put_bits(at, 2, 2); // 257 has 1
    put_bits(at, 2, 2); // the distance has 1
}

static void a_single_distance_code_is_enough(void **state) {
    (void)state;
    size_t at = 0;
    put_one_distance_header(&at);
    put_bits(&at, 1, 2); // 'a'
    put_bits(&at, 0, 2); // 3 from 1 before
    put_bits(&at, 3, 2); // the end
    assert_int_equal(unpack_bytes((const char *)packed, at / 8 + 1), 4);
    assert_memory_equal(out, "aaaa", 4);
}

static void a_distance_code_that_does_not_exist_is_refused(void **state) {
    (void)state;
    size_t at = 0;
    put_one_distance_header(&at);
    put_bits(&at, 1, 2); // 'a'
    put_bits(&at, 0, 1); // 3 from
    for (int i = 0; i < 100; ++i) {
        put_bits(&at, 1, 1); // nowhere
    }
    assert_int_equal(unpack_bytes((const char *)packed, at / 8 + 1),
                     BLOX_ERROR_FORMAT);
}

static void random_damage_never_overruns(void **state) {
    (void)state;
    fill_plain(2000);
    static uint8_t good[PACKED];
    for (uint32_t round = 0; round < 20000; ++round) {
        if (round % 100 == 0) {
            random_state = round;
            plain[random_u32() % 2000] ^= 1;
        }
        size_t size =
            pack(2000, round % 3 == 0 ? 1 : 9, 15, Z_DEFAULT_STRATEGY);
        memcpy(good, packed, size);
        random_state = round;
        for (uint32_t hits = 1 + random_u32() % 4; hits > 0; --hits) {
            size_t where = random_u32() % (round % 2 == 0 ? 60 : size);
            good[where] ^= (uint8_t)(1 << random_u32() % 8);
        }
        struct source source = {good, size, 0, 1000, 0};
        int32_t result = unpack(&source, (uint32_t)size, 64, 1500, 333);
        assert_true(result >= BLOX_ERROR_REFUSED);
    }
}

static void random_bytes_never_overrun(void **state) {
    (void)state;
    uint8_t data[300];
    for (uint32_t round = 0; round < 20000; ++round) {
        random_state = round;
        for (size_t i = 0; i < sizeof data; ++i) {
            data[i] = (uint8_t)random_u32();
        }
        data[0] = (uint8_t)((data[0] & 0xf8) | 5); // a last, dynamic block
        struct source source = {data, sizeof data, 0, 1000, 0};
        int32_t result = unpack(&source, sizeof data, 64, 100, 333);
        assert_true(result >= BLOX_ERROR_REFUSED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_zlib_packs_comes_back),
        cmocka_unit_test(pieces_of_any_size_do),
        cmocka_unit_test(a_small_window_serves_data_packed_for_it),
        cmocka_unit_test(a_window_as_large_as_the_output_is_enough),
        cmocka_unit_test(a_distance_beyond_the_window_is_refused),
        cmocka_unit_test(data_that_ends_early_is_refused_at_every_byte),
        cmocka_unit_test(no_byte_behind_the_compressed_data_is_read),
        cmocka_unit_test(the_error_of_the_read_comes_through),
        cmocka_unit_test(broken_streams_are_refused),
        cmocka_unit_test(a_single_distance_code_is_enough),
        cmocka_unit_test(a_distance_code_that_does_not_exist_is_refused),
        cmocka_unit_test(random_damage_never_overruns),
        cmocka_unit_test(random_bytes_never_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
