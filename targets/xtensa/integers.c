// SPDX-License-Identifier: MIT
// The 64-bit helpers gcc calls on this target.  The libgcc on disk is call0 ABI
// and cannot be linked into a windowed program.
#include <stdint.h>

typedef union {
    uint64_t v;
    struct {
        uint32_t lo, hi;
    };
} u64_t;

uint64_t __ashldi3(uint64_t v, int n) {
    u64_t u = {v};
    if (n >= 32) {
        u.hi = u.lo << (n - 32);
        u.lo = 0;
    } else if (n > 0) {
        u.hi = u.hi << n | u.lo >> (32 - n);
        u.lo <<= n;
    }
    return u.v;
}

uint64_t __lshrdi3(uint64_t v, int n) {
    u64_t u = {v};
    if (n >= 32) {
        u.lo = u.hi >> (n - 32);
        u.hi = 0;
    } else if (n > 0) {
        u.lo = u.lo >> n | u.hi << (32 - n);
        u.hi >>= n;
    }
    return u.v;
}

int64_t __ashrdi3(int64_t v, int n) {
    u64_t u = {v};
    int32_t hi = u.hi;
    if (n >= 32) {
        u.lo = hi >> (n - 32);
        u.hi = hi >> 31;
    } else if (n > 0) {
        u.lo = u.lo >> n | u.hi << (32 - n);
        u.hi = hi >> n;
    }
    return u.v;
}

// 32x32->64 out of 16x16->32 pieces (no high-half multiply on this core)
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    uint32_t al = a & 0xffff, ah = a >> 16, bl = b & 0xffff, bh = b >> 16;
    uint32_t ll = al * bl, m1 = ah * bl, m2 = al * bh, hh = ah * bh;
    uint32_t mid = (ll >> 16) + (m1 & 0xffff) + (m2 & 0xffff);
    u64_t u;
    u.lo = (ll & 0xffff) | mid << 16;
    u.hi = hh + (m1 >> 16) + (m2 >> 16) + (mid >> 16);
    return u.v;
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
    u64_t x = {a}, y = {b}, r = {__umulsidi3(x.lo, y.lo)};
    r.hi += x.lo * y.hi + x.hi * y.lo;
    return r.v;
}

static uint64_t udivmod(uint64_t n, uint64_t d, uint64_t *rem) {
    uint64_t q = 0, r = 0;
    for (int i = 63; i >= 0; --i) {
        r = r << 1 | (n >> i & 1);
        if (r >= d) {
            r -= d;
            q |= (uint64_t)1 << i;
        }
    }
    *rem = r;
    return q;
}

uint64_t __udivdi3(uint64_t n, uint64_t d) {
    uint64_t r;
    return udivmod(n, d, &r);
}

uint64_t __umoddi3(uint64_t n, uint64_t d) {
    uint64_t r;
    udivmod(n, d, &r);
    return r;
}

int64_t __divdi3(int64_t n, int64_t d) {
    uint64_t r, q = udivmod(n < 0 ? -n : n, d < 0 ? -d : d, &r);
    return (n ^ d) < 0 ? -q : q;
}

int64_t __moddi3(int64_t n, int64_t d) {
    uint64_t r;
    udivmod(n < 0 ? -n : n, d < 0 ? -d : d, &r);
    return n < 0 ? -r : r;
}

uint32_t __bswapsi2(uint32_t v) {
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

int __popcountsi2(uint32_t v) {
    int count = 0;
    for (; v != 0; v &= v - 1) {
        ++count;
    }
    return count;
}
