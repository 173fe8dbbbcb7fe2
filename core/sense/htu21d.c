// SPDX-License-Identifier: MIT
#include "core/sense/htu21d.h"

#include "core/base/bytes.h"

enum { POLYNOMIAL = 0x31, STATUS_BITS = 3, HALF = 1 << 15 };

// What bits 7 and 0 of the user register choose, as a number of two bits.
static const uint8_t humidity_bits[] = {12, 8, 10, 11};
// Milliseconds, at most; the table of the data sheet rounded up.
static const uint8_t temperature_ms[] = {50, 13, 25, 7};
static const uint8_t humidity_ms[] = {16, 3, 5, 8};

uint8_t blox_htu21d_crc(const uint8_t *data, size_t size) {
    unsigned crc = 0;
    for (size_t i = 0; i < size; ++i) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x80) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
        }
        crc &= 0xFF;
    }
    return (uint8_t)crc;
}

int32_t blox_htu21d_raw(const uint8_t answer[BLOX_HTU21D_ANSWER]) {
    bool zeros = (answer[0] | answer[1] | answer[2]) == 0;
    if (zeros || blox_htu21d_crc(answer, 2) != answer[2]) {
        return BLOX_ERROR_DIGEST;
    }
    return blox_be16(answer) & ~STATUS_BITS;
}

int32_t blox_htu21d_temperature(uint16_t raw) {
    return (int32_t)((17572u * raw + HALF) >> 16) - 4685;
}

int32_t blox_htu21d_humidity(uint16_t raw) {
    return (int32_t)((12500u * raw + HALF) >> 16) - 600;
}

static int choice(uint8_t user_register) {
    return (user_register >> 7) << 1 | (user_register & 1);
}

int blox_htu21d_with_resolution(uint8_t user_register, int bits) {
    for (int i = 0; i < 4; ++i) {
        if (humidity_bits[i] == bits) {
            return (user_register & ~HTU21D_RESOLUTION) | (i >> 1) << 7 |
                   (i & 1);
        }
    }
    return BLOX_ERROR_ARGUMENT;
}

int blox_htu21d_resolution(uint8_t user_register) {
    return humidity_bits[choice(user_register)];
}

int blox_htu21d_time(int command, uint8_t user_register) {
    bool humidity =
        command == HTU21D_HUMIDITY || command == HTU21D_HUMIDITY_HOLD;
    int i = choice(user_register);
    return humidity ? humidity_ms[i] : temperature_ms[i];
}
