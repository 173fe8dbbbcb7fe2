// SPDX-License-Identifier: MIT
#include "sim/sds011.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    HEAD = 0xaa,
    TAIL = 0xab,
    COMMAND = 0xb4,
    ANSWER = 0xc5,
    MEASUREMENT = 0xc0,
    MODE = 2,
    QUERY = 4,
    SET_ID = 5,
    SLEEP = 6,
    FIRMWARE = 7,
    PERIOD = 8,
    ANY = 0xffff,
};

enum {
    WORK_SECONDS = 30,
    ANSWER_MS = 10,
    SLOW_MS = 3000,
    NOISE_MS = 20,
    FRAME = 10,
};

static struct sim_clock *clock_of(struct sim_sds011 *self) {
    return &self->device.world->clock;
}

static bool is_there(const struct sim_sds011 *self) {
    return !sim_device_has(&self->device, SIM_FAULT_UNPLUGGED);
}

static void send_waiting(void *context) {
    struct sim_sds011 *self = context;
    if (is_there(self)) {
        sim_serial_send(&self->line, self->waiting, FRAME);
    }
}

// data is six bytes, or four and the id.
static void frame(struct sim_sds011 *self, uint8_t *out, uint8_t kind,
                  const uint8_t data[4]) {
    uint8_t sum = 0;
    out[0] = HEAD;
    out[1] = kind;
    memcpy(out + 2, data, 4);
    out[6] = (uint8_t)(self->number >> 8);
    out[7] = (uint8_t)self->number;
    for (int i = 2; i < 8; i++) {
        sum = (uint8_t)(sum + out[i]);
    }
    out[8] = sim_device_has(&self->device, SIM_FAULT_CHECKSUM)
                 ? (uint8_t)(sum + 1)
                 : sum;
    out[9] = TAIL;
}

static void answer_with(struct sim_sds011 *self, uint8_t kind,
                        const uint8_t data[4]) {
    bool slow = sim_device_has(&self->device, SIM_FAULT_SLOW);
    frame(self, self->waiting, kind, data);
    sim_alarm_set(clock_of(self), &self->late,
                  (uint64_t)(slow ? SLOW_MS : ANSWER_MS) * SIM_MS, 0);
}

static uint16_t tenths(const struct sim_source *source, uint64_t now) {
    double value = floor(sim_source_at(source, now) * 10 + 0.5);
    return (uint16_t)(value < 0 ? 0 : value > 9999 ? 9999 : value);
}

static void measure(struct sim_sds011 *self, uint8_t data[4]) {
    uint16_t pm2_5 = tenths(&self->pm2_5, clock_of(self)->now);
    uint16_t pm10 = tenths(&self->pm10, clock_of(self)->now);
    data[0] = (uint8_t)pm2_5;
    data[1] = (uint8_t)(pm2_5 >> 8);
    data[2] = (uint8_t)pm10;
    data[3] = (uint8_t)(pm10 >> 8);
}

static void report(struct sim_sds011 *self) {
    uint8_t data[4];
    uint8_t bytes[FRAME];
    if (is_there(self) && !self->query_mode) {
        measure(self, data);
        frame(self, bytes, MEASUREMENT, data);
        sim_serial_send(&self->line, bytes, FRAME);
    }
}

static void each_second(void *context) {
    struct sim_sds011 *self = context;
    if (!self->asleep && !self->resting && self->period == 0) {
        report(self);
    }
}

// The end of 30 s of work, or of the rest behind them.
static void each_cycle(void *context) {
    struct sim_sds011 *self = context;
    uint64_t rest = (uint64_t)self->period * 60 - WORK_SECONDS;
    if (!self->resting) {
        report(self);
    }
    self->resting = !self->resting;
    sim_alarm_set(clock_of(self), &self->cycle,
                  (self->resting ? rest : WORK_SECONDS) * SIM_SECOND, 0);
}

static void begin_period(struct sim_sds011 *self) {
    self->resting = false;
    sim_alarm_stop(clock_of(self), &self->cycle);
    if (self->period > 0 && !self->asleep) {
        sim_alarm_set(clock_of(self), &self->cycle, WORK_SECONDS * SIM_SECOND,
                      0);
    }
}

static void work(struct sim_sds011 *self, bool asleep) {
    self->asleep = asleep;
    begin_period(self);
    sim_alarm_set(clock_of(self), &self->second, SIM_SECOND, SIM_SECOND);
}

