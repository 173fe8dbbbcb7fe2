// SPDX-License-Identifier: MIT
#include "sim/i2c_target.h"

enum { IDLE, ADDRESS, RECEIVE, SEND, SENT };
enum { ACK_BIT = 8, STRETCH_MS = 100 };

static struct sim_wires *wires(const struct sim_i2c_target *target) {
    return &target->device->world->wires;
}

static void drive_sda(struct sim_i2c_target *target, bool low) {
    bool stuck = sim_device_has(target->device, SIM_FAULT_STUCK);
    sim_wires_drive(wires(target), target->sda, target->sda_driver,
                    low || stuck ? SIM_LOW : SIM_RELEASE);
}

static void drive_scl(struct sim_i2c_target *target, bool low) {
    sim_wires_drive(wires(target), target->scl, target->scl_driver,
                    low ? SIM_LOW : SIM_RELEASE);
}

static void finish(struct sim_i2c_target *target) {
    bool was_busy = target->state != IDLE;
    target->state = IDLE;
    target->bits = 0;
    drive_sda(target, false);
    if (was_busy) {
        target->ops->stop(target->device);
    }
}

static void hold(struct sim_i2c_target *target, uint64_t until) {
    struct sim_clock *clock = &target->device->world->clock;
    if (until > clock->now) {
        drive_scl(target, true);
        sim_alarm_set(clock, &target->hold, until - clock->now, 0);
    }
}

static void drive_bit(struct sim_i2c_target *target) {
    drive_sda(target, !(target->byte >> (7 - target->bits) & 1));
}

static void load(struct sim_i2c_target *target) {
    target->bits = 0;
    target->byte = target->ops->read(target->device);
    drive_bit(target);
}

// SCL is low: the next byte goes onto SDA, as soon as there is one.
static void send_next(struct sim_i2c_target *target) {
    struct sim_clock *clock = &target->device->world->clock;
    uint64_t ready = target->ops->ready(target->device);
    target->state = SEND;
    if (ready > clock->now) {
        target->bits = 0xff; // waiting; see release()
        hold(target, ready);
    } else {
        load(target);
    }
}

static void release(void *context) {
    struct sim_i2c_target *target = context;
    if (target->state == SEND && target->bits == 0xff) {
        load(target);
    }
    drive_scl(target, false);
}

static bool take_byte(struct sim_i2c_target *target) {
    if (sim_device_has(target->device, SIM_FAULT_NACK)) {
        return false;
    }
    if (target->state == ADDRESS) {
        target->read = target->byte & 1;
        return target->byte >> 1 == target->address &&
               target->ops->start(target->device, target->read);
    }
    return target->ops->write(target->device, target->byte);
}

// The clock falls behind the eighth bit: now or never SDA says ACK.
static void acknowledge(struct sim_i2c_target *target) {
    target->acknowledged = take_byte(target);
    drive_sda(target, target->acknowledged);
    if (target->acknowledged &&
        sim_device_has(target->device, SIM_FAULT_STRETCH)) {
        hold(target,
             target->device->world->clock.now + (uint64_t)STRETCH_MS * SIM_MS);
    }
}

static void falls_receiving(struct sim_i2c_target *target) {
    if (target->bits == ACK_BIT) {
        acknowledge(target);
    } else if (target->bits > ACK_BIT) {
        bool send = target->state == ADDRESS && target->read;
        drive_sda(target, false);
        target->bits = 0;
        target->state = target->acknowledged ? RECEIVE : IDLE;
        if (target->acknowledged && send) {
            send_next(target);
        }
    }
}

static void falls_sending(struct sim_i2c_target *target) {
    if (target->bits < ACK_BIT) {
        drive_bit(target);
    } else if (target->bits == ACK_BIT) {
        drive_sda(target, false);
    } else if (target->acknowledged) {
        send_next(target);
    } else {
        target->state = SENT; // the controller has had enough
    }
}

static void clock_rises(struct sim_i2c_target *target) {
    bool bit = sim_wires_level(wires(target), target->sda);
    if (target->state == SEND) {
        target->acknowledged = !bit; // counts at the ninth bit only
    } else if (target->bits < ACK_BIT) {
        target->byte = (uint8_t)(target->byte << 1 | bit);
    }
    target->bits++;
}

static void watch_scl(void *context, int wire, bool level) {
    struct sim_i2c_target *target = context;
    (void)wire;
    if (target->state == IDLE || target->state == SENT) {
        return;
    }
    if (level) {
        clock_rises(target);
    } else if (target->state == SEND) {
        falls_sending(target);
    } else {
        falls_receiving(target);
    }
}

// SDA moves while SCL is high: a start or a stop.
static void watch_sda(void *context, int wire, bool level) {
    struct sim_i2c_target *target = context;
    (void)wire;
    if (!sim_wires_level(wires(target), target->scl) ||
        sim_device_has(target->device, SIM_FAULT_UNPLUGGED)) {
        return;
    }
    finish(target);
    if (!level) {
        target->state = ADDRESS;
    }
}

const char *sim_i2c_target_start(struct sim_i2c_target *target) {
    target->hold.ring = release;
    target->hold.context = target;
    sim_wires_resistor(wires(target), target->scl, SIM_PULL_UP);
    sim_wires_resistor(wires(target), target->sda, SIM_PULL_UP);
    target->scl_driver = sim_wires_driver(wires(target), target->scl);
    target->sda_driver = sim_wires_driver(wires(target), target->sda);
    if (target->scl_driver < 0 || target->sda_driver < 0 ||
        !sim_wires_watch(wires(target), target->scl, watch_scl, target) ||
        !sim_wires_watch(wires(target), target->sda, watch_sda, target)) {
        return "too many devices on its wires";
    }
    return NULL;
}

void sim_i2c_target_changed(struct sim_i2c_target *target) {
    if (sim_device_has(target->device, SIM_FAULT_UNPLUGGED)) {
        finish(target);
        sim_alarm_stop(&target->device->world->clock, &target->hold);
        drive_scl(target, false);
    }
    if (target->state == IDLE || target->state == SENT) {
        drive_sda(target, false);
    }
}
