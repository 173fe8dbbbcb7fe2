// SPDX-License-Identifier: MIT
// The silicon around the processor, played by one thread beside MicroPython's:
// it waits for descriptors (the pty, timers, the control socket), calls what
// watches them, and interrupts the processor.
#ifndef BOARD_HARDWARE_H
#define BOARD_HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

// Called in the hardware thread when a watched descriptor is ready. It must
// not touch Python objects but for mp_sched_schedule() and the like.
typedef void board_watch(void *context);

// Starts the thread. Call once, in MicroPython's main thread.
void board_hardware_start(void);

// Calls watch(context) whenever fd becomes ready to read (edge-triggered: it
// reads all there is). The descriptor is one of board_keep_fd().
void board_hardware_watch(int fd, board_watch *watch, void *context);

// Calls the watch of fd again if something is still to be read.
void board_hardware_look_again(int fd);

// An interrupt: ends board_hardware_wait() and, as long as MicroPython has
// something pending, system calls its main thread is blocked in.
void board_hardware_wake(void);

// Whether this is MicroPython's main thread.
bool board_hardware_is_main(void);

// Sleeps until an interrupt, at most ms milliseconds (-1: for ever), with the
// GIL released.
void board_hardware_wait(int ms);

// A timer of the hardware: returns its descriptor, for board_hardware_watch.
int board_hardware_timer(void);

// Lets a timer fire in first_us and then every period_us (0: never again);
// first_us 0 stops it.
void board_hardware_timer_set(int fd, uint64_t first_us, uint64_t period_us);

// Takes the mark that a timer fired. Returns how often it did.
uint64_t board_hardware_timer_take(int fd);

#endif
