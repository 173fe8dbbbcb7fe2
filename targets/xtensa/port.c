// SPDX-License-Identifier: MIT
// A Linux program under qemu-xtensa: the image is the file in argv[1], flash
// the file in argv[2], both mapped; the link is what the host opened as file
// descriptor 3. windows.S has the system calls.
#include <string.h>

#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/mpprint.h"
#include "py/runtime.h"

#include "targets/common/port.h"

// Linux's numbers for Xtensa, and what goes with them.
enum {
    SYS_OPEN = 8,
    SYS_READ = 12,
    SYS_WRITE = 13,
    SYS_LSEEK = 15,
    SYS_POLL = 16,
    SYS_MMAP2 = 80,
    SYS_EXIT_GROUP = 119,
    SYS_CLOCK_GETTIME = 245,
    SYS_MARK = 0x626c, // no call of Linux's: the plugin that counts sees it
};
enum {
    OPEN_READ_WRITE = 2,
    SEEK_TO_END = 2,
    PROT_READ_WRITE_EXEC = 7,
    MAP_SHARED_FLAG = 1,
    MAP_PRIVATE_FLAG = 2,
    MAP_ANONYMOUS_FLAG = 0x800,
    POLL_IN = 1,
    POLL_CLOSED = 0x20, // no such file descriptor
    CLOCK_MONOTONIC_ID = 1,
    EAGAIN_NUMBER = 11,
    LINK = 3,
    HEAP_MAX = 4 * 1024 * 1024,
};

extern long xtensa_syscall(long number, long a, long b, long c, long d, long e,
                           long f);
extern void **xtensa_spill(void);

void port_start(uintptr_t *sp);

static const struct target_image *image;
static uint8_t *flash;
static uint8_t *heap;

static long call3(long number, long a, long b, long c) {
    return xtensa_syscall(number, a, b, c, 0, 0, 0);
}

// --- Memory

// The whole file, writable for all who map it. Returns NULL when there is none.
static void *map_file(const char *path) {
    long file = call3(SYS_OPEN, (long)path, OPEN_READ_WRITE, 0);
    if (file < 0) {
        return NULL;
    }
    long size = call3(SYS_LSEEK, file, 0, SEEK_TO_END);
    long at = xtensa_syscall(SYS_MMAP2, 0, size, PROT_READ_WRITE_EXEC,
                             MAP_SHARED_FLAG, file, 0);
    return at < 0 && at > -4096 ? NULL : (void *)at;
}

static void *map_heap(void) {
    return (void *)xtensa_syscall(SYS_MMAP2, 0, HEAP_MAX, PROT_READ_WRITE_EXEC,
                                  MAP_PRIVATE_FLAG | MAP_ANONYMOUS_FLAG, -1, 0);
}

const struct target_image *target_image(void) {
    return image && flash && image->magic == TARGET_MAGIC ? image : NULL;
}

uint8_t *target_flash(void) {
    return flash;
}

uint8_t *target_heap(void) {
    return heap;
}

void gc_collect(void) {
    gc_collect_start();
    // All live registers of our callers are on the stack now.
    void **sp = xtensa_spill();
    uintptr_t top = (uintptr_t)MP_STATE_THREAD(stack_top);
    gc_collect_root(sp, (top - (uintptr_t)sp) / sizeof(void *));
    gc_collect_end();
}

// --- Console and time

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t size) {
    return (mp_uint_t)call3(SYS_WRITE, 1, (long)text, (long)size);
}

void mp_hal_stdout_tx_strn_cooked(const char *text, size_t size) {
    mp_hal_stdout_tx_strn(text, size);
}

void mp_hal_stdout_tx_str(const char *text) {
    mp_hal_stdout_tx_strn(text, strlen(text));
}

int mp_hal_stdin_rx_chr(void) {
    unsigned char byte;
    return call3(SYS_READ, 0, (long)&byte, 1) == 1 ? byte : 4;
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    (void)flags;
    return 0;
}

uint64_t target_microseconds(void) {
    uint32_t now[2];
    call3(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC_ID, (long)now, 0);
    return (uint64_t)now[0] * 1000000 + now[1] / 1000;
}

// --- Link

// What poll() says of the link, which does not wait.
static int poll_link(void) {
    struct {
        int32_t file;
        int16_t events;
        int16_t revents;
    } wanted = {LINK, POLL_IN, 0};
    call3(SYS_POLL, (long)&wanted, 1, 0);
    return wanted.revents;
}

bool target_link_open(void) {
    return !(poll_link() & POLL_CLOSED);
}

bool target_link_readable(void) {
    return poll_link() != 0;
}

// 0 of a read is the end, an error but EAGAIN as well.
static int transferred(long result) {
    if (result == -EAGAIN_NUMBER) {
        return 0;
    }
    return result <= 0 ? -1 : (int)result;
}

int target_link_read(uint8_t *data, size_t size) {
    return transferred(call3(SYS_READ, LINK, (long)data, (long)size));
}

int target_link_write(const uint8_t *data, size_t size) {
    return transferred(call3(SYS_WRITE, LINK, (long)data, (long)size));
}

// --- Start and end

void target_mark(const char *name) {
    call3(SYS_MARK, (long)name, (long)strlen(name), 0);
}

void target_exit(int code) {
    for (;;) {
        call3(SYS_EXIT_GROUP, code, 0, 0);
    }
}

void nlr_jump_fail(void *value) {
    (void)value;
    mp_hal_stdout_tx_str("target: an exception that nothing caught\n");
    target_exit(125);
}

_Noreturn void __assert_func(const char *file, int line, const char *function,
                             const char *expression);

void __assert_func(const char *file, int line, const char *function,
                   const char *expression) {
    mp_printf(&mp_plat_print, "%s:%d: %s: %s failed\n", file, line, function,
              expression);
    target_exit(124);
}

// The kernel's stack: argc, argv[0], argv[1], ..., NULL.
void port_start(uintptr_t *sp) {
    char **argv = (char **)(sp + 1);
    if (sp[0] == 3) {
        image = map_file(argv[1]);
        flash = map_file(argv[2]);
    }
    heap = map_heap();
    target_run(sp);
}
