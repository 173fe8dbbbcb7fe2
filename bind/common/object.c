// SPDX-License-Identifier: MIT
#include "bind/common/compat.h"

mp_obj_t blox_catch(void (*function)(void *argument), void *argument) {
    blox_nlr_buf_t nlr;
    if (blox_nlr_push(&nlr) == 0) {
        function(argument);
        blox_nlr_pop();
        return MP_OBJ_NULL;
    }
    return MP_OBJ_FROM_PTR(nlr.ret_val);
}

static bool is_os_error(mp_obj_t exception) {
    return MP_OBJ_FROM_PTR(mp_obj_get_type(exception)) ==
           mp_load_global(MP_QSTR_OSError);
}

mp_int_t blox_errno(mp_obj_t exception) {
    if (!is_os_error(exception)) {
        return 0;
    }
    mp_obj_t number = mp_load_attr(exception, MP_QSTR_errno);
    return number == mp_const_none ? MP_EIO : mp_obj_get_int(number);
}

static mp_int_t errno_of(int error) {
    switch (error) {
    case BLOX_ERROR_MISSING:
        return MP_ENOENT;
    case BLOX_ERROR_FULL:
        return MP_ENOSPC;
    case BLOX_ERROR_IO:
        return MP_EIO;
    case BLOX_ERROR_TIMEOUT:
        return MP_ETIMEDOUT;
    case BLOX_ERROR_REFUSED:
        return MP_ECONNREFUSED;
    default:
        return 0;
    }
}

static _Noreturn void raise_sentence(int error, struct blox_span sentence) {
    mp_obj_t arguments[2] = {MP_OBJ_NEW_SMALL_INT(errno_of(error)),
                             blox_new_str(sentence)};
    if (arguments[0] != MP_OBJ_NEW_SMALL_INT(0)) {
        nlr_raise(mp_call_function_n_kw(mp_load_global(MP_QSTR_OSError), 2, 0,
                                        arguments));
    }
    mp_obj_t type = error == BLOX_ERROR_STATE
                        ? mp_load_global(MP_QSTR_RuntimeError)
                        : mp_load_global(MP_QSTR_ValueError);
    nlr_raise(mp_call_function_n_kw(type, 1, 0, &arguments[1]));
}

_Noreturn void blox_raise(int error, struct blox_span sentence) {
    if (sentence.size == 0) {
        sentence = blox_span_text(blox_error_text(error));
    }
    raise_sentence(error, sentence);
}

_Noreturn void blox_raise_text(int error, const char *sentence) {
    raise_sentence(error, blox_span_text(sentence));
}

mp_obj_t blox_call(mp_obj_t object, qstr name, mp_obj_t argument) {
    mp_obj_t method[3];
    mp_load_method(object, name, method);
    method[2] = argument;
    return blox_call_method(argument == MP_OBJ_NULL ? 0 : 1, 0, method);
}

#if MICROPY_ENABLE_DYNRUNTIME
mp_obj_t blox_next(mp_obj_t iterator) {
    mp_obj_iter_buf_t holder;
    holder.base.type = NULL;
    holder.buf[0] = iterator;
    return mp_fun_table.iternext(&holder);
}
#else
mp_obj_t blox_next(mp_obj_t iterator) {
    return mp_iternext(iterator);
}
#endif

mp_obj_t blox_import(qstr name) {
    return mp_import_name(name, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
}

struct blox_span blox_bind_span(mp_obj_t object) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(object, &info, MP_BUFFER_READ);
    return blox_span(info.buf, info.len);
}

mp_obj_t blox_new_str(struct blox_span span) {
    return mp_obj_new_str((const char *)span.data, span.size);
}

mp_obj_t blox_new_bytes(struct blox_span span) {
    return mp_obj_new_bytes(span.data, span.size);
}

mp_obj_t blox_view_new(void) {
    return mp_obj_new_bytearray_by_ref(0, NULL);
}

mp_obj_t blox_view_set(mp_obj_t view, const void *data, size_t size) {
    mp_obj_array_t *array = MP_OBJ_TO_PTR(view);
    array->items = (void *)(uintptr_t)data;
    array->len = size;
    return view;
}
