// SPDX-License-Identifier: MIT
// Module `port`: what a port does after boot.py.
//   run_main()    main.py, the firmware's before the one on flash
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"

static mp_obj_t port_run_main(void) {
    if (pyexec_file_if_exists("main.py") & PYEXEC_FORCED_EXIT) {
        mp_raise_type(&mp_type_SystemExit);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_run_main_obj, port_run_main);

static const mp_rom_map_elem_t port_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_port)},
    {MP_ROM_QSTR(MP_QSTR_run_main), MP_ROM_PTR(&port_run_main_obj)},
};
static MP_DEFINE_CONST_DICT(port_globals, port_globals_table);

const mp_obj_module_t port_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&port_globals,
};
MP_REGISTER_MODULE(MP_QSTR_port, port_module);
