// SPDX-License-Identifier: MIT
// Short calls of MicroPython's functions on RISC-V. A native module reaches
// them through a table whose address it loads, twelve bytes before each call;
// with this header a call is one instruction to a jump of a few bytes that all
// calls of that function share (bind/common/table.c).
//
// mp_fun_table is a table of those jumps then, known to the compiler; what is
// no function is not in it, and comes from blox_table().
#ifndef BIND_COMMON_TABLE_H
#define BIND_COMMON_TABLE_H

#include "py/nativeglue.h"

// Every function of the table that bind/ uses.
#define BLOX_TABLE_FUNCTIONS(DO)                                               \
    DO(native_from_obj)                                                        \
    DO(native_to_obj)                                                          \
    DO(swap_globals)                                                           \
    DO(load_name)                                                              \
    DO(load_global)                                                            \
    DO(load_attr)                                                              \
    DO(load_method)                                                            \
    DO(load_super_method)                                                      \
    DO(store_name)                                                             \
    DO(store_global)                                                           \
    DO(store_attr)                                                             \
    DO(obj_subscr)                                                             \
    DO(unary_op)                                                               \
    DO(binary_op)                                                              \
    DO(new_tuple)                                                              \
    DO(new_list)                                                               \
    DO(new_dict)                                                               \
    DO(list_append)                                                            \
    DO(dict_store)                                                             \
    DO(make_function_from_proto_fun)                                           \
    DO(call_function_n_kw)                                                     \
    DO(call_method_n_kw)                                                       \
    DO(getiter)                                                                \
    DO(iternext)                                                               \
    DO(nlr_push)                                                               \
    DO(nlr_pop)                                                                \
    DO(raise)                                                                  \
    DO(import_name)                                                            \
    DO(import_from)                                                            \
    DO(arg_check_num_sig)                                                      \
    DO(memset_)                                                                \
    DO(memmove_)                                                               \
    DO(realloc_)                                                               \
    DO(printf_)                                                                \
    DO(vprintf_)                                                               \
    DO(raise_msg)                                                              \
    DO(obj_get_type)                                                           \
    DO(obj_new_str)                                                            \
    DO(obj_new_bytes)                                                          \
    DO(obj_new_bytearray_by_ref)                                               \
    DO(obj_get_float_to_d)                                                     \
    DO(load_method_maybe)                                                      \
    DO(get_buffer)                                                             \
    DO(get_stream_raise)                                                       \
    DO(arg_parse_all)                                                          \
    DO(arg_parse_all_kw_array)                                                 \
    DO(binary_get_size)                                                        \
    DO(binary_get_val_array)                                                   \
    DO(binary_set_val_array)                                                   \
    DO(obj_new_float_from_f)                                                   \
    DO(obj_new_float_from_d)                                                   \
    DO(obj_get_float_to_f)

#define BLOX_TABLE_JUMP(name)                                                  \
    __typeof__(*((mp_fun_table_t *)0)->name) blox_jump_##name;
#define BLOX_TABLE_MEMBER(name) __typeof__(((mp_fun_table_t *)0)->name) name;
#define BLOX_TABLE_VALUE(name) .name = blox_jump_##name,

BLOX_TABLE_FUNCTIONS(BLOX_TABLE_JUMP)

static const struct {
    BLOX_TABLE_FUNCTIONS(BLOX_TABLE_MEMBER)
    const mp_obj_type_t *type_type;
    const mp_obj_type_t *type_str;
    const mp_obj_type_t *type_list;
    const mp_obj_type_t *type_Exception;
} blox_jumps = {
    BLOX_TABLE_FUNCTIONS(BLOX_TABLE_VALUE)
        // The linker knows these by name.
        .type_type = &mp_type_type,
    .type_str = &mp_type_str,
    .type_list = &mp_type_list,
    .type_Exception = &mp_type_Exception,
};

// The real one.
static inline const mp_fun_table_t *blox_table(void) {
    return &mp_fun_table;
}

#define mp_fun_table blox_jumps

#include "py/dynruntime.h"

#undef mp_stream_read_obj
#undef mp_stream_readinto_obj
#undef mp_stream_unbuffered_readline_obj
#define mp_stream_read_obj (*blox_table()->stream_read_obj)
#define mp_stream_readinto_obj (*blox_table()->stream_readinto_obj)
#define mp_stream_unbuffered_readline_obj                                      \
    (*blox_table()->stream_unbuffered_readline_obj)

#undef mp_const_none
#undef mp_const_false
#undef mp_const_true
#undef mp_obj_new_bool
#define mp_const_none blox_none()
#define mp_const_false blox_new_bool(false)
#define mp_const_true blox_new_bool(true)
#define mp_obj_new_bool(value) blox_new_bool(value)

// None, and True or False, out of the table: constants do not reach native
// code.
__attribute__((const)) mp_obj_t blox_none(void);
__attribute__((const)) mp_obj_t blox_new_bool(bool value);

#endif
