// SPDX-License-Identifier: MIT
// What extmod/modos.c includes: os.urandom.
#include "py/mphal.h"
#include "py/runtime.h"

static mp_obj_t mp_os_urandom(mp_obj_t count) {
    vstr_t bytes;
    vstr_init_len(&bytes, (size_t)mp_obj_get_int(count));
    mp_hal_get_random(bytes.len, bytes.buf);
    return mp_obj_new_bytes_from_vstr(&bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
