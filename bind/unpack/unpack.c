// SPDX-License-Identifier: MIT
// _blox_unpack: nothing but ops(), the address of the unpacker's functions as
// bytes. _blox_install calls them; Python never does.
#include "core/pkg/unpack.h"
#include "bind/common/compat.h"

static mp_obj_t new_ops(void) {
    const struct blox_unpack_ops *ops = &blox_unpack_ops;
    return blox_new_bytes(blox_span(&ops, sizeof ops));
}
static MP_DEFINE_CONST_FUN_OBJ_0(new_ops_obj, new_ops);

#if MICROPY_ENABLE_DYNRUNTIME
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw,
                  mp_obj_t *arguments) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_ops, MP_OBJ_FROM_PTR(&new_ops_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
#else
static const mp_rom_map_elem_t module_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__blox_unpack)},
    {MP_ROM_QSTR(MP_QSTR_ops), MP_ROM_PTR(&new_ops_obj)},
};
static MP_DEFINE_CONST_DICT(module_dict, module_table);

const mp_obj_module_t blox_unpack_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&module_dict,
};
MP_REGISTER_MODULE(MP_QSTR__blox_unpack, blox_unpack_module);
#endif
