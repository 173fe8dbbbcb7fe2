// SPDX-License-Identifier: MIT
// SDS011: particles in air, by UART at 9600 baud. Source: Nova Fitness, Laser
// Dust Sensor Control Protocol V1.3 (2015).
//
// A command is 19 bytes: AA B4, 13 data bytes of which the first is the
// command, the device's id (FFFF: any), a checksum (the sum of data and id),
// AB. An answer is 10 bytes: AA C5, the command, 3 data bytes, the id,
// checksum, AB. Measurements are AA C0, PM2.5 and PM10 in 0.1 ug/m3, low byte
// first, the id, checksum, AB: once a second in active mode, or when asked.
// Asleep it hears nothing but the command to work. With a working period of n
// minutes it works for 30 s, reports, and sleeps for the rest. Mode, id and
// period outlive its supply.
#ifndef SIM_SDS011_H
#define SIM_SDS011_H

#include "sim/serial.h"

enum { SIM_SDS011_COMMAND = 19 };

struct sim_sds011 {
    struct sim_device device;
    // Settings. Wires are named by the sensor's pins.
    int txd;
    int rxd;
    struct sim_source pm2_5; // ug/m3
    struct sim_source pm10;
    double id;
    // Private.
    struct sim_serial line;
    uint8_t command[SIM_SDS011_COMMAND];
    uint8_t size; // of what came of a command
    bool query_mode;
    bool asleep;
    bool resting; // asleep by its working period
    uint8_t period;
    uint16_t number; // its id
    struct sim_alarm second;
    struct sim_alarm cycle;
    struct sim_alarm late; // an answer that waits
    uint8_t waiting[10];
    struct sim_alarm noise;
    uint32_t seed;
};

extern const struct sim_kind sim_sds011;

#endif
