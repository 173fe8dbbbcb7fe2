// SPDX-License-Identifier: MIT
// What extmod/modos.c includes: os.urandom. Numbers that look random and are
// the same in every run, for tests.
#include "py/runtime.h"

static mp_obj_t mp_os_urandom(mp_obj_t count) {
    static uint32_t state = 0x12345678;
    vstr_t bytes;
    vstr_init_len(&bytes, (size_t)mp_obj_get_int(count));
    for (size_t i = 0; i < bytes.len; ++i) {
        state = state * 1664525 + 1013904223;
        bytes.buf[i] = (char)(state >> 24);
    }
    return mp_obj_new_bytes_from_vstr(&bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
