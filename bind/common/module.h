// SPDX-License-Identifier: MIT
// What every module and type of bind/ is made of.
#ifndef BIND_COMMON_MODULE_H
#define BIND_COMMON_MODULE_H

#include <string.h>

#include "bind/common/compat.h"

// Types and their methods are tables that never change but for the names in
// them: those of a native module are known once it is loaded. Its linker and
// loader do the rest; the tables lie in what is loaded.
//
//     static const mp_rom_map_elem_t ring_table[] = {
//         BLOX_METHOD(MP_QSTR_put, ring_put_obj),
//     };
//     static MP_DEFINE_CONST_DICT(ring_dict, ring_table);
//     BLOX_TYPE(blox_log_ring_type, MP_QSTR_Ring, MP_TYPE_FLAG_NONE,
//               make_new, ring_make_new, locals_dict, &ring_dict);
//     BLOX_MODULE(MP_QSTR__blox_log, blox_log_module,
//                 BLOX_TYPES(&blox_log_ring_type),
//                 BLOX_MEMBER(MP_QSTR_Ring, blox_log_ring_type));
//
// BLOX_TYPE(variable, name, flags, slot, value...): a type, not static; what
// uses it before declares it: extern const mp_obj_type_t blox_log_ring_type.
//
// BLOX_MODULE(name, variable, types, members...) registers a module, once in
// its main file: name is its MP_QSTR, variable what the static build calls it
// (all modules are linked together there), types are all of the module, or
// BLOX_NO_TYPES, and each member is BLOX_MEMBER(its MP_QSTR, object).
#if MICROPY_ENABLE_DYNRUNTIME

// BLOX_NUMBER_MP_QSTR_put is where mk/natmod-module.mk says the name is: its
// place in the module's table, doubled; or what it is itself in any firmware,
// doubled and one more.
#define BLOX_METHOD(name, object)                                              \
    { MP_ROM_PTR((void *)(uintptr_t)BLOX_NUMBER_##name), MP_ROM_PTR(&object) }

#define BLOX_TYPE(variable, name, ...)                                         \
    MP_DEFINE_CONST_OBJ_TYPE(variable, BLOX_NUMBER_##name, __VA_ARGS__)

__attribute__((noinline)) static qstr blox_name(uintptr_t number) {
    return (qstr)(number & 1 ? number >> 1 : mp_native_qstr_table[number >> 1]);
}

// Puts the names into a type.
static inline void blox_type_name(const mp_obj_type_t *constant) {
    mp_obj_type_t *type = (mp_obj_type_t *)constant;
    // What is known of a constant is forgotten here: it changes.
    __asm__("" : "+r"(type));
    type->name = (uint16_t)blox_name(type->name);
    if (MP_OBJ_TYPE_HAS_SLOT(type, locals_dict)) {
        mp_map_t *map =
            &((mp_obj_dict_t *)MP_OBJ_TYPE_GET_SLOT(type, locals_dict))->map;
        for (size_t i = 0; i < map->used; ++i) {
            mp_map_elem_t *method = &map->table[i];
            method->key = MP_OBJ_NEW_QSTR(blox_name((uintptr_t)method->key));
        }
    }
}

#define BLOX_TYPES(...)                                                        \
    {                                                                          \
        static const mp_obj_type_t *const types[] = {__VA_ARGS__};             \
        for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {            \
            blox_type_name(types[i]);                                          \
        }                                                                      \
    }
#define BLOX_NO_TYPES                                                          \
    {}

#define BLOX_MEMBER(name, object)                                              \
    mp_store_global(name, MP_OBJ_FROM_PTR(&object))

#define BLOX_MODULE(name, variable, types, ...)                                \
    BLOX_GLOBAL mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args,        \
                                  size_t n_kw, mp_obj_t *arguments) {          \
        MP_DYNRUNTIME_INIT_ENTRY                                               \
        types;                                                                 \
        __VA_ARGS__;                                                           \
        MP_DYNRUNTIME_INIT_EXIT                                                \
    }

#else

#define BLOX_METHOD(name, object)                                              \
    { MP_ROM_QSTR(name), MP_ROM_PTR(&object) }

#define BLOX_TYPE(...) MP_DEFINE_CONST_OBJ_TYPE(__VA_ARGS__)
#define BLOX_TYPES(...)
#define BLOX_NO_TYPES

#define BLOX_MEMBER(name, object)                                              \
    { MP_ROM_QSTR(name), MP_ROM_PTR(&object) }

#define BLOX_MODULE(name, variable, types, ...)                                \
    static const mp_rom_map_elem_t module_table[] = {                          \
        {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(name)}, __VA_ARGS__};      \
    static MP_DEFINE_CONST_DICT(module_dict, module_table);                    \
    const mp_obj_module_t variable = {                                         \
        .base = {&mp_type_module},                                             \
        .globals = (mp_obj_dict_t *)&module_dict,                              \
    };                                                                         \
    MP_REGISTER_MODULE(name, variable);

#endif

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
