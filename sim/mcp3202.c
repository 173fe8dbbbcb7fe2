// SPDX-License-Identifier: MIT
#include "sim/mcp3202.h"

#include <math.h>

enum { START = 1, CONTROL_BITS = 4, SINGLE = 4, ODD = 2, MSB_FIRST = 1 };
enum { BITS = 12 };

static void drive(struct sim_mcp3202 *self, enum sim_drive drive) {
    sim_wires_drive(&self->device.world->wires, self->dout, self->dout_driver,
                    drive);
}

static uint16_t convert(const struct sim_mcp3202 *self) {
    uint64_t now = self->device.world->clock.now;
    unsigned odd = self->control & ODD ? 1 : 0;
    double volts = sim_source_at(&self->channels[odd], now);
    if (!(self->control & SINGLE)) {
        volts -= sim_source_at(&self->channels[1 - odd], now);
    }
    double code = floor(4096 * volts / self->vdd);
    return (uint16_t)(code < 0 ? 0 : code > 4095 ? 4095 : code);
}

static bool data_bit(const struct sim_mcp3202 *self) {
    if (self->out == 0) {
        return false; // the null bit
    }
    if (self->out <= BITS) {
        return self->code >> (BITS - self->out) & 1;
    }
    unsigned place = self->out - BITS; // B0 is not sent twice
    return self->second_run && place < BITS && (self->code >> place & 1);
}

static void clock_rises(struct sim_mcp3202 *self) {
    bool bit = sim_wires_level(&self->device.world->wires, self->din);
    if (self->in == CONTROL_BITS || (self->in == 0 && !bit)) {
        return;
    }
    self->control = (uint8_t)(self->control << 1 | bit);
    if (++self->in == CONTROL_BITS) {
        self->code = convert(self);
        self->second_run = !(self->control & MSB_FIRST);
    }
}

static void clock_falls(struct sim_mcp3202 *self) {
    if (self->in == CONTROL_BITS) {
        drive(self, data_bit(self) ? SIM_HIGH : SIM_LOW);
        self->out += self->out < 2 * BITS;
    }
}

static void watch_clk(void *context, int wire, bool level) {
    struct sim_mcp3202 *self = context;
    (void)wire;
    if (!self->selected) {
        return;
    }
    if (level) {
        clock_rises(self);
    } else {
        clock_falls(self);
    }
}

static void watch_cs(void *context, int wire, bool level) {
    struct sim_mcp3202 *self = context;
    (void)wire;
    self->selected =
        !level && !sim_device_has(&self->device, SIM_FAULT_UNPLUGGED);
    self->in = 0;
    self->control = 0;
    self->out = 0;
    drive(self, SIM_RELEASE);
}

static const char *start(struct sim_device *device) {
    struct sim_mcp3202 *self = (struct sim_mcp3202 *)device;
    struct sim_wires *wires = &device->world->wires;
    self->dout_driver = sim_wires_driver(wires, self->dout);
    // So that a chip that is not there reads as ones, null bit included.
    sim_wires_resistor(wires, self->dout, SIM_PULL_UP);
    sim_wires_resistor(wires, self->cs, SIM_PULL_UP);
    if (self->dout_driver < 0 ||
        !sim_wires_watch(wires, self->cs, watch_cs, self) ||
        !sim_wires_watch(wires, self->clk, watch_clk, self)) {
        return "too many devices on its wires";
    }
    return NULL;
}

static void changed(struct sim_device *device) {
    struct sim_mcp3202 *self = (struct sim_mcp3202 *)device;
    if (sim_device_has(device, SIM_FAULT_UNPLUGGED)) {
        self->selected = false;
        drive(self, SIM_RELEASE);
    }
}

static const struct sim_key keys[] = {
    {"clk", SIM_KEY_WIRE, offsetof(struct sim_mcp3202, clk), true, 0, 0, 0},
    {"din", SIM_KEY_WIRE, offsetof(struct sim_mcp3202, din), true, 0, 0, 0},
    {"dout", SIM_KEY_WIRE, offsetof(struct sim_mcp3202, dout), true, 0, 0, 0},
    {"cs", SIM_KEY_WIRE, offsetof(struct sim_mcp3202, cs), true, 0, 0, 0},
    {"ch0", SIM_KEY_SOURCE, offsetof(struct sim_mcp3202, channels[0]), false, 0,
     -0.6, 6},
    {"ch1", SIM_KEY_SOURCE, offsetof(struct sim_mcp3202, channels[1]), false, 0,
     -0.6, 6},
    {"vdd", SIM_KEY_NUMBER, offsetof(struct sim_mcp3202, vdd), false, 3.3, 2.7,
     5.5},
};

const struct sim_kind sim_mcp3202 = {
    .name = "mcp3202",
    .size = sizeof(struct sim_mcp3202),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_UNPLUGGED,
    .start = start,
    .changed = changed,
};
