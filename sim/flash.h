// SPDX-License-Identifier: MIT
// A NOR flash chip, as an ESP32 has one, over memory that the caller owns (a
// mapped file, an array): erasing sets a sector of 4 KiB to ones, programming
// only clears bits, and power can be lost in the middle of either.
//
// Every operation that changes the chip has a number, from 1 on: an erase of
// one sector, or a program within one page of 256 bytes (longer ones count
// once per page, as the chip carries them out). A sweep runs once, reads
// `operations`, and then runs again for each number with `cut_at` set.
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_FLASH_SECTOR = 4096, // bytes erased at once
    SIM_FLASH_PAGE = 256,    // bytes programmed at once
};

enum sim_flash_error {
    SIM_FLASH_OK = 0,
    SIM_FLASH_RANGE = -1, // outside the chip, or an erase off its sectors
    SIM_FLASH_DEAD = -2,  // power is lost; nothing works until the next init
};

enum sim_flash_change {
    SIM_FLASH_ERASES,   // a sector; no data
    SIM_FLASH_PROGRAMS, // at most a page
    SIM_FLASH_SYNCS,    // nothing changes; no data, size 0
};

// What an aged sector does wrong. It reports no error: a chip does not know.
enum sim_flash_wear {
    SIM_FLASH_GOOD = 0,
    SIM_FLASH_ERASE_WEAK, // some bits stay 0 when it is erased
    SIM_FLASH_DEAF,       // programming changes nothing
};

struct sim_flash {
    uint8_t *memory; // the caller's, size bytes
    size_t size;     // a multiple of SIM_FLASH_SECTOR

    uint64_t operations; // erases and programs so far
    uint64_t erases;
    uint64_t programs;
    uint64_t bytes_programmed;

    // Called, when not NULL, before each operation, and at each sync. data is
    // what is programmed.
    void (*watch)(void *context, enum sim_flash_change change, size_t offset,
                  const void *data, size_t size);
    void *watch_context;

    const uint8_t *wear; // an enum sim_flash_wear a sector; NULL: all good

    // The power cut. In operation cut_at (0: never) only the first cut_keep
    // bytes of the sector or page are changed, then power is gone: cut, when
    // not NULL, is called with cut_context and need not return; if it does,
    // this and every later operation returns SIM_FLASH_DEAD.
    uint64_t cut_at;
    size_t cut_keep;
    void (*cut)(void *context);
    void *cut_context;
    bool dead;
};

// Powers the chip over size bytes at memory, whose content stays. The caller
// sets the fields of the power cut afterwards. Memory for a new chip is all
// ones.
void sim_flash_init(struct sim_flash *flash, uint8_t *memory, size_t size);

// Copies size bytes from offset on into data. Returns SIM_FLASH_OK,
// SIM_FLASH_RANGE or SIM_FLASH_DEAD.
int sim_flash_read(const struct sim_flash *flash, size_t offset, void *data,
                   size_t size);

// Programs size bytes: every bit that is 0 in data becomes 0 in the chip, no
// bit becomes 1. Returns SIM_FLASH_OK, SIM_FLASH_RANGE (nothing changed) or
// SIM_FLASH_DEAD.
int sim_flash_program(struct sim_flash *flash, size_t offset, const void *data,
                      size_t size);

// Sets the sectors from offset on, size bytes in all, to ones; both are
// multiples of SIM_FLASH_SECTOR. Returns as sim_flash_program.
int sim_flash_erase(struct sim_flash *flash, size_t offset, size_t size);

// Says that all operations so far shall be on the chip before any later one.
// This chip carries out each as it comes, so only watch learns of it: a medium
// that writes later would have to obey. Returns SIM_FLASH_OK or
// SIM_FLASH_DEAD.
int sim_flash_sync(struct sim_flash *flash);

#endif
