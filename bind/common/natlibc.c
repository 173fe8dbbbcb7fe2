// SPDX-License-Identifier: MIT
// What a native module has instead of a C library and libgcc: the functions
// compilers call on their own and the few of <string.h> the core uses. Only
// native builds link this file; a firmware brings its own.
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
    for (; size > 0; --size, ++p, ++q) {
        if (*p != *q) {
            return *p - *q;
        }
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t size = 0;
    while (text[size] != '\0') {
        ++size;
    }
    return size;
}
