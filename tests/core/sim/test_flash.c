// SPDX-License-Identifier: MIT
#include "sim/flash.h"

#include <stdio.h>

#include "tests/core/test.h"

enum { CHIP = 4 * SIM_FLASH_SECTOR };

static uint8_t memory[CHIP];

static struct sim_flash new_chip(void) {
    struct sim_flash flash;
    memset(memory, 0xff, sizeof(memory));
    sim_flash_init(&flash, memory, sizeof(memory));
    return flash;
}

static void programming_only_clears_bits(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    const uint8_t first[] = {0xf0, 0x0f};
    const uint8_t second[] = {0x3c, 0xff};
    uint8_t read[3];
    assert_int_equal(sim_flash_program(&flash, 10, first, 2), SIM_FLASH_OK);
    assert_int_equal(sim_flash_program(&flash, 10, second, 2), SIM_FLASH_OK);
    assert_int_equal(sim_flash_read(&flash, 10, read, 3), SIM_FLASH_OK);
    assert_int_equal(read[0], 0x30);
    assert_int_equal(read[1], 0x0f);
    assert_int_equal(read[2], 0xff);
}

static void erasing_sets_one_sector_and_no_more(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    memset(memory, 0, sizeof(memory));
    assert_int_equal(
        sim_flash_erase(&flash, SIM_FLASH_SECTOR, SIM_FLASH_SECTOR),
        SIM_FLASH_OK);
    for (size_t i = 0; i < CHIP; i++) {
        bool erased = i / SIM_FLASH_SECTOR == 1;
        assert_int_equal(memory[i], erased ? 0xff : 0);
    }
}

static void operations_count_sectors_and_pages(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    uint8_t data[SIM_FLASH_PAGE + 2] = {0};
    sim_flash_erase(&flash, 0, 2 * SIM_FLASH_SECTOR);
    sim_flash_program(&flash, SIM_FLASH_PAGE - 1, data, sizeof(data));
    assert_int_equal(flash.erases, 2);
    assert_int_equal(flash.programs, 3);
    assert_int_equal(flash.operations, 5);
    assert_int_equal(flash.bytes_programmed, sizeof(data));
}

static void what_lies_outside_is_refused(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    uint8_t byte = 0;
    assert_int_equal(sim_flash_read(&flash, CHIP, &byte, 1), SIM_FLASH_RANGE);
    assert_int_equal(sim_flash_program(&flash, CHIP - 1, memory, 2),
                     SIM_FLASH_RANGE);
    assert_int_equal(sim_flash_program(&flash, SIZE_MAX, &byte, 2),
                     SIM_FLASH_RANGE);
    assert_int_equal(sim_flash_erase(&flash, 1, SIM_FLASH_SECTOR),
                     SIM_FLASH_RANGE);
    assert_int_equal(sim_flash_erase(&flash, 0, 1), SIM_FLASH_RANGE);
    assert_int_equal(sim_flash_erase(&flash, CHIP, SIM_FLASH_SECTOR),
                     SIM_FLASH_RANGE);
    assert_int_equal(flash.operations, 0);
}

static void note_cut(void *context) {
    ++*(int *)context;
}

static void a_cut_tears_a_program_and_ends_everything(void **state) {
    (void)state;
    for (size_t keep = 0; keep <= 8; keep++) {
        struct sim_flash flash = new_chip();
        const uint8_t zeros[8] = {0};
        uint8_t read;
        int cuts = 0;
        flash.cut_at = 2;
        flash.cut_keep = keep;
        flash.cut = note_cut;
        flash.cut_context = &cuts;
        assert_int_equal(sim_flash_program(&flash, 0, zeros, 8), SIM_FLASH_OK);
        assert_int_equal(sim_flash_program(&flash, 8, zeros, 8),
                         SIM_FLASH_DEAD);
        for (size_t i = 0; i < 8; i++) {
            assert_int_equal(memory[8 + i], i < keep ? 0 : 0xff);
        }
        assert_int_equal(sim_flash_program(&flash, 16, zeros, 8),
                         SIM_FLASH_DEAD);
        assert_int_equal(sim_flash_erase(&flash, 0, SIM_FLASH_SECTOR),
                         SIM_FLASH_DEAD);
        assert_int_equal(sim_flash_read(&flash, 0, &read, 1), SIM_FLASH_DEAD);
        assert_int_equal(memory[0], 0);
        assert_int_equal(memory[16], 0xff);
        assert_int_equal(cuts, 1);
    }
}

