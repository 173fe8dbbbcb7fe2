// SPDX-License-Identifier: MIT
#include <stddef.h>

static inline void mp_hal_set_interrupt_char(int c) {
    (void)c;
}
