// SPDX-License-Identifier: MIT
// QEMU's machine `virt` with a 32-bit RISC-V: the image at 0x81000000, flash
// at 0x82000000, the heap at 0x83000000, all in its RAM, which the host keeps
// in a file; the link is a 16550 on PCI (pci-serial at address 2).
#include <stdio.h>
#include <stdlib.h>

#include "py/mphal.h"

#include "targets/common/port.h"

#define IMAGE ((const struct target_image *)0x81000000)
#define FLASH ((uint8_t *)0x82000000)
#define HEAP ((uint8_t *)0x83000000)

// PCI's configuration space of device 2, and where its ports are to appear.
#define PCI_COMMAND (*(volatile uint32_t *)0x30010004)
#define PCI_BAR0 (*(volatile uint32_t *)0x30010010)
enum { PORTS = 0x1000, PCI_COMMAND_IO = 1 };
#define UART ((volatile uint8_t *)(0x03000000 + PORTS))
enum { DATA = 0, FIFO_CONTROL = 2, LINE_STATUS = 5 };
enum { FIFO_ENABLE = 1, DATA_READY = 0x01, TRANSMITTER_EMPTY = 0x20 };

enum { TICKS_A_MICROSECOND = 10, PAUSE = 50 };

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
    if (PCI_COMMAND == 0xffffffff) {
        return false;
    }
    PCI_BAR0 = PORTS;
    PCI_COMMAND |= PCI_COMMAND_IO;
    UART[FIFO_CONTROL] = FIFO_ENABLE;
    return true;
}

static bool has_byte(void) {
    return UART[LINE_STATUS] & DATA_READY;
}

// Asked over and over it leaves QEMU time to bring the next byte.
bool target_link_readable(void) {
    if (has_byte()) {
        return true;
    }
    uint64_t end = target_microseconds() + PAUSE;
    while (target_microseconds() < end) {
    }
    return has_byte();
}

int target_link_read(uint8_t *data, size_t size) {
    size_t count = 0;
    while (count < size && has_byte()) {
        data[count++] = UART[DATA];
    }
    return (int)count;
}

int target_link_write(const uint8_t *data, size_t size) {
    size_t count = 0;
    while (count < size && UART[LINE_STATUS] & TRANSMITTER_EMPTY) {
        UART[DATA] = data[count++];
    }
    return (int)count;
}

// The counter itself, for a timer behind the bus would be asked too often:
// QEMU answers nobody else meanwhile.
uint64_t target_microseconds(void) {
    uint32_t high;
    uint32_t low;
    uint32_t again;
    do {
        __asm volatile("rdtimeh %0" : "=r"(high));
        __asm volatile("rdtime %0" : "=r"(low));
        __asm volatile("rdtimeh %0" : "=r"(again));
    } while (high != again);
    return ((uint64_t)high << 32 | low) / TICKS_A_MICROSECOND;
}

static uint64_t instructions(void) {
    uint32_t high;
    uint32_t low;
    uint32_t again;
    do {
        __asm volatile("csrr %0, minstreth" : "=r"(high));
        __asm volatile("csrr %0, minstret" : "=r"(low));
        __asm volatile("csrr %0, minstreth" : "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

void target_mark(const char *name) {
    uint64_t count = instructions();
    mp_printf(&mp_plat_print, "instructions %s %lu%09lu\n", name,
              (unsigned long)(count / 1000000000),
              (unsigned long)(count % 1000000000));
}

void target_exit(int code) {
    exit(code);
    for (;;) {
    }
}

int __wrap_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    target_run(__builtin_frame_address(0));
    return 0;
}
