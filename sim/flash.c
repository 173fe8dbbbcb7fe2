// SPDX-License-Identifier: MIT
#include "sim/flash.h"

#include <string.h>

void sim_flash_init(struct sim_flash *flash, uint8_t *memory, size_t size) {
    *flash = (struct sim_flash){.memory = memory, .size = size};
}

static bool inside(const struct sim_flash *flash, size_t offset, size_t size) {
    return offset <= flash->size && size <= flash->size - offset;
}

static void tell(struct sim_flash *flash, enum sim_flash_change change,
                 size_t offset, const void *data, size_t size) {
    if (flash->watch != NULL) {
        flash->watch(flash->watch_context, change, offset, data, size);
    }
}

static enum sim_flash_wear wear_at(const struct sim_flash *flash,
                                   size_t offset) {
    return flash->wear == NULL
               ? SIM_FLASH_GOOD
               : (enum sim_flash_wear)flash->wear[offset / SIM_FLASH_SECTOR];
}

// Counts one operation and returns how many of its size bytes happen.
static size_t begin(struct sim_flash *flash, size_t size) {
    flash->operations++;
    if (flash->operations != flash->cut_at) {
        return size;
    }
    flash->dead = true;
    return flash->cut_keep < size ? flash->cut_keep : size;
}

static int end(struct sim_flash *flash) {
    if (!flash->dead) {
        return SIM_FLASH_OK;
    }
    if (flash->cut != NULL) {
        flash->cut(flash->cut_context);
    }
    return SIM_FLASH_DEAD;
}

int sim_flash_read(const struct sim_flash *flash, size_t offset, void *data,
                   size_t size) {
    if (flash->dead) {
        return SIM_FLASH_DEAD;
    }
    if (!inside(flash, offset, size)) {
        return SIM_FLASH_RANGE;
    }
    memcpy(data, flash->memory + offset, size);
    return SIM_FLASH_OK;
}

static int program_page(struct sim_flash *flash, size_t offset,
                        const uint8_t *data, size_t size) {
    tell(flash, SIM_FLASH_PROGRAMS, offset, data, size);
    size = begin(flash, size);
    bool deaf = wear_at(flash, offset) == SIM_FLASH_DEAF;
    for (size_t i = 0; i < size && !deaf; i++) {
        flash->memory[offset + i] &= data[i];
    }
    flash->programs++;
    flash->bytes_programmed += size;
    return end(flash);
}

int sim_flash_program(struct sim_flash *flash, size_t offset, const void *data,
                      size_t size) {
    const uint8_t *bytes = data;
    if (!inside(flash, offset, size)) {
        return SIM_FLASH_RANGE;
    }
    while (size > 0 && !flash->dead) {
        size_t part = SIM_FLASH_PAGE - offset % SIM_FLASH_PAGE;
        part = part < size ? part : size;
        program_page(flash, offset, bytes, part);
        offset += part;
        bytes += part;
        size -= part;
    }
    return flash->dead ? SIM_FLASH_DEAD : SIM_FLASH_OK;
}

static int erase_sector(struct sim_flash *flash, size_t offset) {
    enum { WEAK_EVERY = 509 }; // bytes between weak bits
    tell(flash, SIM_FLASH_ERASES, offset, NULL, SIM_FLASH_SECTOR);
    size_t size = begin(flash, SIM_FLASH_SECTOR);
    memset(flash->memory + offset, 0xff, size);
    bool weak = wear_at(flash, offset) == SIM_FLASH_ERASE_WEAK;
    for (size_t i = 0; i < size && weak; i += WEAK_EVERY) {
        flash->memory[offset + i] = 0xfe;
    }
    flash->erases++;
    return end(flash);
}

int sim_flash_erase(struct sim_flash *flash, size_t offset, size_t size) {
    if (!inside(flash, offset, size) || offset % SIM_FLASH_SECTOR != 0 ||
        size % SIM_FLASH_SECTOR != 0) {
        return SIM_FLASH_RANGE;
    }
    for (; size > 0 && !flash->dead; size -= SIM_FLASH_SECTOR) {
        erase_sector(flash, offset);
        offset += SIM_FLASH_SECTOR;
    }
    return flash->dead ? SIM_FLASH_DEAD : SIM_FLASH_OK;
}

int sim_flash_sync(struct sim_flash *flash) {
    tell(flash, SIM_FLASH_SYNCS, 0, NULL, 0);
    return flash->dead ? SIM_FLASH_DEAD : SIM_FLASH_OK;
}
