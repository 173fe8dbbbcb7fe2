// SPDX-License-Identifier: MIT
// QEMU's machine `mps2-an386`, a Cortex-M4F: the image at 0x21000000, flash at
// 0x21400000, the heap at 0x21800000, all in its 16 MiB of PSRAM, which the
// host keeps in a file; the link is the second UART.
#include <stdlib.h>

#include "py/mphal.h"
#include "py/mpprint.h"

#include "targets/common/port.h"

#define IMAGE ((const struct target_image *)0x21000000)
#define FLASH ((uint8_t *)0x21400000)
#define HEAP ((uint8_t *)0x21800000)

// The second UART (Arm Cortex-M System Design Kit, APB UART).
struct uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupt;
    volatile uint32_t divider;
};
#define UART ((struct uart *)0x40005000)
enum { TRANSMIT_FULL = 1, RECEIVE_FULL = 2, ENABLE_BOTH = 3, DIVIDER = 16 };
enum { PAUSE = 5000 }; // turns of an empty loop

// The dual timer's first half: counts down at 25 MHz.
#define TIMER_LOAD (*(volatile uint32_t *)0x40002000)
#define TIMER_VALUE (*(volatile uint32_t *)0x40002004)
#define TIMER_CONTROL (*(volatile uint32_t *)0x40002008)
enum { TIMER_RUN_32_BITS = 0x82, TIMER_MHZ = 25 };

// Who may use the floating-point unit: everybody.
#define CPACR (*(volatile uint32_t *)0xe000ed88)
enum { CPACR_FPU = 0xf << 20 };

int __wrap_main(int argc, char **argv);

const struct target_image *target_image(void) {
    return IMAGE->magic == TARGET_MAGIC ? IMAGE : NULL;
}

uint8_t *target_flash(void) {
    return FLASH;
}

uint8_t *target_heap(void) {
    return HEAP;
}

bool target_link_open(void) {
    UART->divider = DIVIDER;
    UART->control = ENABLE_BOTH;
    return true;
}

static bool has_byte(void) {
    return UART->state & RECEIVE_FULL;
}

// Asked over and over it leaves QEMU time to bring the next byte.
bool target_link_readable(void) {
    if (has_byte()) {
        return true;
    }
    for (volatile int i = 0; i < PAUSE; ++i) {
    }
    return has_byte();
}

int target_link_read(uint8_t *data, size_t size) {
    size_t count = 0;
    while (count < size && has_byte()) {
        data[count++] = (uint8_t)UART->data;
    }
    return (int)count;
}

int target_link_write(const uint8_t *data, size_t size) {
    size_t count = 0;
    while (count < size && !(UART->state & TRANSMIT_FULL)) {
        UART->data = data[count++];
    }
    return (int)count;
}

// Ticks since the start. It is read often enough for no turn to be missed.
static uint64_t ticks(void) {
    static uint32_t last;
    static uint64_t total;
    uint32_t now = ~TIMER_VALUE;
    total += now - last;
    last = now;
    return total;
}

uint64_t target_microseconds(void) {
    return ticks() / TIMER_MHZ;
}

// QEMU is told that an instruction takes 32 ns (-icount shift=5), a tick takes
// 40 ns: the count is exact to two instructions.
void target_mark(const char *name) {
    uint64_t count = ticks() * 5 / 4;
    mp_printf(&mp_plat_print, "instructions %s %lu%09lu\n", name,
              (unsigned long)(count / 1000000000),
              (unsigned long)(count % 1000000000));
}

// SYS_EXIT_EXTENDED of semihosting: what exit() calls tells the host of success
// or failure, and no more.
void target_exit(int code) {
    enum { SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };
    const uint32_t arguments[] = {APPLICATION_EXIT, (uint32_t)code};
    register uint32_t operation __asm("r0") = SYS_EXIT_EXTENDED;
    register const uint32_t *argument __asm("r1") = arguments;
    __asm volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
    for (;;) {
    }
}

int __wrap_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    CPACR |= CPACR_FPU;
    __asm volatile("dsb\n isb");
    TIMER_LOAD = UINT32_MAX;
    TIMER_CONTROL = TIMER_RUN_32_BITS;
    target_run(__builtin_frame_address(0));
    return 0;
}
