// SPDX-License-Identifier: MIT
// What every module and type of bind/ is made of.
#ifndef BIND_COMMON_MODULE_H
#define BIND_COMMON_MODULE_H

#include <string.h>

#include "bind/common/compat.h"

// BLOX_MODULE(name, variable, init_types, members...) registers a module, once
// in its main file: name is its MP_QSTR, variable what the static build calls
// it (all modules are linked together there), init_types() is called when it is
// imported and fills its types, and each member is BLOX_MEMBER(its MP_QSTR,
// object).
#if MICROPY_ENABLE_DYNRUNTIME

#define BLOX_MEMBER(name, object)                                              \
    mp_store_global(name, MP_OBJ_FROM_PTR(&object))

#define BLOX_MODULE(name, variable, init_types, ...)                           \
    BLOX_GLOBAL mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args,        \
                                  size_t n_kw, mp_obj_t *arguments) {          \
        MP_DYNRUNTIME_INIT_ENTRY                                               \
        init_types();                                                          \
        __VA_ARGS__;                                                           \
        MP_DYNRUNTIME_INIT_EXIT                                                \
    }

#else

#define BLOX_MEMBER(name, object)                                              \
    { MP_ROM_QSTR(name), MP_ROM_PTR(&object) }

#define BLOX_MODULE(name, variable, init_types, ...)                           \
    static mp_obj_t module_init(void) {                                        \
        init_types();                                                          \
        return mp_const_none;                                                  \
    }                                                                          \
    static MP_DEFINE_CONST_FUN_OBJ_0(module_init_obj, module_init);            \
    static const mp_rom_map_elem_t module_table[] = {                          \
        {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(name)},                    \
        {MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&module_init_obj)},         \
        __VA_ARGS__};                                                          \
    static MP_DEFINE_CONST_DICT(module_dict, module_table);                    \
    const mp_obj_module_t variable = {                                         \
        .base = {&mp_type_module},                                             \
        .globals = (mp_obj_dict_t *)&module_dict,                              \
    };                                                                         \
    MP_REGISTER_MODULE(name, variable);

#endif

// For a module without types.
static inline void blox_no_types(void) {
}

// Begins a type: a global (static data does not change in a native module)
// that init_types fills; its slots are the caller's.
static inline void blox_type_begin(mp_obj_full_type_t *type, qstr name) {
    type->base.type = (void *)&mp_type_type;
    type->flags = MP_TYPE_FLAG_NONE;
    type->name = name;
}

// A method in the table of a type's locals_dict.
static inline mp_map_elem_t blox_method(qstr name, const void *function) {
    return (mp_map_elem_t){MP_OBJ_NEW_QSTR(name),
                           MP_OBJ_FROM_PTR((void *)function)};
}

// An object of size bytes, which begins with an mp_obj_base_t; all behind that
// is zero.
static inline void *blox_object_new(const mp_obj_type_t *type, size_t size) {
    mp_obj_base_t *object = m_malloc(size);
    memset(object, 0, size);
    object->type = type;
    return object;
}

// Python's ticks_ms, which wrap around early, counted on to 32 bits.
struct blox_clock {
    uint32_t now; // ms
    uint32_t ticks;
};

enum { BLOX_TICKS_MASK = 0x3fffffff }; // ticks_ms counts at least to this

// Returns clock->now, once ticks_in milliseconds are the time.
static inline uint32_t blox_clock_set(struct blox_clock *clock,
                                      mp_obj_t ticks_in) {
    uint32_t ticks = (uint32_t)mp_obj_get_int_truncated(ticks_in);
    clock->now += (ticks - clock->ticks) & BLOX_TICKS_MASK;
    clock->ticks = ticks;
    return clock->now;
}

#endif