static void a_cut_tears_an_erase(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    memset(memory, 0, sizeof(memory));
    flash.cut_at = 1;
    flash.cut_keep = 100;
    assert_int_equal(sim_flash_erase(&flash, 0, 2 * SIM_FLASH_SECTOR),
                     SIM_FLASH_DEAD);
    assert_int_equal(memory[99], 0xff);
    assert_int_equal(memory[100], 0);
    assert_int_equal(memory[SIM_FLASH_SECTOR], 0);
}

static void a_cut_in_a_later_page_keeps_the_pages_before(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    static const uint8_t zeros[3 * SIM_FLASH_PAGE];
    flash.cut_at = 2;
    flash.cut_keep = 1;
    assert_int_equal(sim_flash_program(&flash, 0, zeros, sizeof(zeros)),
                     SIM_FLASH_DEAD);
    assert_int_equal(memory[SIM_FLASH_PAGE], 0);
    assert_int_equal(memory[SIM_FLASH_PAGE + 1], 0xff);
    assert_int_equal(memory[2 * SIM_FLASH_PAGE], 0xff);
}

static void an_aged_sector_erases_or_programs_badly(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    const uint8_t wear[] = {SIM_FLASH_GOOD, SIM_FLASH_ERASE_WEAK,
                            SIM_FLASH_DEAF, SIM_FLASH_GOOD};
    const uint8_t zero = 0;
    flash.wear = wear;
    sim_flash_erase(&flash, 0, 2 * SIM_FLASH_SECTOR);
    assert_int_equal(memory[0], 0xff);
    assert_int_equal(memory[SIM_FLASH_SECTOR], 0xfe);
    sim_flash_program(&flash, 2 * SIM_FLASH_SECTOR, &zero, 1);
    sim_flash_program(&flash, 3 * SIM_FLASH_SECTOR, &zero, 1);
    assert_int_equal(memory[2 * SIM_FLASH_SECTOR], 0xff);
    assert_int_equal(memory[3 * SIM_FLASH_SECTOR], 0);
}

static void note(void *context, enum sim_flash_change change, size_t offset,
                 const void *data, size_t size) {
    char *said = context;
    (void)data;
    snprintf(said + strlen(said), 60, "%d@%u+%u ", (int)change,
             (unsigned)offset, (unsigned)size);
}

static void what_happens_is_told_before_it_happens(void **state) {
    (void)state;
    struct sim_flash flash = new_chip();
    char said[200] = "";
    uint8_t data[SIM_FLASH_PAGE + 1] = {0};
    flash.watch = note;
    flash.watch_context = said;
    sim_flash_erase(&flash, 0, SIM_FLASH_SECTOR);
    sim_flash_program(&flash, 0, data, sizeof(data));
    assert_int_equal(sim_flash_sync(&flash), SIM_FLASH_OK);
    assert_string_equal(said, "0@0+4096 1@0+256 1@256+1 2@0+0 ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programming_only_clears_bits),
        cmocka_unit_test(erasing_sets_one_sector_and_no_more),
        cmocka_unit_test(operations_count_sectors_and_pages),
        cmocka_unit_test(what_lies_outside_is_refused),
        cmocka_unit_test(a_cut_tears_a_program_and_ends_everything),
        cmocka_unit_test(a_cut_tears_an_erase),
        cmocka_unit_test(a_cut_in_a_later_page_keeps_the_pages_before),
        cmocka_unit_test(an_aged_sector_erases_or_programs_badly),
        cmocka_unit_test(what_happens_is_told_before_it_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
