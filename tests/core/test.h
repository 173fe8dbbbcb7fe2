// SPDX-License-Identifier: MIT
// What every unit test includes: cmocka and the headers it wants first.
#ifndef TESTS_CORE_TEST_H
#define TESTS_CORE_TEST_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#endif
