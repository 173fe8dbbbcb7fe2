// SPDX-License-Identifier: MIT
#include "sim/htu21d.h"

#include <math.h>

enum {
    ADDRESS = 0x40,
    TEMPERATURE_HOLD = 0xe3,
    HUMIDITY_HOLD = 0xe5,
    TEMPERATURE = 0xf3,
    HUMIDITY = 0xf5,
    WRITE_USER = 0xe6,
    READ_USER = 0xe7,
    SOFT_RESET = 0xfe,
};

enum {
    USER_DEFAULT = 0x02, // OTP reload disabled
    USER_WRITABLE = 0x87,
    USER_HEATER = 0x04,
    USER_BATTERY = 0x40, // VDD is below 2.25 V
    STATUS_HUMIDITY = 0x02,
    POWER_UP_MS = 15,
    SLOW = 20,
};

// By resolution, bit 7 and bit 0 of the user register: bits and the longest
// time to measure them, in milliseconds (p. 3 and 5).
static const struct {
    uint8_t humidity_bits;
    uint8_t humidity_ms;
    uint8_t temperature_bits;
    uint8_t temperature_ms;
} resolutions[] = {
    {12, 16, 14, 50}, {8, 3, 12, 13}, {10, 5, 13, 25}, {11, 8, 11, 7}};

static struct sim_htu21d *from(void *device) {
    return device;
}

static uint64_t now(const struct sim_htu21d *self) {
    return self->device.world->clock.now;
}

// x^8 + x^5 + x^4 + 1, from 0, by its definition: a long division.
static uint8_t crc(const uint8_t *bytes, size_t size) {
    uint32_t rest = 0;
    for (size_t i = 0; i <= size; i++) {
        for (int bit = 7; bit >= 0; bit--) {
            rest = rest << 1 | (i < size ? bytes[i] >> bit & 1 : 0);
            if (rest & 0x100) {
                rest ^= 0x131;
            }
        }
    }
    return (uint8_t)rest;
}

// A quantity as a share of 2^16, cut to so many bits.
static uint16_t share(double part, unsigned bits) {
    double scaled = floor(part * 65536 + 0.5);
    uint32_t raw = scaled < 0 ? 0 : scaled > 65535 ? 65535 : (uint32_t)scaled;
    return (uint16_t)(raw >> (16 - bits) << (16 - bits));
}

static void answer(struct sim_htu21d *self, uint16_t value) {
    self->answer[0] = (uint8_t)(value >> 8);
    self->answer[1] = (uint8_t)value;
    self->answer[2] = crc(self->answer, 2);
    self->answers = 3;
    if (sim_device_has(&self->device, SIM_FAULT_CRC)) {
        self->answer[2] ^= 0x55;
    }
}

// What is sensed is that of the end of the measurement.
static void measure(struct sim_htu21d *self, bool humidity) {
    unsigned index = (self->user >> 7) * 2 + (self->user & 1);
    uint64_t ms = humidity ? resolutions[index].humidity_ms
                           : resolutions[index].temperature_ms;
    if (sim_device_has(&self->device, SIM_FAULT_SLOW)) {
        ms *= SLOW;
    }
    self->ready = now(self) + ms * SIM_MS;
    if (humidity) {
        // RH = -6 + 125 * S / 2^16
        double percent = sim_source_at(&self->humidity, self->ready);
        answer(self, (uint16_t)(share((percent + 6) / 125,
                                      resolutions[index].humidity_bits) |
                                STATUS_HUMIDITY));
    } else {
        // T = -46.85 + 175.72 * S / 2^16; the heater adds 0.5 to 1.5 degrees.
        double celsius = sim_source_at(&self->temperature, self->ready);
        celsius += self->user & USER_HEATER ? 1 : 0;
        answer(self, share((celsius + 46.85) / 175.72,
                           resolutions[index].temperature_bits));
    }
    self->user &= (uint8_t)~USER_BATTERY;
    self->user |= self->supply < 2.25 ? USER_BATTERY : 0;
}

