// SPDX-License-Identifier: MIT
#include "bind/common/compat.h"

#include <stddef.h>

#define BLOX_TABLE_INDEX(name)                                                 \
    __asm__(".set blox_index_" #name ", %0"                                    \
            :                                                                  \
            : "i"(offsetof(mp_fun_table_t, name) / sizeof(void *)));

// Jumps to the entry of the table whose index is in t1. Registers of
// arguments and the return address stay: to both sides it is one call. The
// indices are for mk/natmod-module.mk, which writes blox_jump_... from them.
__attribute__((naked, noipa, used, externally_visible)) void
blox_table_jump(void) {
    BLOX_TABLE_FUNCTIONS(BLOX_TABLE_INDEX)
    __asm__("slli t1, t1, 2\n\t"
            "la t2, mp_fun_table\n\t"
            "add t1, t1, t2\n\t"
            "lw t1, 0(t1)\n\t"
            "jr t1");
}

__attribute__((noinline)) mp_obj_t blox_none(void) {
    return (mp_obj_t)blox_table()->const_none;
}

__attribute__((noinline)) mp_obj_t blox_new_bool(bool value) {
    return (mp_obj_t)(value ? blox_table()->const_true
                            : blox_table()->const_false);
}
