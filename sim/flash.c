// SPDX-License-Identifier: MIT
#include "sim/flash.h"

#include <string.h>

void sim_flash_init(struct sim_flash *flash, uint8_t *memory, size_t size) {
    *flash = (struct sim_flash){.memory = memory, .size = size};
}

static bool inside(const struct sim_flash *flash, size_t offset, size_t size) {
    return offset <= flash->size && size <= flash->size - offset;
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
    size = begin(flash, size);
    for (size_t i = 0; i < size; i++) {
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
    size_t size = begin(flash, SIM_FLASH_SECTOR);
    memset(flash->memory + offset, 0xff, size);
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
