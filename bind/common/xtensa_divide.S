// SPDX-License-Identifier: MIT
// 32-bit division for modules that Debian's compiler builds: the instructions
// are in every ESP32, the compiler was made for a chip without and calls these.
    .macro  divide name, instruction
    .section .text.\name, "ax"
    .global \name
    .type   \name, @function
    .align  4
\name:
    entry   a1, 32
    \instruction a2, a2, a3
    retw
    .size   \name, . - \name
    .endm

    divide  __udivsi3, quou
    divide  __umodsi3, remu
    divide  __divsi3, quos
    divide  __modsi3, rems
