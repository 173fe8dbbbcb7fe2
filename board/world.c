// SPDX-License-Identifier: MIT
#include "board/world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "py/mpthread.h"
#include "py/runtime.h"

#include "board/hardware.h"
#include "board/options.h"
#include "board/reset.h"
#include "board/scenario.h"

enum {
    INTERRUPTS = 64, // collected within one visit, others are lost
    AHEAD_US = 100,  // how far a bus may take the world ahead
    BOOT_MS = 300,   // from power-on to MicroPython, on an ESP32
    FLUSH_MS = 200,  // how stale a trace on disk may be
};

bool board_world_is_fast;
struct sim_vcd board_vcd;

static struct sim_world world;
static pthread_mutex_t lock;
static int depth;
static uint64_t booted; // world's time at the last reset
static int timer_fd;
static uint64_t armed = SIM_NEVER;
static struct sim_alarm flush;

static struct {
    mp_obj_t callback;
    mp_obj_t argument;
} interrupts[INTERRUPTS];
static int interrupt_count;
static bool wake;

static uint64_t host_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SIM_SECOND + (uint64_t)now.tv_nsec;
}

static uint64_t since_power_on(void) {
    return host_ns() - board_always_on()->powered_ns;
}

static void arm(void) {
    uint64_t next = sim_clock_next(&world.clock);
    if (board_world_is_fast || next == armed) {
        return;
    }
    armed = next;
    uint64_t now = since_power_on();
    uint64_t in_us = next <= now ? 1 : (next - now) / SIM_US + 1;
    board_hardware_timer_set(timer_fd, next == SIM_NEVER ? 0 : in_us, 0);
}

struct sim_world *board_world_enter(void) {
    pthread_mutex_lock(&lock);
    if (depth++ == 0 && !board_world_is_fast) {
        sim_clock_run(&world.clock, since_power_on());
    }
    return &world;
}

// The scheduler has a lock of its own, which a program may hold for long
// (machine.disable_irq()): it is taken with the world unlocked.
void board_world_leave(void) {
    mp_obj_t calls[2 * INTERRUPTS];
    int count = 0;
    bool wakes = false;
    if (--depth == 0) {
        count = interrupt_count;
        memcpy(calls, interrupts, sizeof(interrupts[0]) * (size_t)count);
        interrupt_count = 0;
        wakes = wake;
        wake = false;
        board_always_on()->world_ns = world.clock.now;
        arm();
    }
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < count; i++) {
        mp_sched_schedule(calls[2 * i], calls[2 * i + 1]);
    }
    // Time that the program itself passes needs nobody to be woken.
    if (wakes && !(board_world_is_fast && board_hardware_is_main())) {
        board_hardware_wake();
    }
}

void board_world_wake(void) {
    wake = true;
}

void board_interrupt(mp_obj_t callback, mp_obj_t argument) {
    if (interrupt_count < INTERRUPTS) {
        interrupts[interrupt_count].callback = callback;
        interrupts[interrupt_count++].argument = argument;
    }
    wake = true;
}

static void timer_fired(void *unused) {
    (void)unused;
    board_hardware_timer_take(timer_fd);
    board_world_enter();
    armed = SIM_NEVER;
    board_world_leave();
}

static void flush_trace(void *unused) {
    (void)unused;
    sim_vcd_flush(&board_vcd);
}

void board_world_flush(void) {
    board_world_enter();
    sim_vcd_flush(&board_vcd);
    board_world_leave();
}

static void start_trace(void) {
    const char *path = board_options()->vcd;
    if (path == NULL) {
        return;
    }
    if (sim_vcd_open(&board_vcd, path, &world) != 0) {
        fprintf(stderr, "board: cannot write %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    if (board_world_is_fast) {
        return; // an hour would be 18,000 flushes
    }
    flush.ring = flush_trace;
    sim_alarm_set(&world.clock, &flush, (uint64_t)FLUSH_MS * SIM_MS,
                  (uint64_t)FLUSH_MS * SIM_MS);
}

void board_world_start(void) {
    struct board_always_on *domain = board_always_on();
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &attributes);
    board_world_is_fast = board_options()->fast;
    bool power_on = domain->powered_ns == 0;
    if (power_on) {
        domain->powered_ns = host_ns() - (uint64_t)BOOT_MS * SIM_MS;
    } else {
        world.clock.now =
            board_world_is_fast ? domain->world_ns : since_power_on();
    }
    board_scenario_start(&world);
    if (power_on) {
        sim_clock_run(&world.clock, (uint64_t)BOOT_MS * SIM_MS);
    }
    booted = world.clock.now;
    timer_fd = board_hardware_timer();
    board_hardware_watch(timer_fd, timer_fired, NULL);
    start_trace();
}

uint64_t board_world_us(void) {
    return (board_world_is_fast ? world.clock.now : since_power_on()) / SIM_US;
}

uint64_t board_world_uptime_us(void) {
    return board_world_us() - booted / SIM_US;
}

void board_world_pass_us(uint64_t us) {
    if (board_world_is_fast) {
        board_world_enter();
        sim_clock_run(&world.clock, world.clock.now + us * SIM_US);
        board_world_leave();
    }
}

bool board_world_skip(uint64_t us) {
    board_world_enter();
    uint64_t next = sim_clock_next(&world.clock);
    uint64_t end = us == SIM_NEVER ? SIM_NEVER : world.clock.now + us * SIM_US;
    bool moves = next != SIM_NEVER || end != SIM_NEVER;
    if (moves) {
        sim_clock_run(&world.clock, next < end ? next : end);
    }
    board_world_leave();
    return moves;
}

int board_world_next_ms(void) {
    board_world_enter();
    uint64_t next = sim_clock_next(&world.clock);
    uint64_t now = world.clock.now;
    board_world_leave();
    return next == SIM_NEVER ? -1 : (int)((next - now + SIM_MS - 1) / SIM_MS);
}

void board_world_settle(void) {
    uint64_t ahead = 0;
    board_world_enter();
    if (!board_world_is_fast && world.clock.now > since_power_on()) {
        ahead = world.clock.now - since_power_on();
    }
    board_world_leave();
    if (ahead > (uint64_t)AHEAD_US * SIM_US) {
        struct timespec left = {.tv_sec = (time_t)(ahead / SIM_SECOND),
                                .tv_nsec = (long)(ahead % SIM_SECOND)};
        MP_THREAD_GIL_EXIT();
        nanosleep(&left, NULL);
        MP_THREAD_GIL_ENTER();
    }
}
