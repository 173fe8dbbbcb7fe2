// SPDX-License-Identifier: MIT
// Direct checks of windows.S, without MicroPython: does a scan of the stack see
// a value that a caller holds in a register, and does longjmp work across
// alloca and depth.
#include <alloca.h>
#include <setjmp.h>
#include <stdint.h>

extern void **xtensa_spill(void);
extern long xtensa_syscall(long nr, long a, long b, long c, long d, long e,
                           long f);

#define NOINLINE __attribute__((noinline))
#define MAGIC 0x5a001234

static void **stack_top;
static jmp_buf jb;
static unsigned failed;

static void check(const char *what, int ok) {
    const char *end = what;
    while (*end) {
        end++;
    }
    xtensa_syscall(13, 1, (long)(ok ? "ok   " : "FAIL "), 5, 0, 0, 0);
    xtensa_syscall(13, 1, (long)what, end - what, 0, 0, 0);
    failed += !ok;
}

NOINLINE static unsigned scan(int spill) {
    void **p = spill ? xtensa_spill() : (void **)__builtin_frame_address(0) - 4;
    unsigned n = 0;
    for (; p < stack_top; p++) {
        n += *p == (void *)MAGIC;
    }
    return n;
}

NOINLINE static unsigned hold(int spill) {
    uint32_t v = MAGIC; // in a register across the call, nowhere else
    __asm__ volatile("" : "+r"(v));
    unsigned n = scan(spill);
    __asm__ volatile("" : : "r"(v));
    return n;
}

NOINLINE static int deep(int n) {
    if (n == 0) {
        longjmp(jb, 7);
    }
    return deep(n - 1) + 1;
}

NOINLINE static int across(int size, int depth) {
    volatile int before = 41;
    int r = setjmp(jb);
    if (r == 0) {
        char *p = alloca(size); // moves sp, and with it the save area below it
        for (int i = 0; i < size; i++) {
            p[i] = 0xee;
        }
        __asm__ volatile("" : : "r"(p) : "memory");
        return deep(depth);
    }
    return before + r;
}

NOINLINE static int nest(int n, int size, int depth) {
    int k = n * 3;
    int r = n ? nest(n - 1, size, depth) : across(size, depth);
    return k == n * 3 ? r : -1;
}

void port_start(void **sp) {
    stack_top = sp;
    check("without a spill the register is not seen\n", hold(0) == 0);
    check("with it the register is seen\n", hold(1) == 1);
    int bad = 0;
    for (int n = 0; n < 12; n++) {
        for (int size = 0; size < 400; size += 57) {
            for (int depth = 0; depth < 20; depth++) {
                bad += nest(n, size, depth) != 48;
            }
        }
    }
    check("longjmp, 1920 shapes of stack\n", bad == 0);
    for (;;) {
        xtensa_syscall(119, failed != 0, 0, 0, 0, 0, 0);
    }
}
