// SPDX-License-Identifier: MIT
// What an emulated target offers beside MicroPython's own port: memory that
// the host fills and keeps, a byte link, an instruction count. Implemented by
// targets/<target>/port.c, shown to Python as module `target` (target.c).
#ifndef TARGETS_COMMON_PORT_H
#define TARGETS_COMMON_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TARGET_MAGIC = 0x786f6c62, // "blox"
    TARGET_PAGE = 4096,        // of the image: its head; of flash: a block
    TARGET_STACK = 14 * 1024,  // bytes that Python may use, as on an ESP32
    TARGET_START = 9497 * 24 * 60 * 60, // the year 2026, where every run
                                        // starts: seconds since 2000-01-01
};

// The head of the image that the host makes; the ROMFS follows a page behind.
struct target_image {
    uint32_t magic;
    uint32_t rom_size;   // bytes of the ROMFS
    uint32_t flash_size; // bytes of flash to use; whole blocks
    uint32_t heap_size;  // bytes of heap for MicroPython
};

// The image of this run. Returns NULL when the host gave none.
const struct target_image *target_image(void);

// Memory that outlives a reset, erased to 0xff when new.
uint8_t *target_flash(void);

// Memory for the heap, image->heap_size bytes of it; executable, since native
// modules are loaded into it.
uint8_t *target_heap(void);

// Makes the link ready. Returns false when this target has none.
bool target_link_open(void);

// At most size bytes that have come, or as many as go out now; neither waits.
// Return their number, 0 for none now, -1 when the other side has hung up.
int target_link_read(uint8_t *data, size_t size);
int target_link_write(const uint8_t *data, size_t size);

// Whether a byte is there to be read.
bool target_link_readable(void);

// Says how many instructions have been executed so far, as a line on the
// console: "instructions <name> <count>". Exact where the emulator counts
// (docs/targets.md).
void target_mark(const char *name);

// Microseconds since some moment before the start.
uint64_t target_microseconds(void);

// Ends the emulator; the code is what it exits with.
_Noreturn void target_exit(int code);

// Runs the image: every port's main() comes here. `stack_top` is where the
// scan for garbage begins.
void target_run(void *stack_top);

#endif
