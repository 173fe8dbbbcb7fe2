// SPDX-License-Identifier: MIT
#include "core/conf/seal.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/test.h"

static const uint8_t UNIQUE_ID[] = {0x84, 0x0d, 0x8e, 0xd2, 0x97, 0x60};
static const uint8_t IV[BLOX_AES_BLOCK] = {0, 1, 2,  3,  4,  5,  6,  7,
                                           8, 9, 10, 11, 12, 13, 14, 15};
static const char PLAIN[] = "{\"wlan.ssid\":\"home\"}";
// Made with `openssl enc` and Python's hmac, not with this code.
static const char RECORD[] =
    "01000102030405060708090a0b0c0d0e0fb44b6cd7de5e3791c400edcdb8461841fd"
    "ec4b84dc2eaed75803a070c8eeafb63b76a9438ab91a5ce69a65d9633184a79e3bb2"
    "3b8f70b4dae13c35252a052658";

enum { CAPACITY = BLOX_SEAL_PLAIN_MAX + 128 };

struct fixture {
    struct conf_crypto crypto;
    struct blox_seal seal;
    uint8_t record[CAPACITY];
    uint8_t plain[CAPACITY];
    size_t size; // of record
};

static struct fixture fixture;

static int open_fixture(void **state) {
    memset(&fixture, 0, sizeof fixture);
    conf_crypto_open(&fixture.crypto);
    fixture.seal =
        (struct blox_seal){&fixture.crypto.hash, &fixture.crypto.cipher,
                           blox_span(UNIQUE_ID, sizeof UNIQUE_ID), NULL};
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    conf_crypto_close(&f->crypto);
    return 0;
}

static void write_record(struct fixture *f, struct blox_span plain) {
    int32_t size =
        blox_seal_write(&f->seal, IV, plain, f->record, sizeof f->record);
    assert_int_equal(size, blox_seal_size(plain.size));
    f->size = (size_t)size;
}

static int32_t read_record(struct fixture *f) {
    return blox_seal_read(&f->seal, blox_span(f->record, f->size), f->plain,
                          sizeof f->plain);
}

static void writes_the_record_the_contract_describes(void **state) {
    struct fixture *f = *state;
    char hex[200];
    struct blox_text text;
    blox_text_init(&text, hex, sizeof hex);
    write_record(f, blox_span_text(PLAIN));
    blox_text_add_hex(&text, f->record, f->size);
    assert_string_equal(hex, RECORD);
}

static void reads_back_every_size(void **state) {
    struct fixture *f = *state;
    uint8_t plain[70];
    for (size_t size = 0; size <= sizeof plain; ++size) {
        memset(plain, (int)size, sizeof plain);
        write_record(f, blox_span(plain, size));
        assert_int_equal(f->size % BLOX_AES_BLOCK, 1);
        assert_int_equal(read_record(f), size);
        assert_memory_equal(f->plain, plain, size);
    }
}

