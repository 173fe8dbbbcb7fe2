// SPDX-License-Identifier: MIT
// The steps of taking provision.json in (python/mpy_blox/config), and of
// letting the older record go, over sim/nvs: power is lost in each flash
// operation, with each part of it done, and there is always a record to read.
#include <stdio.h>

#include "core/base/error.h"
#include "core/conf/seal.h"
#include "sim/nvs.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/test.h"

enum { PAGES = 6, SIZE = PAGES * SIM_FLASH_SECTOR, RECORD_MAX = 512 };

static const char older[] = "{\"wlan.ssid\":\"older\",\"api.token\":\"t\"}";
static const char merged[] = "{\"wlan.ssid\":\"home\",\"api.token\":\"t\"}";
static const uint8_t unique_id[] = {0x84, 0x0d, 0x8e, 0xd2, 0x97, 0x60};
static const uint8_t iv[BLOX_AES_BLOCK] = {7};

static uint8_t memory[SIZE];
static struct sim_flash flash;
static struct sim_nvs nvs;
static struct conf_crypto crypto;
static uint8_t space;

static void boot(void) {
    sim_flash_init(&flash, memory, SIZE);
    assert_int_equal(sim_nvs_init(&nvs, &flash, 0, PAGES), SIM_NVS_OK);
    assert_int_equal(sim_nvs_open(&nvs, "sec_cfg", &space), SIM_NVS_OK);
}

static int set_up(void **state) {
    (void)state;
    memset(memory, 0xff, sizeof memory);
    conf_crypto_open(&crypto);
    boot();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    conf_crypto_close(&crypto);
    return 0;
}

static struct blox_seal sealer(void) {
    return (struct blox_seal){&crypto.hash, &crypto.cipher,
                              blox_span(unique_id, sizeof unique_id), NULL};
}

static size_t seal(const char *plain, uint8_t record[RECORD_MAX]) {
    struct blox_seal seal = sealer();
    int32_t size =
        blox_seal_write(&seal, iv, blox_span_text(plain), record, RECORD_MAX);
    assert_true(size > 0);
    return (size_t)size;
}

// Writes a record and reads it back. Returns whether it is there.
static bool put_record(const char *plain) {
    uint8_t record[RECORD_MAX], back[RECORD_MAX];
    size_t size = seal(plain, record), got = sizeof back;
    return sim_nvs_set_blob(&nvs, space, "rec", record, size) == SIM_NVS_OK &&
           sim_nvs_get_blob(&nvs, space, "rec", back, &got) == SIM_NVS_OK &&
           got == size && memcmp(record, back, size) == 0 && !flash.dead;
}

// The older Mpy-BLOX's three values.
static void put_original(const char *plain) {
    uint8_t record[RECORD_MAX];
    size_t size = seal(plain, record) - BLOX_SEAL_HEADER;
    sim_nvs_set_blob(&nvs, space, "iv", iv, sizeof iv);
    sim_nvs_set_i32(&nvs, space, "payload_s", (int32_t)size);
    sim_nvs_set_blob(&nvs, space, "payload", record + BLOX_SEAL_HEADER, size);
}

static bool read_record(char plain[RECORD_MAX]) {
    uint8_t record[RECORD_MAX];
    struct blox_seal seal = sealer();
    size_t size = sizeof record;
    if (sim_nvs_get_blob(&nvs, space, "rec", record, &size) != SIM_NVS_OK) {
        return false;
    }
    int32_t got = blox_seal_read(&seal, blox_span(record, size),
                                 (uint8_t *)plain, RECORD_MAX - 1);
    plain[got > 0 ? got : 0] = '\0';
    return got > 0;
}

static bool read_original(char plain[RECORD_MAX]) {
    uint8_t vector[BLOX_AES_BLOCK], payload[RECORD_MAX];
    struct blox_seal seal = sealer();
    size_t vector_size = sizeof vector, size = sizeof payload;
    int32_t told;
    if (sim_nvs_get_i32(&nvs, space, "payload_s", &told) != SIM_NVS_OK ||
        sim_nvs_get_blob(&nvs, space, "iv", vector, &vector_size) !=
            SIM_NVS_OK ||
        sim_nvs_get_blob(&nvs, space, "payload", payload, &size) !=
            SIM_NVS_OK) {
        return false;
    }
    int32_t got = blox_seal_read_original(&seal, blox_span(vector, vector_size),
                                          blox_span(payload, size),
                                          (uint8_t *)plain, RECORD_MAX - 1);
    plain[got > 0 ? got : 0] = '\0';
    return got > 0;
}

