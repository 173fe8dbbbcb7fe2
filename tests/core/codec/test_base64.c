// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <openssl/evp.h>

#include "core/base/error.h"
#include "core/codec/base64.h"

static int decode(const char *text, uint8_t *data, size_t capacity) {
    return blox_base64_decode(blox_span_text(text), data, capacity);
}

// RFC 4648, section 10.
static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
};

static void the_standards_examples_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; ++i) {
        const char *plain = vectors[i][0];
        uint8_t data[8];
        int size = decode(vectors[i][1], data, sizeof data);
        assert_int_equal(size, strlen(plain));
        assert_memory_equal(data, plain, strlen(plain));
    }
}

static void padding_is_optional_but_only_at_the_end(void **state) {
    (void)state;
    uint8_t data[8];
    assert_int_equal(decode("Zg==", data, 8), 1);
    assert_int_equal(decode("Zm8=", data, 8), 2);
    assert_int_equal(decode("Zg=", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("Zg===", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("Z=g=", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("====", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("=", data, 8), BLOX_ERROR_FORMAT);
}

static void both_alphabets_are_read(void **state) {
    (void)state;
    uint8_t data[8];
    assert_int_equal(decode("-_+/", data, 8), 3);
    assert_memory_equal(data, "\xfb\xff\xbf", 3);
}

static void what_no_bytes_encode_to_is_refused(void **state) {
    (void)state;
    uint8_t data[8];
    assert_int_equal(decode("Z", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("Zh", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("Zm9", data, 8), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("Zm 9v", data, 8), BLOX_ERROR_FORMAT);
}

static void more_than_fits_is_refused(void **state) {
    (void)state;
    uint8_t data[5];
    assert_int_equal(decode("Zm9vYmFy", data, 5), BLOX_ERROR_BUFFER);
    assert_int_equal(decode("Zm9vYmE", data, 5), 5);
}

static void any_bytes_are_read(void **state) {
    (void)state;
    uint8_t plain[255], data[255];
    char text[341];
    for (size_t i = 0; i < sizeof plain; ++i) {
        plain[i] = (uint8_t)(i * 167 + 13);
    }
    for (size_t size = 0; size <= sizeof plain; ++size) {
        EVP_EncodeBlock((unsigned char *)text, plain, (int)size);
        assert_int_equal(decode(text, data, sizeof data), size);
        assert_memory_equal(data, plain, size);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_examples_are_read),
        cmocka_unit_test(padding_is_optional_but_only_at_the_end),
        cmocka_unit_test(both_alphabets_are_read),
        cmocka_unit_test(what_no_bytes_encode_to_is_refused),
        cmocka_unit_test(more_than_fits_is_refused),
        cmocka_unit_test(any_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
