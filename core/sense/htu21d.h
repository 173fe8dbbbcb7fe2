// SPDX-License-Identifier: MIT
// HTU21D(F) humidity and temperature sensor, an I2C device: its commands, its
// answers, its user register. Whoever holds the bus writes and reads.
//
// Source: HTU21D(F) Sensor Datasheet, MEAS HPC199_3 (October 2013): commands
// p. 11, user register p. 13, CRC p. 14, conversion p. 15, measuring times
// p. 3 and 5. A no-hold measurement is: write the command, wait the measuring
// time, read three bytes; the sensor does not acknowledge the read before it
// is done.
#ifndef CORE_SENSE_HTU21D_H
#define CORE_SENSE_HTU21D_H

#include "core/base/error.h"
#include "core/base/span.h"

enum {
    BLOX_HTU21D_ADDRESS = 0x40, // 7 bits; it has no other
    BLOX_HTU21D_ANSWER = 3,     // bytes: value (MSB first), CRC
    BLOX_HTU21D_RESET_MS = 15,  // at most, from soft reset to ready
};

// With "hold" the sensor stretches SCL until it is done.
enum blox_htu21d_command {
    HTU21D_TEMPERATURE_HOLD = 0xE3,
    HTU21D_HUMIDITY_HOLD = 0xE5,
    HTU21D_WRITE_USER_REGISTER = 0xE6,
    HTU21D_READ_USER_REGISTER = 0xE7,
    HTU21D_TEMPERATURE = 0xF3,
    HTU21D_HUMIDITY = 0xF5,
    HTU21D_SOFT_RESET = 0xFE,
};

// Bits of the user register. Reserved bits (3, 4, 5) keep what was read.
enum {
    HTU21D_RESOLUTION = 0x81,
    HTU21D_END_OF_BATTERY = 0x40, // VDD below 2.25 V, at the last measurement
    HTU21D_HEATER = 0x04,
    HTU21D_OTP_RELOAD_OFF = 0x02,
};

// CRC-8 with polynomial x^8 + x^5 + x^4 + 1 from 0, most significant bit
// first.
uint8_t blox_htu21d_crc(const uint8_t *data, size_t size);

// The value of an answer, its two status bits cleared: 0 to 0xFFFC. Returns
// it, or BLOX_ERROR_DIGEST: the CRC differs, or all is zero, as on a bus whose
// SDA is held low (the CRC of zeros is zero; no measurement is).
int32_t blox_htu21d_raw(const uint8_t answer[BLOX_HTU21D_ANSWER]);

// A value as hundredths of a degree Celsius: -46.85 + 175.72 * raw / 65536,
// rounded half up. Differs from the exact value by at most half a hundredth,
// for every raw of 16 bits. -4685 to 12886.
int32_t blox_htu21d_temperature(uint16_t raw);

// A value as hundredths of a percent of relative humidity: -6 + 125 * raw /
// 65536, rounded as above. -600 to 11899: the sensor's own tolerance reaches
// below 0 and over 100 %.
int32_t blox_htu21d_humidity(uint16_t raw);

// Resolutions by their bits of humidity: 12, 8, 10 or 11 (temperature then
// has 14, 12, 13 or 11). The user register with that resolution. Returns it,
// or BLOX_ERROR_ARGUMENT: no such resolution.
int blox_htu21d_with_resolution(uint8_t user_register, int bits);

// The bits of humidity that a user register asks for.
int blox_htu21d_resolution(uint8_t user_register);

// Milliseconds that a measurement takes at most. command is one of the four
// that measure.
int blox_htu21d_time(int command, uint8_t user_register);

#endif
