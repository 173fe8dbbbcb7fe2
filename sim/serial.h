// SPDX-License-Identifier: MIT
// Asynchronous serial lines, a byte at a time: an end sends on one wire and
// hears another, at its rate. A byte takes ten bits; one who listens at
// another rate hears something else.
#ifndef SIM_SERIAL_H
#define SIM_SERIAL_H

#include "sim/device.h"

enum { SIM_SERIAL_QUEUE = 8192 };

struct sim_serial {
    struct sim_world *world;
    int tx; // the wire it sends on, -1: none
    int rx; // the wire it hears, -1: none
    uint32_t baud;
    void (*receive)(void *context, uint8_t byte);
    void *context;
    // Private.
    uint8_t queue[SIM_SERIAL_QUEUE]; // to be sent
    uint16_t first;
    uint16_t count;
    struct sim_alarm sent;
    struct sim_serial *next;
};

// Adds an end to its world; everything but the private fields is set, and may
// be changed later.
void sim_serial_start(struct sim_serial *end);

// Takes it out of its world; what it had to send is gone.
void sim_serial_stop(struct sim_serial *end);

// Queues bytes to be sent. Returns how many there was room for.
size_t sim_serial_send(struct sim_serial *end, const uint8_t *bytes,
                       size_t size);

// How many bytes it has still to send.
size_t sim_serial_queued(const struct sim_serial *end);

// How long one byte takes, in nanoseconds.
uint64_t sim_serial_byte_time(const struct sim_serial *end);

#endif
