// SPDX-License-Identifier: MIT
// What all simulated devices have in common, and the world they live in.
//
// A kind of device is a struct that begins with a struct sim_device, and a
// constant struct sim_kind that names its settings: a scenario file fills them
// in by that table. One who makes a device: allocates kind->size bytes of
// zeros, calls sim_device_init(), fills in settings, calls
// sim_device_start(). Devices live as long as their world.
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include <stddef.h>

#include "sim/clock.h"
#include "sim/source.h"
#include "sim/wires.h"

struct sim_device;
struct sim_serial;

// Zeroed it is ready.
struct sim_world {
    struct sim_clock clock;
    struct sim_wires wires;
    struct sim_device *devices; // in the order they started
    struct sim_serial *serial;  // ends of serial lines, sim/serial.h
};

// What can go wrong with a device, as bits.
enum sim_fault {
    SIM_FAULT_NACK = 1,       // I2C: does not acknowledge
    SIM_FAULT_CRC = 2,        // answers with a wrong CRC
    SIM_FAULT_STUCK = 4,      // I2C: holds SDA low
    SIM_FAULT_STRETCH = 8,    // I2C: holds SCL low for 100 ms at each byte
    SIM_FAULT_NOISE = 16,     // UART: bytes that belong to nothing
    SIM_FAULT_CHECKSUM = 32,  // UART: frames with a wrong checksum
    SIM_FAULT_UNPLUGGED = 64, // is not there; plugged in it powers up anew
    SIM_FAULT_SLOW = 128,     // takes twenty times as long to answer
};

enum { SIM_FAULTS = 8 };

// The word for the fault of one bit.
const char *sim_fault_name(unsigned fault);

// The fault of a name, or 0.
unsigned sim_fault_find(const char *name);

enum sim_key_type {
    SIM_KEY_WIRE,   // int: a GPIO
    SIM_KEY_NUMBER, // double
    SIM_KEY_SOURCE, // struct sim_source
    SIM_KEY_TEXT,   // const char *
    SIM_KEY_SPANS,  // struct sim_spans
};

enum { SIM_SPANS = 64 };

// Spans of time, in seconds, in order.
struct sim_spans {
    uint16_t count;
    struct {
        double from;
        double to;
    } spans[SIM_SPANS];
};

// A setting. A wire's default is -1, not connected; a text's is NULL.
struct sim_key {
    const char *name;
    enum sim_key_type type;
    size_t offset; // in the device's struct
    bool required;
    double preset; // the default of a number or source
    double low;    // limits of a number or source's values
    double high;
};

struct sim_kind {
    const char *name;
    size_t size;
    const struct sim_key *keys;
    size_t key_count;
    unsigned faults; // those it can have
    // Connects it to its wires and powers it. Returns NULL, or what is wrong.
    const char *(*start)(struct sim_device *device);
    // Its faults or settings changed; may be NULL.
    void (*changed)(struct sim_device *device);
    // Writes what it shows into text, such as lamps; may be NULL.
    void (*show)(struct sim_device *device, char *text, size_t size);
};

struct sim_device {
    const struct sim_kind *kind;
    const char *name;
    struct sim_world *world;
    unsigned faults; // bits of enum sim_fault
    struct sim_device *next;
};

// Sets a zeroed device's defaults. name stays the caller's.
void sim_device_init(struct sim_device *device, const struct sim_kind *kind,
                     struct sim_world *world, const char *name);

// Starts it and adds it to its world. Returns NULL, or a phrase that says what
// is wrong with its settings.
const char *sim_device_start(struct sim_device *device);

// Switches faults on and off.
void sim_device_set_faults(struct sim_device *device, unsigned on,
                           unsigned off);

static inline bool sim_device_has(const struct sim_device *device,
                                  unsigned fault) {
    return (device->faults & fault) != 0;
}

// Its setting of that name, or NULL.
const struct sim_key *sim_device_key(const struct sim_device *device,
                                     const char *name);

// The device of that name, or NULL.
struct sim_device *sim_world_find(struct sim_world *world, const char *name);

// The kind of that name, or NULL.
const struct sim_kind *sim_kind_find(const char *name);

// The names of all kinds, with commas.
const char *sim_kind_names(void);

#endif
