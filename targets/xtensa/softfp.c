// SPDX-License-Identifier: MIT
// Single-precision soft float with IEEE rounding: what gcc calls for `float`.
// The lx106 libgcc on disk is call0 ABI and lacks half of these (they are in
// its ROM).
#include <stdint.h>

typedef uint32_t sf;

#define INF 0x7f800000u
#define QNAN 0x7fc00000u
#define SIGN 0x80000000u
#define MAG(a) ((a) & ~SIGN)
#define IS_NAN(a) (MAG(a) > INF)

static uint32_t shr_sticky(uint32_t m, int n) {
    return n == 0 ? m : n > 31 ? m != 0 : m >> n | ((m << (32 - n)) != 0);
}

// m: 1.30 fixed point (leading one in bit 30, bit 0 sticky), e: biased exponent
static sf pack(sf sign, int e, uint32_t m) {
    if (e >= 255) {
        return sign | INF;
    }
    if (e <= 0) {
        m = shr_sticky(m, 1 - e);
        e = 1;
    }
    uint32_t rest = m & 0x7f;
    m = (m + 0x40) >> 7;
    if (rest == 0x40) {
        m &= ~1u;
    }
    return sign | (((uint32_t)(e - 1) << 23) + m);
}

static sf normal(sf sign, int e, uint32_t m) {
    if (m == 0) {
        return sign;
    }
    int n = __builtin_clz(m) - 1;
    return n < 0 ? pack(sign, e + 1, m >> 1 | (m & 1))
                 : pack(sign, e - n, m << n);
}

// a finite and not zero: 24-bit mantissa, exponent through *e
static uint32_t unpack(sf a, int *e) {
    uint32_t m = a & 0x7fffff;
    *e = a >> 23 & 255;
    if (*e == 0) {
        int n = __builtin_clz(m) - 8;
        *e = 1 - n;
        return m << n;
    }
    return m | 0x800000;
}

sf __addsf3(sf a, sf b) {
    if (MAG(a) < MAG(b)) {
        sf t = a;
        a = b;
        b = t;
    }
    if (MAG(a) >= INF) {
        return IS_NAN(a) || (MAG(b) == INF && a != b) ? QNAN : a;
    }
    if (MAG(b) == 0) {
        return MAG(a) == 0 ? a & b : a;
    }
    int ea, eb;
    uint32_t ma = unpack(a, &ea) << 7, mb = unpack(b, &eb) << 7;
    mb = shr_sticky(mb, ea - eb);
    if ((a ^ b) & SIGN) {
        return ma == mb ? 0 : normal(a & SIGN, ea, ma - mb);
    }
    return normal(a & SIGN, ea, ma + mb);
}

sf __subsf3(sf a, sf b) {
    return __addsf3(a, b ^ SIGN);
}

sf __negsf2(sf a) {
    return a ^ SIGN;
}

sf __mulsf3(sf a, sf b) {
    sf sign = (a ^ b) & SIGN;
    if (MAG(a) >= INF || MAG(b) >= INF) {
        return IS_NAN(a) || IS_NAN(b) || MAG(a) == 0 || MAG(b) == 0
                   ? QNAN
                   : sign | INF;
    }
    if (MAG(a) == 0 || MAG(b) == 0) {
        return sign;
    }
    int ea, eb;
    uint64_t p = unpack(a, &ea);
    p *= unpack(b, &eb);
    return normal(sign, ea + eb - 127,
                  (uint32_t)(p >> 16) | ((p & 0xffff) != 0));
}

sf __divsf3(sf a, sf b) {
    sf sign = (a ^ b) & SIGN;
    if (IS_NAN(a) || IS_NAN(b) ||
        (MAG(a) == MAG(b) && (MAG(a) == INF || MAG(a) == 0))) {
        return QNAN;
    }
    if (MAG(a) == INF || MAG(b) == 0) {
        return sign | INF;
    }
    if (MAG(b) == INF || MAG(a) == 0) {
        return sign;
    }
    int ea, eb;
    uint32_t ma = unpack(a, &ea), mb = unpack(b, &eb), q = 0;
    for (int i = 0; i < 31; i++, ma <<= 1) {
        q <<= 1;
        if (ma >= mb) {
            ma -= mb;
            q |= 1;
        }
    }
    return normal(sign, ea - eb + 127, q | (ma != 0));
}

