// SPDX-License-Identifier: MIT
// Unaligned integers in byte order of the wire: be is network order (MQTT),
// le that of files. All work on any address.
#ifndef CORE_BASE_BYTES_H
#define CORE_BASE_BYTES_H

#include <stdint.h>

static inline uint16_t blox_be16(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t blox_be32(const uint8_t *p) {
    return (uint32_t)blox_be16(p) << 16 | blox_be16(p + 2);
}

static inline uint16_t blox_le16(const uint8_t *p) {
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t blox_le32(const uint8_t *p) {
    return (uint32_t)blox_le16(p + 2) << 16 | blox_le16(p);
}

static inline void blox_put_le16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void blox_put_le32(uint8_t *p, uint32_t value) {
    blox_put_le16(p, (uint16_t)value);
    blox_put_le16(p + 2, (uint16_t)(value >> 16));
}

static inline void blox_put_be16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void blox_put_be32(uint8_t *p, uint32_t value) {
    blox_put_be16(p, (uint16_t)(value >> 16));
    blox_put_be16(p + 2, (uint16_t)value);
}

#endif
