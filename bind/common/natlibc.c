// SPDX-License-Identifier: MIT
// What a native module has instead of a C library and libgcc: the functions
// compilers call on their own and the few of <string.h> the core uses. Only
// native builds link this file; a firmware brings its own. On RISC-V the first
// three are reached as all of MicroPython's functions are (table.h).
#include "py/dynruntime.h"

// Else gcc turns the loops below into calls of the functions they are in.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

void *memmove(void *to, const void *from, size_t size) {
    return mp_fun_table.memmove_(to, from, size);
}

// An alias: of two functions with this one body, gcc makes memmove a call of
// memcpy, and for x64 that the copy forward it has built in.
void *memcpy(void *to, const void *from, size_t size)
    __attribute__((alias("memmove")));

void *memset(void *to, int byte, size_t size) {
    return mp_fun_table.memset_(to, byte, size);
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *p = a;
    const unsigned char *q = b;
    int difference = 0;
    while (size-- > 0 && difference == 0) {
        difference = *p++ - *q++;
    }
    return difference;
}

size_t strlen(const char *text) {
    const char *end = text;
    while (*end != '\0') {
        ++end;
    }
    return (size_t)(end - text);
}