static void refuses_a_record_with_any_bit_changed(void **state) {
    struct fixture *f = *state;
    write_record(f, blox_span_text(PLAIN));
    for (size_t bit = 0; bit < f->size * 8; ++bit) {
        f->record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(read_record(f),
                         bit < 8 ? BLOX_ERROR_UNSUPPORTED : BLOX_ERROR_DIGEST);
        f->record[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(read_record(f), sizeof PLAIN - 1);
}

static void refuses_a_record_cut_anywhere(void **state) {
    struct fixture *f = *state;
    write_record(f, blox_span_text(PLAIN));
    for (size_t size = f->size; size-- > 0;) {
        f->size = size;
        bool whole =
            size > BLOX_SEAL_HEADER && (size - BLOX_SEAL_HEADER) % 16 == 0;
        assert_int_equal(read_record(f),
                         whole ? BLOX_ERROR_DIGEST : BLOX_ERROR_FORMAT);
    }
}

static void refuses_the_record_of_another_chip_and_says_so(void **state) {
    struct fixture *f = *state;
    write_record(f, blox_span_text(PLAIN));
    f->seal.unique_id = blox_span(UNIQUE_ID, 5);
    assert_int_equal(read_record(f), BLOX_ERROR_DIGEST);
    assert_string_equal(
        f->seal.why,
        "secure configuration: damaged, or written by another chip; "
        "provision the device again");
}

static void names_an_unknown_version(void **state) {
    struct fixture *f = *state;
    write_record(f, blox_span_text(PLAIN));
    f->record[0] = 2;
    assert_int_equal(read_record(f), BLOX_ERROR_UNSUPPORTED);
    assert_string_equal(
        f->seal.why,
        "secure configuration: written by a newer mpy-blox; install that or "
        "provision the device again");
}

static void keeps_its_limit_to_the_byte(void **state) {
    struct fixture *f = *state;
    static uint8_t plain[BLOX_SEAL_PLAIN_MAX + 1];
    write_record(f, blox_span(plain, BLOX_SEAL_PLAIN_MAX));
    assert_int_equal(read_record(f), BLOX_SEAL_PLAIN_MAX);
    assert_int_equal(blox_seal_write(&f->seal, IV,
                                     blox_span(plain, sizeof plain), f->record,
                                     sizeof f->record),
                     BLOX_ERROR_LIMIT);
    f->size = BLOX_SEAL_HEADER + BLOX_SEAL_PLAIN_MAX + 2 * BLOX_AES_BLOCK;
    f->record[0] = BLOX_SEAL_VERSION;
    assert_int_equal(read_record(f), BLOX_ERROR_LIMIT);
}

static void never_writes_past_a_small_buffer(void **state) {
    struct fixture *f = *state;
    struct blox_span plain = blox_span_text(PLAIN);
    size_t size = blox_seal_size(plain.size);
    f->record[size - 1] = 0x5a;
    assert_int_equal(blox_seal_write(&f->seal, IV, plain, f->record, size - 1),
                     BLOX_ERROR_BUFFER);
    assert_int_equal(f->record[size - 1], 0x5a);
    write_record(f, plain);
    size_t payload = f->size - BLOX_SEAL_HEADER;
    f->plain[payload - 1] = 0x5a;
    assert_int_equal(blox_seal_read(&f->seal, blox_span(f->record, f->size),
                                    f->plain, payload - 1),
                     BLOX_ERROR_BUFFER);
    assert_int_equal(f->plain[payload - 1], 0x5a);
    assert_int_equal(blox_seal_read(&f->seal, blox_span(f->record, f->size),
                                    f->plain, payload),
                     plain.size);
}

static void reads_the_older_record(void **state) {
    struct fixture *f = *state;
    write_record(f, blox_span_text(PLAIN));
    struct blox_span payload =
        blox_span_part(blox_span(f->record, f->size), BLOX_SEAL_HEADER, 999);
    struct blox_span iv = blox_span(IV, sizeof IV);
    assert_int_equal(blox_seal_read_original(&f->seal, iv, payload, f->plain,
                                             sizeof f->plain),
                     sizeof PLAIN - 1);
    assert_memory_equal(f->plain, PLAIN, sizeof PLAIN - 1);
    assert_int_equal(blox_seal_read_original(&f->seal, blox_span(IV, 15),
                                             payload, f->plain,
                                             sizeof f->plain),
                     BLOX_ERROR_FORMAT);
    for (size_t size = 0; size < payload.size; ++size) {
        assert_int_equal(blox_seal_read_original(&f->seal, iv,
                                                 blox_span(payload.data, size),
                                                 f->plain, sizeof f->plain),
                         BLOX_ERROR_FORMAT);
    }
}

// A last block with exactly this padding, enciphered without a check.
static int32_t read_padded(struct fixture *f,
                           const uint8_t block[BLOX_AES_BLOCK]) {
    uint8_t key[BLOX_AES256_KEY], data[BLOX_AES_BLOCK];
    const struct blox_sha256 *hash = &f->crypto.hash;
    hash->begin(hash->context);
    hash->update(hash->context, UNIQUE_ID, sizeof UNIQUE_ID);
    hash->finish(hash->context, key);
    memcpy(data, block, sizeof data);
    f->crypto.cipher.encrypt(&f->crypto, key, IV, data, sizeof data);
    return blox_seal_read_original(&f->seal, blox_span(IV, sizeof IV),
                                   blox_span(data, sizeof data), f->plain,
                                   sizeof f->plain);
}

static void validates_every_byte_of_the_padding(void **state) {
    struct fixture *f = *state;
    for (unsigned count = 0; count < 256; ++count) {
        uint8_t block[BLOX_AES_BLOCK];
        memset(block, (int)count, sizeof block);
        bool valid = count >= 1 && count <= BLOX_AES_BLOCK;
        assert_int_equal(read_padded(f, block),
                         valid ? (int32_t)(BLOX_AES_BLOCK - count)
                               : BLOX_ERROR_FORMAT);
        for (unsigned i = BLOX_AES_BLOCK - count; valid && i < BLOX_AES_BLOCK;
             ++i) {
            block[i] ^= 0x80;
            assert_int_equal(read_padded(f, block), BLOX_ERROR_FORMAT);
            block[i] ^= 0x80;
        }
    }
    assert_string_equal(
        f->seal.why,
        "secure configuration: damaged, or written by another chip; "
        "provision the device again");
}

enum operation { WRITE, READ, READ_ORIGINAL };

static int32_t operate(struct fixture *f, enum operation operation) {
    struct blox_span record = blox_span(f->record, f->size);
    switch (operation) {
    case WRITE:
        return blox_seal_write(&f->seal, IV, blox_span_text(PLAIN), f->record,
                               sizeof f->record);
    case READ:
        return read_record(f);
    default:
        return blox_seal_read_original(
            &f->seal, blox_span(IV, sizeof IV),
            blox_span_part(record, BLOX_SEAL_HEADER, record.size), f->plain,
            sizeof f->plain);
    }
}

static void reports_a_failure_of_every_operation(void **state) {
    struct fixture *f = *state;
    for (enum operation operation = WRITE; operation <= READ_ORIGINAL;
         ++operation) {
        f->crypto.operations = f->crypto.fail_at = 0;
        write_record(f, blox_span_text(PLAIN));
        f->crypto.operations = 0;
        assert_true(operate(f, operation) > 0);
        unsigned operations = f->crypto.operations;
        for (unsigned at = 1; at <= operations; ++at) {
            write_record(f, blox_span_text(PLAIN));
            f->crypto.operations = 0;
            f->crypto.fail_at = at;
            assert_int_equal(operate(f, operation), BLOX_ERROR_IO);
            assert_true(strstr(f->seal.why, "hashlib and cryptolib") != NULL);
            f->crypto.fail_at = 0;
        }
    }
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(writes_the_record_the_contract_describes),
        TEST(reads_back_every_size),
        TEST(refuses_a_record_with_any_bit_changed),
        TEST(refuses_a_record_cut_anywhere),
        TEST(refuses_the_record_of_another_chip_and_says_so),
        TEST(names_an_unknown_version),
        TEST(keeps_its_limit_to_the_byte),
        TEST(never_writes_past_a_small_buffer),
        TEST(reads_the_older_record),
        TEST(validates_every_byte_of_the_padding),
        TEST(reports_a_failure_of_every_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
