// SPDX-License-Identifier: MIT
// What extmod/modos.c includes: bytes that differ, and no more than that.
#include "py/mphal.h"
#include "py/runtime.h"

static mp_obj_t mp_os_urandom(mp_obj_t count) {
    vstr_t bytes;
    vstr_init_len(&bytes, mp_obj_get_int(count));
    uint32_t state = mp_hal_ticks_cpu() | 1;
    for (size_t i = 0; i < bytes.len; i++) {
        state = state * 1664525u + 1013904223u;
        bytes.buf[i] = (char)(state >> 24);
    }
    return mp_obj_new_bytes_from_vstr(&bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
