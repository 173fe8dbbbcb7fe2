// SPDX-License-Identifier: MIT
// What is said to the compiler.
#ifndef CORE_BASE_COMPILER_H
#define CORE_BASE_COMPILER_H

// For a function with a buffer that is called from one place. A native module
// is compiled as one program, where such a function becomes part of its caller:
// its buffer would stay on the C stack, which is 3 KiB deep at most, below all
// else that the caller calls.
#define BLOX_NOINLINE __attribute__((noinline))

#endif
