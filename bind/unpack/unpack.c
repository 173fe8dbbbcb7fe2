// SPDX-License-Identifier: MIT
// _blox_unpack: nothing but ops(), the address of the unpacker's functions as
// bytes. _blox_install calls them; Python never does.
#include "core/pkg/unpack.h"
#include "bind/common/module.h"

static mp_obj_t new_ops(void) {
    const struct blox_unpack_ops *ops = &blox_unpack_ops;
    return blox_new_bytes(blox_span(&ops, sizeof ops));
}
static MP_DEFINE_CONST_FUN_OBJ_0(new_ops_obj, new_ops);

BLOX_MODULE(MP_QSTR__blox_unpack, blox_unpack_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_ops, new_ops_obj));