// Runs steps() from the flash as it is now, cut in each operation after keep
// bytes, and hands what is there after the next boot to check().
static void sweep(bool (*steps)(void), void (*check)(bool done)) {
    static const size_t keeps[] = {0, 1, 16, 31, 32, 255};
    static uint8_t before[SIZE];
    memcpy(before, memory, SIZE);
    uint64_t first = flash.operations;
    assert_true(steps());
    uint64_t operations = flash.operations - first;
    assert_true(operations >= 2);
    check(true);
    for (uint64_t cut = 1; cut <= operations; ++cut) {
        for (size_t i = 0; i < sizeof keeps / sizeof keeps[0]; ++i) {
            memcpy(memory, before, SIZE);
            boot();
            flash.cut_at = flash.operations + cut;
            flash.cut_keep = keeps[i];
            bool done = steps();
            assert_true(flash.dead);
            boot();
            check(done);
        }
    }
}

// ---- Provisioning: provision.json goes once the record was read back.

static bool provision(void) {
    return put_record(merged);
}

static void is_old_or_new(bool done) {
    char plain[RECORD_MAX];
    assert_true(read_record(plain));
    assert_string_equal(plain,
                        done || strcmp(plain, older) != 0 ? merged : older);
}

static void a_cut_leaves_the_old_record_or_the_new(void **state) {
    (void)state;
    assert_true(put_record(older));
    sweep(provision, is_old_or_new);
}

// Whether provisioning moves pages now. It is not done.
static bool moves_pages(void) {
    static uint8_t before[SIZE];
    memcpy(before, memory, SIZE);
    boot();
    assert_true(provision());
    bool moved = flash.erases > 0;
    memcpy(memory, before, SIZE);
    boot();
    return moved;
}

// The same where pages are moved: others fill NVS but for a little.
static void a_cut_while_pages_are_moved_loses_nothing(void **state) {
    (void)state;
    uint8_t others;
    uint8_t filler[1000];
    char key[16];
    assert_int_equal(sim_nvs_open(&nvs, "others", &others), SIM_NVS_OK);
    assert_true(put_record(older));
    memset(filler, 'f', sizeof filler);
    for (int i = 0; i < 14; ++i) {
        snprintf(key, sizeof key, "f%d", i);
        assert_int_equal(
            sim_nvs_set_blob(&nvs, others, key, filler, sizeof filler),
            SIM_NVS_OK);
    }
    for (int32_t i = 0; !moves_pages(); ++i) {
        assert_int_equal(sim_nvs_set_i32(&nvs, others, "n", i), SIM_NVS_OK);
    }
    sweep(provision, is_old_or_new);
}

// ---- The older record goes, at the confirmation of the set that reads ours.

static bool replace_original(void) {
    char plain[RECORD_MAX];
    if (!read_record(plain) && !(read_original(plain) && put_record(plain))) {
        return false;
    }
    sim_nvs_erase_key(&nvs, space, "payload");
    sim_nvs_erase_key(&nvs, space, "iv");
    sim_nvs_erase_key(&nvs, space, "payload_s");
    return !flash.dead;
}

static void one_record_can_be_read(bool done) {
    char plain[RECORD_MAX];
    (void)done;
    assert_true(read_record(plain) || read_original(plain));
    assert_string_equal(plain, older);
    assert_true(replace_original());
    assert_true(read_record(plain));
    assert_string_equal(plain, older);
    assert_false(read_original(plain));
}

static void a_cut_while_the_older_record_goes_loses_nothing(void **state) {
    (void)state;
    put_original(older);
    sweep(replace_original, one_record_can_be_read);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_cut_leaves_the_old_record_or_the_new),
        TEST(a_cut_while_pages_are_moved_loses_nothing),
        TEST(a_cut_while_the_older_record_goes_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
