// SPDX-License-Identifier: MIT
#include "board/pwm.h"

#include "board/machine.h"
#include "board/world.h"

enum { CHANNELS = 16, TIMERS = 8, CLOCK = 80000000, BITS_MAX = 16 };

static struct {
    struct board_pwm pwm;
    uint64_t began;
    struct sim_alarm edge;
} channels[SIM_WIRES];

int board_pwm_bits(uint32_t hertz) {
    uint32_t steps = CLOCK / hertz;
    int bits = 0;
    while (steps > 1 && bits < BITS_MAX) {
        steps >>= 1;
        bits++;
    }
    return bits > 0 ? bits : 1;
}

struct board_pwm *board_pwm(int pin) {
    return channels[pin].pwm.hertz > 0 ? &channels[pin].pwm : NULL;
}

// Whether one more frequency, and at one more pin, can be had.
static bool is_possible(int pin, uint32_t hertz) {
    uint32_t timers[TIMERS];
    int timer_count = 0;
    int used = 0;
    for (int i = 0; i < SIM_WIRES; i++) {
        uint32_t one = i == pin ? hertz : channels[i].pwm.hertz;
        bool known = one == 0;
        used += one != 0;
        for (int j = 0; j < timer_count; j++) {
            known = known || timers[j] == one;
        }
        if (!known && timer_count == TIMERS) {
            return false;
        }
        if (!known) {
            timers[timer_count++] = one;
        }
    }
    return used <= CHANNELS;
}

// Drives the level of this moment. Returns nanoseconds to the next edge, or
// SIM_NEVER.
static uint64_t drive(struct sim_world *world, int pin) {
    const struct board_pwm *pwm = &channels[pin].pwm;
    uint64_t period = SIM_SECOND / pwm->hertz;
    uint64_t on = period * pwm->duty >> 16;
    uint64_t at = (world->clock.now - channels[pin].began) % period;
    sim_wires_drive(&world->wires, pin, SIM_PROCESSOR,
                    at < on ? SIM_HIGH : SIM_LOW);
    if (on == 0 || on == period) {
        return SIM_NEVER;
    }
    return at < on ? on - at : period - at;
}

static bool is_watched(const struct sim_world *world, int pin) {
    return world->wires.wires[pin].watcher_count > 0;
}

static void edge(void *context) {
    struct sim_world *world = board_world_enter();
    int pin = (int)(intptr_t)context;
    uint64_t next = drive(world, pin);
    if (next != SIM_NEVER && is_watched(world, pin)) {
        sim_alarm_set(&world->clock, &channels[pin].edge, next, 0);
    }
    board_world_leave();
}

void board_pwm_look(int pin) {
    if (channels[pin].pwm.hertz > 0) {
        edge((void *)(intptr_t)pin);
    }
}

bool board_pwm_set(int pin, uint32_t hertz, uint16_t duty) {
    if (!is_possible(pin, hertz)) {
        return false;
    }
    struct sim_world *world = board_world_enter();
    channels[pin].pwm.hertz = hertz;
    channels[pin].pwm.duty = duty;
    channels[pin].began = world->clock.now;
    channels[pin].edge.ring = edge;
    channels[pin].edge.context = (void *)(intptr_t)pin;
    sim_alarm_stop(&world->clock, &channels[pin].edge);
    sim_vcd_pwm(&board_vcd, pin, hertz, duty / 65536.0);
    edge((void *)(intptr_t)pin);
    board_world_leave();
    return true;
}

void board_pwm_stop(int pin) {
    struct sim_world *world = board_world_enter();
    if (channels[pin].pwm.hertz > 0) {
        channels[pin].pwm.hertz = 0;
        sim_alarm_stop(&world->clock, &channels[pin].edge);
        sim_wires_drive(&world->wires, pin, SIM_PROCESSOR, SIM_LOW);
        sim_vcd_pwm(&board_vcd, pin, 0, 0);
    }
    board_world_leave();
}

void board_pwm_stop_all(void) {
    for (int pin = 0; pin < SIM_WIRES; pin++) {
        board_pwm_stop(pin);
    }
}
