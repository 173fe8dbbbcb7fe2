// SPDX-License-Identifier: MIT
#include "sim/i2c_controller.h"

enum { CLEARING_CLOCKS = 9 };

static void half(struct sim_i2c_controller *bus) {
    struct sim_clock *clock = &bus->world->clock;
    sim_clock_run(clock, clock->now + SIM_SECOND / 2 / bus->hertz);
}

static void scl_low(struct sim_i2c_controller *bus) {
    sim_wires_drive(&bus->world->wires, bus->scl, SIM_PROCESSOR, SIM_LOW);
}

static void drive_sda(struct sim_i2c_controller *bus, bool high) {
    sim_wires_drive(&bus->world->wires, bus->sda, SIM_PROCESSOR,
                    high ? SIM_RELEASE : SIM_LOW);
}

static bool sda(const struct sim_i2c_controller *bus) {
    return sim_wires_level(&bus->world->wires, bus->sda);
}

// Lets SCL rise. Returns false when it is held low for too long.
static bool scl_release(struct sim_i2c_controller *bus) {
    struct sim_clock *clock = &bus->world->clock;
    uint64_t end = clock->now + bus->timeout;
    sim_wires_drive(&bus->world->wires, bus->scl, SIM_PROCESSOR, SIM_RELEASE);
    while (!sim_wires_level(&bus->world->wires, bus->scl)) {
        uint64_t next = sim_clock_next(clock);
        if (clock->now >= end) {
            return false;
        }
        sim_clock_run(clock, next < end ? next : end);
    }
    return true;
}

void sim_i2c_begin(struct sim_i2c_controller *bus) {
    sim_wires_pull(&bus->world->wires, bus->scl, SIM_PULL_UP);
    sim_wires_pull(&bus->world->wires, bus->sda, SIM_PULL_UP);
    drive_sda(bus, true);
    sim_wires_drive(&bus->world->wires, bus->scl, SIM_PROCESSOR, SIM_RELEASE);
}

// What hardware does when a bus hangs: clocks until a target that is in the
// middle of a byte lets go of SDA, then a stop.
static void clear_bus(struct sim_i2c_controller *bus) {
    drive_sda(bus, true);
    for (int i = 0; i < CLEARING_CLOCKS && !sda(bus); i++) {
        scl_low(bus);
        half(bus);
        if (!scl_release(bus)) {
            break;
        }
        half(bus);
    }
    scl_low(bus);
    drive_sda(bus, false);
    half(bus);
    sim_i2c_begin(bus);
    half(bus);
}

static enum sim_i2c_result give_up(struct sim_i2c_controller *bus) {
    clear_bus(bus);
    return SIM_I2C_TIMEOUT;
}

// One clock with SDA as given; *seen is SDA while the clock is high.
static bool clock_bit(struct sim_i2c_controller *bus, bool out, bool *seen) {
    drive_sda(bus, out);
    half(bus);
    if (!scl_release(bus)) {
        return false;
    }
    half(bus);
    *seen = sda(bus);
    scl_low(bus);
    return true;
}

static enum sim_i2c_result write_byte(struct sim_i2c_controller *bus,
                                      uint8_t byte) {
    bool seen;
    for (int i = 7; i >= 0; i--) {
        bool bit = byte >> i & 1;
        if (!clock_bit(bus, bit, &seen) || seen != bit) {
            return give_up(bus);
        }
    }
    if (!clock_bit(bus, true, &seen)) {
        return give_up(bus);
    }
    if (seen) {
        enum sim_i2c_result result = sim_i2c_stop(bus);
        return result == SIM_I2C_DONE ? SIM_I2C_NACK : result;
    }
    return SIM_I2C_DONE;
}

enum sim_i2c_result sim_i2c_start(struct sim_i2c_controller *bus,
                                  uint8_t address, bool read) {
    drive_sda(bus, true);
    half(bus);
    if (!scl_release(bus)) {
        return give_up(bus);
    }
    if (!sda(bus)) {
        clear_bus(bus); // a target waits with a bit from a transfer before
    }
    if (!sda(bus)) {
        return SIM_I2C_TIMEOUT;
    }
    half(bus);
    drive_sda(bus, false);
    half(bus);
    scl_low(bus);
    return write_byte(bus, (uint8_t)(address << 1 | read));
}

enum sim_i2c_result sim_i2c_write(struct sim_i2c_controller *bus,
                                  const uint8_t *bytes, size_t size) {
    enum sim_i2c_result result = SIM_I2C_DONE;
    for (size_t i = 0; i < size && result == SIM_I2C_DONE; i++) {
        result = write_byte(bus, bytes[i]);
    }
    return result;
}

static enum sim_i2c_result read_byte(struct sim_i2c_controller *bus,
                                     uint8_t *byte, bool acknowledge) {
    bool seen;
    *byte = 0;
    for (int i = 0; i < 8; i++) {
        if (!clock_bit(bus, true, &seen)) {
            return give_up(bus);
        }
        *byte = (uint8_t)(*byte << 1 | seen);
    }
    return clock_bit(bus, !acknowledge, &seen) ? SIM_I2C_DONE : give_up(bus);
}

enum sim_i2c_result sim_i2c_read(struct sim_i2c_controller *bus, uint8_t *bytes,
                                 size_t size, bool last) {
    enum sim_i2c_result result = SIM_I2C_DONE;
    for (size_t i = 0; i < size && result == SIM_I2C_DONE; i++) {
        result = read_byte(bus, &bytes[i], !last || i + 1 < size);
    }
    return result;
}

enum sim_i2c_result sim_i2c_stop(struct sim_i2c_controller *bus) {
    drive_sda(bus, false);
    half(bus);
    if (!scl_release(bus)) {
        return give_up(bus);
    }
    half(bus);
    drive_sda(bus, true);
    half(bus);
    return sda(bus) ? SIM_I2C_DONE : give_up(bus);
}
