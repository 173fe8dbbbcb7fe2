// SPDX-License-Identifier: MIT
#include "tests/power/medium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint64_t medium_random(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15u;
    uint64_t mixed = *state;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

const char *medium_cut_name(enum medium_cut how) {
    static const char *const names[] = {
        [MEDIUM_CUT_BEFORE] = "not begun",
        [MEDIUM_CUT_FIRST] = "a first part of it happened",
        [MEDIUM_CUT_LAST] = "a last part of it happened",
        [MEDIUM_CUT_BITS] = "some of its bits happened",
        [MEDIUM_CUT_REORDER] = "it and what was not synced happened in part",
    };
    return names[how];
}

// ---- recording --------------------------------------------------------------

struct medium_record *medium_record_new(void) {
    void *memory =
        mmap(NULL, sizeof(struct medium_record), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("power: no memory for a record");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static void add(struct medium_record *record, enum medium_kind kind,
                size_t offset, const void *data, size_t size) {
    size_t kept = data == NULL ? 0 : size;
    if (record->count == MEDIUM_CHANGES_MAX ||
        record->data_size + kept > MEDIUM_DATA_MAX) {
        record->full = true;
        return;
    }
    record->change[record->count++] = (struct medium_change){
        .kind = (uint8_t)kind,
        .offset = (uint32_t)offset,
        .size = (uint32_t)size,
        .data = record->data_size,
    };
    if (kept > 0) {
        memcpy(record->data + record->data_size, data, kept);
        record->data_size += (uint32_t)kept;
    }
    record->operations += kind == MEDIUM_ERASE || kind == MEDIUM_PROGRAM;
}

static void watch(void *context, enum sim_flash_change change, size_t offset,
                  const void *data, size_t size) {
    static const uint8_t kinds[] = {
        [SIM_FLASH_ERASES] = MEDIUM_ERASE,
        [SIM_FLASH_PROGRAMS] = MEDIUM_PROGRAM,
        [SIM_FLASH_SYNCS] = MEDIUM_SYNC,
    };
    add(context, kinds[change], offset, data, size);
}

void medium_watch(struct sim_flash *flash, struct medium_record *record) {
    flash->watch = record == NULL ? NULL : watch;
    flash->watch_context = record;
    if (record != NULL) {
        record->count = record->operations = record->data_size = 0;
        record->full = false;
    }
}

void medium_note_reset(struct medium_record *record) {
    add(record, MEDIUM_RESET, 0, NULL, 0);
}

// ---- going through a record -------------------------------------------------

void medium_place_init(struct medium_place *place, struct sim_flash *flash,
                       const struct medium_record *record, uint8_t *stable) {
    *place = (struct medium_place){
        .flash = flash, .record = record, .stable = stable};
    memcpy(stable, flash->memory, flash->size);
}

static const struct medium_change *here(const struct medium_place *place) {
    return &place->record->change[place->at];
}

bool medium_is_operation(const struct medium_place *place) {
    return here(place)->kind == MEDIUM_ERASE ||
           here(place)->kind == MEDIUM_PROGRAM;
}

static size_t sector_of(const struct medium_change *change) {
    return change->offset / SIM_FLASH_SECTOR;
}

static void carry_out(struct medium_place *place,
                      const struct medium_change *change) {
    if (change->kind == MEDIUM_ERASE) {
        sim_flash_erase(place->flash, change->offset, change->size);
    } else if (change->kind == MEDIUM_PROGRAM) {
        sim_flash_program(place->flash, change->offset,
                          place->record->data + change->data, change->size);
    }
}

// A reset takes no longer than a sync: nothing waits behind it.
static bool settles(const struct medium_place *place,
                    const struct medium_change *change) {
    return change->kind == MEDIUM_RESET ||
           (change->kind == MEDIUM_SYNC && !place->ignore_sync);
}

static void settle(struct medium_place *place) {
    for (uint32_t i = place->synced; i < place->at; i++) {
        const struct medium_change *change = &place->record->change[i];
        size_t at = sector_of(change) * SIM_FLASH_SECTOR;
        if (change->size > 0) {
            memcpy(place->stable + at, place->flash->memory + at,
                   SIM_FLASH_SECTOR);
        }
    }
    place->synced = place->at;
}

void medium_advance(struct medium_place *place) {
    const struct medium_change *change = here(place);
    carry_out(place, change);
    place->at++;
    if (settles(place, change)) {
        settle(place);
    }
}

// ---- cutting ----------------------------------------------------------------

// The part of an operation that happens, by seed.
static void tear(struct medium_place *place, enum medium_cut how,
                 uint64_t *seed) {
    const struct medium_change *change = here(place);
    uint8_t *memory = place->flash->memory + change->offset;
    const uint8_t *data = place->record->data + change->data;
    bool erase = change->kind == MEDIUM_ERASE;
    size_t begin = 0;
    size_t end = change->size;
    if (how == MEDIUM_CUT_FIRST) {
        end = medium_random(seed) % end;
    } else if (how == MEDIUM_CUT_LAST) {
        begin = 1 + medium_random(seed) % end;
    }
    uint64_t random = 0;
    for (size_t i = begin; i < end; i++) {
        if (i % 8 == 0 || i == begin) {
            random = medium_random(seed);
        }
        uint8_t part = how == MEDIUM_CUT_BITS ? (uint8_t)(random >> i % 8 * 8)
                                              : (uint8_t)0xff;
        uint8_t target = erase ? 0xff : memory[i] & data[i];
        memory[i] = (uint8_t)((memory[i] & ~part) | (target & part));
    }
}

// Takes back what was not synced, then lets part of it happen.
static void reorder(struct medium_place *place, uint64_t *seed) {
    bool lost[MEDIUM_SECTORS_MAX] = {false}; // its erase did not happen
    for (uint32_t i = place->synced; i < place->at; i++) {
        const struct medium_change *change = &place->record->change[i];
        size_t at = sector_of(change) * SIM_FLASH_SECTOR;
        if (change->size > 0 && at >= MEDIUM_NVS) {
            memcpy(place->flash->memory + at, place->stable + at,
                   SIM_FLASH_SECTOR);
        }
    }
    for (uint32_t i = place->synced; i < place->at; i++) {
        const struct medium_change *change = &place->record->change[i];
        bool dropped = lost[sector_of(change)] || (medium_random(seed) & 1);
        if (change->size == 0 || change->offset < MEDIUM_NVS) {
            continue;
        }
        if (!dropped) {
            carry_out(place, change);
        } else if (change->kind == MEDIUM_ERASE) {
            lost[sector_of(change)] = true;
        }
    }
    if (!lost[sector_of(here(place))]) {
        tear(place, MEDIUM_CUT_BITS, seed);
    }
}

void medium_cut(struct medium_place *place, enum medium_cut how,
                uint64_t seed) {
    const uint8_t *wear = place->flash->wear;
    bool deaf = wear != NULL && wear[sector_of(here(place))] == SIM_FLASH_DEAF;
    medium_watch(place->flash, NULL);
    if (how == MEDIUM_CUT_REORDER) {
        reorder(place, &seed);
    } else if (how != MEDIUM_CUT_BEFORE && !deaf) {
        tear(place, how, &seed);
    }
}
