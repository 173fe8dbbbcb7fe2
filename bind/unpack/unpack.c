// SPDX-License-Identifier: MIT
// _blox_unpack: nothing but the address of the unpacker's functions, as the
// bytes `ops`. _blox_install calls them; Python never does.
#include "core/pkg/unpack.h"
#include "bind/common/compat.h"

static mp_obj_t new_ops(void) {
    const struct blox_unpack_ops *ops = &blox_unpack_ops;
    return blox_new_bytes(blox_span(&ops, sizeof ops));
}

#if MICROPY_ENABLE_DYNRUNTIME
mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw,
                  mp_obj_t *arguments) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_ops, new_ops());
    MP_DYNRUNTIME_INIT_EXIT
}
#else
static void module_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    (void)self_in;
    if (name == MP_QSTR_ops && dest[0] == MP_OBJ_NULL) {
        dest[0] = new_ops();
    }
}

static const mp_rom_map_elem_t module_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__blox_unpack)},
};
static MP_DEFINE_CONST_DICT(module_dict, module_table);

const mp_obj_module_t blox_unpack_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&module_dict,
};
MP_REGISTER_MODULE(MP_QSTR__blox_unpack, blox_unpack_module);
MP_REGISTER_MODULE_DELEGATION(blox_unpack_module, module_attr);
#endif
