// SPDX-License-Identifier: MIT
// MicroPython's heap on the board. It grows in splits: MicroPython asks for
// another one when it is full; an ESP32 gives it what its system heap has
// left, the board what --heap says.
#ifndef BOARD_HEAP_H
#define BOARD_HEAP_H

#include <stddef.h>

// With --heap-watch: collect often. Call after each gc_init().
void board_heap_watch(void);

// The most bytes that a garbage collection has left since the last call, over
// resets too; 0 when there was none. Right to WATCH_BYTES with --heap-watch.
size_t board_heap_take_peak(void);

#endif
