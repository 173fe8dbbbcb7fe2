// SPDX-License-Identifier: MIT
// 64-bit products for modules built for an ESP32, where compilers call
// functions of libgcc for them: Espressif's __muldi3, Debian's both. (Debian's
// libgcc is of the other calling convention, and no module links one.)
#include <stdint.h>

uint64_t __umulsidi3(uint32_t a, uint32_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);

// Of halves of 16 bits, whose products fit 32.
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    uint32_t a_low = a & 0xffff;
    uint32_t b_low = b & 0xffff;
    uint32_t low = a_low * b_low;
    uint32_t middle = (a >> 16) * b_low;
    uint32_t middle_2 = a_low * (b >> 16);
    uint32_t carry = (low >> 16) + (middle & 0xffff) + (middle_2 & 0xffff);
    uint32_t high = (a >> 16) * (b >> 16) + (middle >> 16) + (middle_2 >> 16) +
                    (carry >> 16);
    return (uint64_t)high << 32 | carry << 16 | (low & 0xffff);
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
    uint32_t a_low = (uint32_t)a;
    uint32_t b_low = (uint32_t)b;
    uint32_t cross = a_low * (uint32_t)(b >> 32) + (uint32_t)(a >> 32) * b_low;
    return __umulsidi3(a_low, b_low) + ((uint64_t)cross << 32);
}
