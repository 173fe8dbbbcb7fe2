// SPDX-License-Identifier: MIT
// An I2C controller in hardware, on the wires: it clocks a transfer bit by bit
// and takes the world's clock along.
#ifndef SIM_I2C_CONTROLLER_H
#define SIM_I2C_CONTROLLER_H

#include <stddef.h>

#include "sim/device.h"

enum sim_i2c_result {
    SIM_I2C_DONE,
    SIM_I2C_NACK,    // address or byte not acknowledged; the bus is released
    SIM_I2C_TIMEOUT, // SCL held low for too long, or SDA is not ours
};

struct sim_i2c_controller {
    struct sim_world *world;
    int scl;
    int sda;
    uint32_t hertz;
    uint64_t timeout; // how long SCL may be held low, in nanoseconds
};

// Lets go of both wires, with the processor's pull-ups on.
void sim_i2c_begin(struct sim_i2c_controller *bus);

// A start, or a repeated start, and the address. After anything but
// SIM_I2C_DONE the transfer is over and the wires are free of us.
enum sim_i2c_result sim_i2c_start(struct sim_i2c_controller *bus,
                                  uint8_t address, bool read);

enum sim_i2c_result sim_i2c_write(struct sim_i2c_controller *bus,
                                  const uint8_t *bytes, size_t size);

// last: the final byte is not acknowledged, as the target expects.
enum sim_i2c_result sim_i2c_read(struct sim_i2c_controller *bus, uint8_t *bytes,
                                 size_t size, bool last);

enum sim_i2c_result sim_i2c_stop(struct sim_i2c_controller *bus);

#endif
