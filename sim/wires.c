// SPDX-License-Identifier: MIT
#include "sim/wires.h"

static bool find_level(const struct sim_wire *wire) {
    bool high = false;
    for (int i = 0; i <= wire->drivers; i++) {
        if (wire->drives[i] == SIM_LOW) {
            return false;
        }
        high = high || wire->drives[i] == SIM_HIGH;
    }
    // The resistor is the stronger one.
    uint8_t pull = wire->resistor ? wire->resistor : wire->pull;
    return high || pull == SIM_PULL_UP;
}

static void settle(struct sim_wires *wires, int number) {
    struct sim_wire *wire = &wires->wires[number];
    bool level = find_level(wire);
    if (level == wire->level) {
        return;
    }
    wire->level = level;
    // One that is told may change the wire again: the rest are told of that
    // by the inner call, and here of the level that then is.
    for (int i = 0; i < wire->watcher_count; i++) {
        wire->watchers[i].call(wire->watchers[i].context, number, wire->level);
    }
}

int sim_wires_driver(struct sim_wires *wires, int wire) {
    struct sim_wire *found = &wires->wires[wire];
    if (found->drivers + 1 == SIM_WIRE_DRIVERS) {
        return -1;
    }
    return ++found->drivers;
}

bool sim_wires_watch(struct sim_wires *wires, int wire, sim_watch *call,
                     void *context) {
    struct sim_wire *found = &wires->wires[wire];
    if (found->watcher_count == SIM_WIRE_WATCHERS) {
        return false;
    }
    found->watchers[found->watcher_count].call = call;
    found->watchers[found->watcher_count++].context = context;
    return true;
}

void sim_wires_drive(struct sim_wires *wires, int wire, int driver,
                     enum sim_drive drive) {
    wires->wires[wire].drives[driver] = (uint8_t)drive;
    settle(wires, wire);
}

void sim_wires_pull(struct sim_wires *wires, int wire, enum sim_pull pull) {
    wires->wires[wire].pull = (uint8_t)pull;
    settle(wires, wire);
}

void sim_wires_resistor(struct sim_wires *wires, int wire, enum sim_pull pull) {
    wires->wires[wire].resistor = (uint8_t)pull;
    settle(wires, wire);
}

bool sim_wires_level(const struct sim_wires *wires, int wire) {
    return wires->wires[wire].level;
}