// The heater's bit is the only one that a soft reset keeps.
static void reset(struct sim_htu21d *self, uint8_t keep) {
    self->user = (uint8_t)(USER_DEFAULT | (self->user & keep));
    self->answers = 0;
    self->command = 0;
    self->deaf_until = now(self) + (uint64_t)POWER_UP_MS * SIM_MS;
}

static bool is_measuring(const struct sim_htu21d *self) {
    return self->answers == 3 && self->ready > now(self);
}

static bool addressed(void *device, bool read) {
    struct sim_htu21d *self = from(device);
    bool holds =
        self->command == TEMPERATURE_HOLD || self->command == HUMIDITY_HOLD;
    self->position = 0;
    if (now(self) < self->deaf_until) {
        return false;
    }
    if (read) {
        return self->answers > 0 && (holds || !is_measuring(self));
    }
    return !is_measuring(self);
}

static bool take_command(struct sim_htu21d *self, uint8_t command) {
    self->command = command;
    self->answers = 0;
    switch (command) {
    case TEMPERATURE_HOLD:
    case TEMPERATURE:
        measure(self, false);
        return true;
    case HUMIDITY_HOLD:
    case HUMIDITY:
        measure(self, true);
        return true;
    case READ_USER:
        self->answer[0] = self->user;
        self->answers = 1;
        self->ready = 0;
        return true;
    case SOFT_RESET:
    case WRITE_USER:
        return true;
    default:
        return false;
    }
}

static bool written(void *device, uint8_t byte) {
    struct sim_htu21d *self = from(device);
    if (self->position++ == 0) {
        return take_command(self, byte);
    }
    if (self->command == WRITE_USER && self->position == 2) {
        self->user =
            (uint8_t)((self->user & ~USER_WRITABLE) | (byte & USER_WRITABLE));
        return true;
    }
    return false;
}

static uint64_t ready(void *device) {
    struct sim_htu21d *self = from(device);
    return self->position == 0 ? self->ready : 0;
}

// Behind the last byte nothing drives SDA.
static uint8_t read_byte(void *device) {
    struct sim_htu21d *self = from(device);
    uint8_t at = self->position++;
    return at < self->answers ? self->answer[at] : 0xff;
}

// An answer that was read is gone.
static void stopped(void *device) {
    struct sim_htu21d *self = from(device);
    if (self->command == SOFT_RESET) {
        reset(self, USER_HEATER);
    }
    if (self->command != 0 && self->target.read) {
        self->answers = 0;
        self->command = 0;
    }
}

static const struct sim_i2c_ops ops = {addressed, written, ready, read_byte,
                                       stopped};

static const char *start(struct sim_device *device) {
    struct sim_htu21d *self = from(device);
    self->target.device = device;
    self->target.ops = &ops;
    self->target.scl = self->scl;
    self->target.sda = self->sda;
    self->target.address = ADDRESS;
    reset(self, 0);
    return sim_i2c_target_start(&self->target);
}

static void changed(struct sim_device *device) {
    struct sim_htu21d *self = from(device);
    if (sim_device_has(device, SIM_FAULT_UNPLUGGED)) {
        self->user = USER_DEFAULT;
        reset(self, 0);
    }
    sim_i2c_target_changed(&self->target);
}

static const struct sim_key keys[] = {
    {"scl", SIM_KEY_WIRE, offsetof(struct sim_htu21d, scl), true, 0, 0, 0},
    {"sda", SIM_KEY_WIRE, offsetof(struct sim_htu21d, sda), true, 0, 0, 0},
    {"temperature", SIM_KEY_SOURCE, offsetof(struct sim_htu21d, temperature),
     false, 21, -40, 125},
    {"humidity", SIM_KEY_SOURCE, offsetof(struct sim_htu21d, humidity), false,
     45, 0, 100},
    {"supply", SIM_KEY_NUMBER, offsetof(struct sim_htu21d, supply), false, 3.3,
     1.5, 3.6},
};

const struct sim_kind sim_htu21d = {
    .name = "htu21d",
    .size = sizeof(struct sim_htu21d),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_NACK | SIM_FAULT_CRC | SIM_FAULT_STUCK |
              SIM_FAULT_STRETCH | SIM_FAULT_UNPLUGGED | SIM_FAULT_SLOW,
    .start = start,
    .changed = changed,
};
