// SPDX-License-Identifier: MIT
// The wire side of an I2C target (UM10204): follows SCL and SDA edge by edge,
// so that a controller in hardware and one in software find the same device.
// A device says what the bytes mean.
#ifndef SIM_I2C_TARGET_H
#define SIM_I2C_TARGET_H

#include "sim/device.h"

struct sim_i2c_ops {
    // Addressed to be read or written. Returns whether it acknowledges.
    bool (*start)(void *device, bool read);
    // A byte arrived. Returns whether it acknowledges.
    bool (*write)(void *device, uint8_t byte);
    // When the next byte to read is there: until then SCL is held low.
    uint64_t (*ready)(void *device);
    // The next byte to read.
    uint8_t (*read)(void *device);
    // The end of a transfer, or a repeated start.
    void (*stop)(void *device);
};

struct sim_i2c_target {
    struct sim_device *device; // its faults apply on the wires
    const struct sim_i2c_ops *ops;
    int scl;
    int sda;
    uint8_t address;
    // Private.
    int scl_driver;
    int sda_driver;
    uint8_t state;
    uint8_t bits; // clocked of the current byte
    uint8_t byte;
    bool read;
    bool acknowledged;
    struct sim_alarm hold; // ends clock stretching
    uint64_t hold_until;
};

// Connects it, with pull-ups at both wires; device, ops, scl, sda and address
// are set. Returns NULL, or what is wrong.
const char *sim_i2c_target_start(struct sim_i2c_target *target);

// To be called when the device's faults changed.
void sim_i2c_target_changed(struct sim_i2c_target *target);

#endif
