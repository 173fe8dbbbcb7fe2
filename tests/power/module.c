// SPDX-License-Identifier: MIT
// _power: what modules/power_app.py asks of the harness.
#include <string.h>

#include "py/runtime.h"

#include "tests/power/device.h"
#include "tests/power/vm.h"

// reached(secrets): user code runs, and found these.
static mp_obj_t power_reached(mp_obj_t secrets) {
    device_reached(mp_obj_str_get_str(secrets));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(power_reached_obj, power_reached);

static mp_obj_t power_broker(void) {
    return mp_obj_new_bool(device_has_broker());
}
static MP_DEFINE_CONST_FUN_OBJ_0(power_broker_obj, power_broker);

// payload(topic) -> what the broker retains, or None; it is not in the heap
static mp_obj_t power_payload(mp_obj_t topic_in) {
    const struct scenario *scenario = device_scenario();
    const char *topic = mp_obj_str_get_str(topic_in);
    for (int i = 0; i < scenario->payloads; i++) {
        if (strcmp(scenario->payload[i].topic, topic) == 0) {
            return mp_obj_new_bytearray_by_ref(
                scenario->payload[i].size, (void *)scenario->payload[i].data);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(power_payload_obj, power_payload);

// off(): nothing more will happen.
static mp_obj_t power_off(void) {
    vm_leave(VM_OFF);
}
static MP_DEFINE_CONST_FUN_OBJ_0(power_off_obj, power_off);

static const mp_rom_map_elem_t power_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__power)},
    {MP_ROM_QSTR(MP_QSTR_reached), MP_ROM_PTR(&power_reached_obj)},
    {MP_ROM_QSTR(MP_QSTR_broker), MP_ROM_PTR(&power_broker_obj)},
    {MP_ROM_QSTR(MP_QSTR_payload), MP_ROM_PTR(&power_payload_obj)},
    {MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&power_off_obj)},
};
static MP_DEFINE_CONST_DICT(power_globals, power_globals_table);

const mp_obj_module_t power_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&power_globals,
};
MP_REGISTER_MODULE(MP_QSTR__power, power_module);
