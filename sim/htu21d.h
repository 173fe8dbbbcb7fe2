// SPDX-License-Identifier: MIT
// HTU21D(F): humidity and temperature by I2C. Source: Measurement Specialties,
// HTU21D(F) sensor, data sheet HPC199_3 (October 2013).
//
// Commands (p. 11): E3, E5 measure temperature, humidity and hold SCL low
// meanwhile; F3, F5 measure, and do not acknowledge a read until done; E6, E7
// write, read the user register; FE is a soft reset. It measures as long as
// the data sheet's maximum, and is deaf for 15 ms after power-up and reset.
//
// Not written from the driver's code, and to be kept so.
#ifndef SIM_HTU21D_H
#define SIM_HTU21D_H

#include "sim/i2c_target.h"

struct sim_htu21d {
    struct sim_device device;
    // Settings.
    int scl;
    int sda;
    struct sim_source temperature; // degrees Celsius
    struct sim_source humidity;    // percent
    double supply;                 // volts
    // Private.
    struct sim_i2c_target target;
    uint8_t command;
    uint8_t position; // of the byte within a transfer
    uint8_t user;     // the user register
    uint8_t answer[3];
    uint8_t answers;     // bytes of it
    uint64_t ready;      // when what is measured is there
    uint64_t deaf_until; // powering up
};

extern const struct sim_kind sim_htu21d;

#endif
