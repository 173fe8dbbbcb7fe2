// SPDX-License-Identifier: MIT
#include "sim/analog.h"

static const char *start(struct sim_device *device) {
    (void)device;
    return NULL;
}

static const struct sim_key keys[] = {
    {"pin", SIM_KEY_WIRE, offsetof(struct sim_analog, pin), true, 0, 0, 0},
    {"volts", SIM_KEY_SOURCE, offsetof(struct sim_analog, volts), false, 0, 0,
     3.6},
};

const struct sim_kind sim_analog = {
    .name = "analog",
    .size = sizeof(struct sim_analog),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_UNPLUGGED,
    .start = start,
};

static const struct sim_analog *find(const struct sim_world *world, int wire) {
    const struct sim_device *device;
    for (device = world->devices; device != NULL; device = device->next) {
        const struct sim_analog *analog = (const struct sim_analog *)device;
        if (device->kind == &sim_analog && analog->pin == wire &&
            !sim_device_has(device, SIM_FAULT_UNPLUGGED)) {
            return analog;
        }
    }
    return NULL;
}

double sim_analog_volts(const struct sim_world *world, int wire) {
    const struct sim_analog *analog = find(world, wire);
    if (analog != NULL) {
        return sim_source_at(&analog->volts, world->clock.now);
    }
    return sim_wires_level(&world->wires, wire) ? 3.3 : 0;
}
