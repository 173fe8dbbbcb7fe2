// SPDX-License-Identifier: MIT
#include "sim/button.h"

enum { BOUNCE_MS = 5 };

static bool is_pressed(const struct sim_button *self) {
    return (self->down || self->held > 0) &&
           !sim_device_has(&self->device, SIM_FAULT_UNPLUGGED);
}

static void contact(struct sim_button *self, bool closed) {
    enum sim_drive drive = self->active > 0 ? SIM_HIGH : SIM_LOW;
    self->contact = closed;
    sim_wires_drive(&self->device.world->wires, self->pin, self->driver,
                    closed ? drive : SIM_RELEASE);
}

static void bounce(void *context) {
    struct sim_button *self = context;
    contact(self, !self->contact);
    if (--self->bounces == 0) {
        sim_alarm_stop(&self->device.world->clock, &self->bouncing);
        contact(self, is_pressed(self));
    }
}

static void move(struct sim_button *self) {
    uint64_t step = (uint64_t)BOUNCE_MS * SIM_MS / 2;
    if (is_pressed(self) == self->contact && self->bounces == 0) {
        return;
    }
    contact(self, is_pressed(self));
    self->bounces = (uint8_t)(2 * self->bounce);
    if (self->bounces > 0) {
        step /= self->bounces;
        sim_alarm_set(&self->device.world->clock, &self->bouncing, step, step);
    }
}

static void wait_for(struct sim_button *self, double seconds) {
    struct sim_clock *clock = &self->device.world->clock;
    uint64_t at = (uint64_t)(seconds * 1e9);
    sim_alarm_set(clock, &self->turn, at > clock->now ? at - clock->now : 0, 0);
}

static void turn(void *context) {
    struct sim_button *self = context;
    self->down = !self->down;
    if (self->down) {
        wait_for(self, self->pressed.spans[self->next++].to);
    } else if (self->next < self->pressed.count) {
        wait_for(self, self->pressed.spans[self->next].from);
    }
    move(self);
}

static const char *start(struct sim_device *device) {
    struct sim_button *self = (struct sim_button *)device;
    struct sim_wires *wires = &device->world->wires;
    self->driver = sim_wires_driver(wires, self->pin);
    self->turn.ring = turn;
    self->turn.context = self;
    self->bouncing.ring = bounce;
    self->bouncing.context = self;
    if (self->pressed.count > 0) {
        wait_for(self, self->pressed.spans[0].from);
    }
    return self->driver < 0 ? "too many devices on its wire" : NULL;
}

static void changed(struct sim_device *device) {
    move((struct sim_button *)device);
}

static const struct sim_key keys[] = {
    {"pin", SIM_KEY_WIRE, offsetof(struct sim_button, pin), true, 0, 0, 0},
    {"active", SIM_KEY_NUMBER, offsetof(struct sim_button, active), false, 0, 0,
     1},
    {"pressed", SIM_KEY_SPANS, offsetof(struct sim_button, pressed), false, 0,
     0, 0},
    {"bounce", SIM_KEY_NUMBER, offsetof(struct sim_button, bounce), false, 0, 0,
     20},
    {"held", SIM_KEY_NUMBER, offsetof(struct sim_button, held), false, 0, 0, 1},
};

const struct sim_kind sim_button = {
    .name = "button",
    .size = sizeof(struct sim_button),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_UNPLUGGED,
    .start = start,
    .changed = changed,
};