// -1, 0, 1, or `unordered` if there is a NaN
static int compare(sf a, sf b, int unordered) {
    if (IS_NAN(a) || IS_NAN(b)) {
        return unordered;
    }
    int32_t x = a & SIGN ? -(int32_t)MAG(a) : (int32_t)a;
    int32_t y = b & SIGN ? -(int32_t)MAG(b) : (int32_t)b;
    return (x > y) - (x < y);
}

int __eqsf2(sf a, sf b) {
    return compare(a, b, 1);
}
int __nesf2(sf a, sf b) {
    return compare(a, b, 1);
}
int __ltsf2(sf a, sf b) {
    return compare(a, b, 1);
}
int __lesf2(sf a, sf b) {
    return compare(a, b, 1);
}
int __gtsf2(sf a, sf b) {
    return compare(a, b, -1);
}
int __gesf2(sf a, sf b) {
    return compare(a, b, -1);
}
int __unordsf2(sf a, sf b) {
    return IS_NAN(a) || IS_NAN(b);
}

sf __floatunsisf(uint32_t v) {
    return normal(0, 127 + 30, v);
}

sf __floatsisf(int32_t v) {
    return v < 0 ? normal(SIGN, 127 + 30, -(uint32_t)v)
                 : normal(0, 127 + 30, v);
}

sf __floatundisf(uint64_t v) {
    int e = 127 + 30;
    for (; v >> 32; e++) {
        v = v >> 1 | (v & 1);
    }
    return normal(0, e, v);
}

sf __floatdisf(int64_t v) {
    return v < 0 ? SIGN | __floatundisf(-(uint64_t)v) : __floatundisf(v);
}

uint64_t __fixunssfdi(sf a) {
    int e;
    if (MAG(a) < 0x3f800000) {
        return 0;
    }
    uint64_t m = unpack(a, &e);
    if (a & SIGN) {
        return 0;
    }
    e -= 127 + 23;
    return e > 40 ? ~(uint64_t)0 : e >= 0 ? m << e : m >> -e;
}

int64_t __fixsfdi(sf a) {
    uint64_t v = __fixunssfdi(MAG(a));
    if (v >> 63) {
        return a & SIGN ? INT64_MIN : INT64_MAX;
    }
    return a & SIGN ? -(int64_t)v : (int64_t)v;
}

uint32_t __fixunssfsi(sf a) {
    uint64_t v = __fixunssfdi(a);
    return v >> 32 ? UINT32_MAX : v;
}

int32_t __fixsfsi(sf a) {
    int64_t v = __fixsfdi(a);
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : v;
}

uint64_t __extendsfdf2(sf a) {
    uint64_t sign = (uint64_t)(a & SIGN) << 32;
    int e;
    if (MAG(a) >= INF) {
        return sign | (uint64_t)0x7ff << 52 | (uint64_t)(a & 0x7fffff) << 29;
    }
    if (MAG(a) == 0) {
        return sign;
    }
    uint64_t m = unpack(a, &e) & 0x7fffff;
    return sign | (uint64_t)(e - 127 + 1023) << 52 | m << 29;
}

uint64_t __floatsidf(int32_t v) {
    uint32_t m = v < 0 ? -(uint32_t)v : (uint32_t)v;
    if (m == 0) {
        return 0;
    }
    int n = __builtin_clz(m);
    uint64_t d = (uint64_t)(1023 + 31 - n) << 52 |
                 (((uint64_t)m << (n + 21)) & 0xfffffffffffffULL);
    return v < 0 ? d | (uint64_t)SIGN << 32 : d;
}

sf __truncdfsf2(uint64_t d) {
    sf sign = (uint32_t)(d >> 32) & SIGN;
    int e = d >> 52 & 0x7ff;
    uint64_t m = d & 0xfffffffffffffULL;
    if (e == 0x7ff) {
        return m ? QNAN : sign | INF;
    }
    if (e == 0) {
        return sign; // below the range of float
    }
    return pack(sign, e - 1023 + 127,
                0x40000000 | (uint32_t)(m >> 22) | ((m & 0x3fffff) != 0));
}
