// SPDX-License-Identifier: MIT
// Two short cuts that change nothing but what a boot costs on a host.
//
// littlefs's checksum works through a byte in two steps; lfs2_port.h has one
// that gives the same, with the table made here. And what littlefs reads comes
// from the chip without a call of the partition's Python method; what it writes
// does not.
#include <stdint.h>
#include <string.h>

#include "py/mperrno.h"
#include "py/obj.h"

#include "extmod/vfs.h"

#include "board/flash.h"
#include "tests/power/lfs2_port.h"
#include "tests/power/medium.h"

int __wrap_mp_vfs_blockdev_read_ext(mp_vfs_blockdev_t *self, size_t block,
                                    size_t offset, size_t size, uint8_t *data);
int __wrap_mp_vfs_blockdev_read_ext(mp_vfs_blockdev_t *self, size_t block,
                                    size_t offset, size_t size, uint8_t *data) {
    (void)self; // there is one partition with a file system
    size_t at = MEDIUM_NVS + block * SIM_FLASH_SECTOR + offset;
    int error = sim_flash_read(board_flash(), at, data, size);
    return error == SIM_FLASH_OK ? 0 : -MP_EIO;
}

uint32_t power_crc_table[POWER_LANES][256];

static uint32_t of_byte(uint32_t crc) {
    for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return crc;
}

__attribute__((constructor)) static void fill_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        power_crc_table[0][i] = of_byte(i);
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (int lane = 1; lane < POWER_LANES; lane++) {
            uint32_t before = power_crc_table[lane - 1][i];
            power_crc_table[lane][i] =
                before >> 8 ^ power_crc_table[0][before & 0xff];
        }
    }
}
