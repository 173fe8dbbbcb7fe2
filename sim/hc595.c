// SPDX-License-Identifier: MIT
#include "sim/hc595.h"

#include <stdio.h>

static bool level(const struct sim_hc595 *self, int wire) {
    return sim_wires_level(&self->device.world->wires, wire);
}

static uint64_t mask(const struct sim_hc595 *self) {
    unsigned bits = (unsigned)self->chips * 8;
    return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static bool is_there(const struct sim_hc595 *self) {
    return !sim_device_has(&self->device, SIM_FAULT_UNPLUGGED);
}

bool sim_hc595_enabled(const struct sim_hc595 *self) {
    return is_there(self) && (self->oe < 0 || !level(self, self->oe));
}

static void watch_srclk(void *context, int wire, bool rose) {
    struct sim_hc595 *self = context;
    bool cleared = self->srclr >= 0 && !level(self, self->srclr);
    (void)wire;
    if (rose && is_there(self) && !cleared) {
        self->shift = (self->shift << 1 | level(self, self->ser)) & mask(self);
    }
}

static void watch_rclk(void *context, int wire, bool rose) {
    struct sim_hc595 *self = context;
    (void)wire;
    if (rose && is_there(self)) {
        self->outputs = self->shift;
        self->latches++;
    }
}

static void watch_srclr(void *context, int wire, bool rose) {
    struct sim_hc595 *self = context;
    (void)wire;
    if (!rose) {
        self->shift = 0;
    }
}

static const char *start(struct sim_device *device) {
    struct sim_hc595 *self = (struct sim_hc595 *)device;
    struct sim_wires *wires = &device->world->wires;
    bool good = sim_wires_watch(wires, self->srclk, watch_srclk, self) &&
                sim_wires_watch(wires, self->rclk, watch_rclk, self);
    if (self->srclr >= 0) {
        good = good && sim_wires_watch(wires, self->srclr, watch_srclr, self);
    }
    return good ? NULL : "too many devices on its wires";
}

// "QH..QA" of each chip in hex, the last chip first.
static void show(struct sim_device *device, char *text, size_t size) {
    const struct sim_hc595 *self = (struct sim_hc595 *)device;
    snprintf(text, size, "outputs %0*llx %s, latched %llu times",
             2 * (int)self->chips, (unsigned long long)self->outputs,
             sim_hc595_enabled(self) ? "on" : "off",
             (unsigned long long)self->latches);
}

// What they held is gone with the supply.
static void changed(struct sim_device *device) {
    struct sim_hc595 *self = (struct sim_hc595 *)device;
    if (!is_there(self)) {
        self->shift = 0;
        self->outputs = 0;
    }
}

static const struct sim_key keys[] = {
    {"ser", SIM_KEY_WIRE, offsetof(struct sim_hc595, ser), true, 0, 0, 0},
    {"srclk", SIM_KEY_WIRE, offsetof(struct sim_hc595, srclk), true, 0, 0, 0},
    {"rclk", SIM_KEY_WIRE, offsetof(struct sim_hc595, rclk), true, 0, 0, 0},
    {"oe", SIM_KEY_WIRE, offsetof(struct sim_hc595, oe), false, 0, 0, 0},
    {"srclr", SIM_KEY_WIRE, offsetof(struct sim_hc595, srclr), false, 0, 0, 0},
    {"chips", SIM_KEY_NUMBER, offsetof(struct sim_hc595, chips), false, 1, 1,
     SIM_HC595_CHIPS},
};

const struct sim_kind sim_hc595 = {
    .name = "sn74hc595",
    .size = sizeof(struct sim_hc595),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_UNPLUGGED,
    .start = start,
    .changed = changed,
    .show = show,
};
