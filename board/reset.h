// SPDX-License-Identifier: MIT
// Resets, and what lives through them: an ESP32's always-on domain with the
// reset cause, the clock and RTC memory. A reset starts the program anew in
// the same process, so the pty stays; a power cycle is a new process.
#ifndef BOARD_RESET_H
#define BOARD_RESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As machine.reset_cause() numbers them.
enum board_reset {
    BOARD_RESET_POWER_ON = 1,
    BOARD_RESET_HARD = 2,
    BOARD_RESET_WATCHDOG = 3,
    BOARD_RESET_DEEPSLEEP = 4,
    BOARD_RESET_SOFT = 5,
};

enum { BOARD_RTC_MEMORY = 2048 };

// Lost at a power cycle only.
struct board_always_on {
    enum board_reset cause;    // why this boot
    int pty;                   // the console's descriptor, -1 at power-on
    size_t heap_peak;          // see board_heap_take_peak()
    int64_t clock_us;          // added to the world's clock gives the board's
    uint64_t powered_ns;       // the host's clock at power-on
    uint64_t world_ns;         // the world's clock when it was last seen
    uint64_t flash_operations; // of the boots before this one
    uint16_t memory_size;      // RTC().memory()
    uint8_t memory[BOARD_RTC_MEMORY];
};

// Finds the domain of the boot before, or powers a new one. Call once, first.
void board_reset_init(char **argv);

// The domain; never NULL after board_reset_init().
struct board_always_on *board_always_on(void);

// Why this boot, or BOARD_RESET_SOFT after a soft reset.
enum board_reset board_reset_cause(void);

// Notes a soft reset for board_reset_cause(), closes what the program opened.
void board_reset_soft(void);

// Resets from any thread, in the middle of anything.
_Noreturn void board_reset_now(enum board_reset cause);

// The end of power: what is on flash stays, nothing else happens.
_Noreturn void board_power_cut(void);

// Moves a descriptor of the board's own out of the range that a reset closes.
// Returns the new one; ends the program with a sentence when there is none.
int board_keep_fd(int fd, bool over_reset);

#endif
