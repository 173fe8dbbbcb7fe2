// SPDX-License-Identifier: MIT
// The wires at a processor's GPIOs. Each has drivers, the processor and
// devices, and watchers that are told when its level changes.
//
// Level: low where a driver drives low (so open drain works, and in a fight
// low wins), else high where one drives high, else as a pull-up or pull-down
// says; a wire that nothing holds reads low.
#ifndef SIM_WIRES_H
#define SIM_WIRES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SIM_WIRES = 40,        // GPIO0 to GPIO39
    SIM_WIRE_DRIVERS = 12, // for each wire, the processor being the first
    SIM_WIRE_WATCHERS = 12,
    SIM_PROCESSOR = 0, // its driver
};

enum sim_drive { SIM_RELEASE, SIM_LOW, SIM_HIGH };
enum sim_pull { SIM_PULL_NONE, SIM_PULL_DOWN, SIM_PULL_UP };

typedef void sim_watch(void *context, int wire, bool level);

struct sim_wire {
    bool level;
    uint8_t drives[SIM_WIRE_DRIVERS]; // enum sim_drive
    uint8_t drivers;
    uint8_t pull;     // the processor's, enum sim_pull
    uint8_t resistor; // one on the board, enum sim_pull
    struct {
        sim_watch *call;
        void *context;
    } watchers[SIM_WIRE_WATCHERS];
    uint8_t watcher_count;
};

// Zeroed they are ready: nothing drives, nothing watches.
struct sim_wires {
    struct sim_wire wires[SIM_WIRES];
};

// Adds a driver to a wire, for sim_wires_drive(). Returns its number, or -1
// when the wire has all it can have.
int sim_wires_driver(struct sim_wires *wires, int wire);

// Adds a watcher. Returns false when the wire has all it can have. It is
// called after the level changed; it may drive wires in turn.
bool sim_wires_watch(struct sim_wires *wires, int wire, sim_watch *call,
                     void *context);

// What a driver (SIM_PROCESSOR or one of sim_wires_driver()) does from now.
void sim_wires_drive(struct sim_wires *wires, int wire, int driver,
                     enum sim_drive drive);

// The processor's pull.
void sim_wires_pull(struct sim_wires *wires, int wire, enum sim_pull pull);

// A resistor soldered to the wire, such as an I2C bus has.
void sim_wires_resistor(struct sim_wires *wires, int wire, enum sim_pull pull);

bool sim_wires_level(const struct sim_wires *wires, int wire);

#endif