static void obey(struct sim_sds011 *self) {
    const uint8_t *command = self->command;
    bool set = command[3] != 0;
    uint8_t data[4] = {command[2], command[3], command[4], 0};
    switch (command[2]) {
    case MODE:
        self->query_mode = set ? command[4] == 1 : self->query_mode;
        data[2] = self->query_mode;
        break;
    case QUERY:
        measure(self, data);
        answer_with(self, MEASUREMENT, data);
        return;
    case SET_ID:
        self->number = (uint16_t)(command[13] << 8 | command[14]);
        memset(data + 1, 0, 3);
        break;
    case SLEEP:
        if (set) {
            work(self, command[4] == 0);
        }
        data[2] = !self->asleep;
        break;
    case FIRMWARE:
        memcpy(data + 1, (const uint8_t[]){15, 7, 10}, 3); // year, month, day
        break;
    case PERIOD:
        if (set && command[4] <= 30) {
            self->period = command[4];
            begin_period(self);
        }
        data[2] = self->period;
        break;
    default:
        return;
    }
    answer_with(self, ANSWER, data);
}

static bool is_for_us(const struct sim_sds011 *self) {
    const uint8_t *command = self->command;
    uint16_t id = (uint16_t)(command[15] << 8 | command[16]);
    uint8_t sum = 0;
    for (int i = 2; i < 17; i++) {
        sum = (uint8_t)(sum + command[i]);
    }
    bool wakes = command[2] == SLEEP && command[3] == 1 && command[4] == 1;
    return command[18] == TAIL && command[17] == sum &&
           (id == ANY || id == self->number) && (!self->asleep || wakes);
}

static void receive(void *context, uint8_t byte) {
    struct sim_sds011 *self = context;
    if (!is_there(self)) {
        return;
    }
    self->command[self->size++] = byte;
    if ((self->size == 1 && byte != HEAD) ||
        (self->size == 2 && byte != COMMAND)) {
        self->size = byte == HEAD;
    } else if (self->size == SIM_SDS011_COMMAND) {
        self->size = 0;
        if (is_for_us(self)) {
            obey(self);
        }
    }
}

// Half a frame now and then, heads and tails among it.
static void make_noise(void *context) {
    struct sim_sds011 *self = context;
    uint8_t bytes[3];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        self->seed = self->seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(self->seed >> 24);
        bytes[i] = self->seed >> 22 & 1 ? bytes[i] : HEAD;
    }
    if (is_there(self)) {
        sim_serial_send(&self->line, bytes, sizeof(bytes));
    }
}

static const char *start(struct sim_device *device) {
    struct sim_sds011 *self = (struct sim_sds011 *)device;
    struct sim_alarm *alarms[] = {&self->second, &self->cycle, &self->late,
                                  &self->noise};
    void (*rings[])(void *) = {each_second, each_cycle, send_waiting,
                               make_noise};
    for (int i = 0; i < 4; i++) {
        alarms[i]->ring = rings[i];
        alarms[i]->context = self;
    }
    self->number = (uint16_t)self->id;
    self->line.world = device->world;
    self->line.tx = self->txd;
    self->line.rx = self->rxd;
    self->line.baud = 9600;
    self->line.receive = receive;
    self->line.context = self;
    if (self->txd >= 0) {
        // A serial line rests high.
        sim_wires_resistor(&device->world->wires, self->txd, SIM_PULL_UP);
    }
    sim_serial_start(&self->line);
    work(self, false);
    return NULL;
}

static void changed(struct sim_device *device) {
    struct sim_sds011 *self = (struct sim_sds011 *)device;
    uint64_t each = (uint64_t)NOISE_MS * SIM_MS;
    if (!sim_device_has(device, SIM_FAULT_NOISE)) {
        sim_alarm_stop(clock_of(self), &self->noise);
    } else if (!self->noise.set) {
        sim_alarm_set(clock_of(self), &self->noise, each, each);
    }
    if (!is_there(self)) {
        sim_alarm_stop(clock_of(self), &self->late);
        self->size = 0;
        work(self, false);
    }
}

static void show(struct sim_device *device, char *text, size_t size) {
    const struct sim_sds011 *self = (struct sim_sds011 *)device;
    snprintf(text, size, "%s, %s mode, period %u min, id %04X",
             self->asleep || self->resting ? "asleep" : "working",
             self->query_mode ? "query" : "active", self->period, self->number);
}

static const struct sim_key keys[] = {
    {"txd", SIM_KEY_WIRE, offsetof(struct sim_sds011, txd), true, 0, 0, 0},
    {"rxd", SIM_KEY_WIRE, offsetof(struct sim_sds011, rxd), false, 0, 0, 0},
    {"pm2_5", SIM_KEY_SOURCE, offsetof(struct sim_sds011, pm2_5), false, 8, 0,
     999.9},
    {"pm10", SIM_KEY_SOURCE, offsetof(struct sim_sds011, pm10), false, 15, 0,
     999.9},
    {"id", SIM_KEY_NUMBER, offsetof(struct sim_sds011, id), false, 0xa160, 0,
     0xfffe},
};

const struct sim_kind sim_sds011 = {
    .name = "sds011",
    .size = sizeof(struct sim_sds011),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .faults = SIM_FAULT_NOISE | SIM_FAULT_CHECKSUM | SIM_FAULT_UNPLUGGED |
              SIM_FAULT_SLOW,
    .start = start,
    .changed = changed,
    .show = show,
};
