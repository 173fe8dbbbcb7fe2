// SPDX-License-Identifier: MIT
// Included before littlefs's own source (mpconfigvariant.mk): what it does most
// often while it looks a file up, in line. It reads and sums metadata eight
// bytes at a time, or four. What comes of it is the same.
#ifndef TESTS_POWER_LFS2_PORT_H
#define TESTS_POWER_LFS2_PORT_H

#include <stdint.h>
#include <string.h>

enum { POWER_LANES = 8 };

// How each byte of eight, the last first, changes the checksum.
extern uint32_t power_crc_table[POWER_LANES][256];

static inline uint32_t power_crc(uint32_t crc, const void *buffer,
                                 size_t size) {
    const uint8_t *bytes = buffer;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof(word));
        word ^= crc;
        crc = 0;
        for (int lane = 0; lane < 8; lane++) {
            crc ^= power_crc_table[7 - lane][word >> 8 * lane & 0xff];
        }
    }
    if (size >= 4) {
        uint32_t word;
        memcpy(&word, bytes, sizeof(word));
        word ^= crc;
        crc = power_crc_table[3][word & 0xff] ^
              power_crc_table[2][word >> 8 & 0xff] ^
              power_crc_table[1][word >> 16 & 0xff] ^
              power_crc_table[0][word >> 24];
        size -= 4;
        bytes += 4;
    }
    for (; size > 0; size--, bytes++) {
        crc = crc >> 8 ^ power_crc_table[0][(crc ^ *bytes) & 0xff];
    }
    return crc;
}

static inline void *power_copy(void *to, const void *from, size_t size) {
    if (size == 8) {
        return memcpy(to, from, 8);
    }
    if (size == 4) {
        return memcpy(to, from, 4);
    }
    return memcpy(to, from, size);
}

#define lfs2_crc power_crc
#define memcpy power_copy

#endif
