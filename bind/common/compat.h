// SPDX-License-Identifier: MIT
// One C source, two builds: a native .mpy module (py/dynruntime.h) and a
// static user C module (py/runtime.h). Every binding includes this header and
// no other of MicroPython's. bind/README.md gives the rules a binding keeps.
#ifndef BIND_COMMON_COMPAT_H
#define BIND_COMMON_COMPAT_H

#if MICROPY_ENABLE_DYNRUNTIME

#if defined(__riscv)
#include "bind/common/table.h"
#else
#include "py/dynruntime.h"
#define blox_table() (&mp_fun_table)
#endif
#include "py/objarray.h"

// Tables name these; the linker knows them.
#undef mp_type_type
#undef mp_stream_write_obj
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(mp_stream_write_obj);

// Marks what is called from outside: a module is compiled as one program, and
// all else becomes static there.
#define BLOX_GLOBAL __attribute__((externally_visible))

// In the function table, but without a macro of their own.
#define blox_call_method(n_args, n_kw, args)                                   \
    (mp_fun_table.call_method_n_kw((n_args), (n_kw), (args)))
#define blox_getiter(object) (mp_fun_table.getiter((object), NULL))
#define blox_nlr_pop() (mp_fun_table.nlr_pop())
#define blox_malloc_maybe(size) (mp_fun_table.realloc_(NULL, (size), false))
#define blox_free(memory) m_free(memory)
#define blox_shrink(memory, size)                                              \
    (mp_fun_table.realloc_((memory), (size), false))

// A firmware that unwinds with setjmp (all ESP32) has nlr_push_tail in the
// table and setjmp beside it; one with assembler has nlr_push itself. A module
// of one architecture can meet both, so this is decided at run time, with room
// for the larger buffer. It lies on the stack below every call of Python's:
// Xtensa, whose frames are the largest, has a jmp_buf of 17 words.
#if defined(__XTENSA__)
enum { BLOX_JUMP_WORDS = 24 };
#else
enum { BLOX_JUMP_WORDS = 72 };
#endif

typedef struct {
    nlr_buf_t *prev;
    void *ret_val;
    void *registers[BLOX_JUMP_WORDS];
} blox_nlr_buf_t;

#define blox_nlr_push(buffer)                                                  \
    (blox_table()->setjmp_ == NULL                                             \
         ? mp_fun_table.nlr_push((nlr_buf_t *)(buffer))                        \
         : (mp_fun_table.nlr_push((nlr_buf_t *)(buffer)),                      \
            (unsigned int)((int (*)(void *))blox_table()->setjmp_)(            \
                (buffer)->registers)))

#else

#include "py/gc.h"
#include "py/mperrno.h"
#include "py/nlr.h"
#include "py/objarray.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "py/stream.h"

#define blox_call_method(n_args, n_kw, args)                                   \
    mp_call_method_n_kw((n_args), (n_kw), (args))
#define blox_getiter(object) mp_getiter((object), NULL)
#define blox_nlr_pop() nlr_pop()
#define blox_malloc_maybe(size) m_malloc_maybe(size)
// Where firmware counts what it allocates, m_free() wants the size, too.
#define blox_free(memory) gc_free(memory)
#define blox_shrink(memory, size) gc_realloc((memory), (size), false)
#define blox_nlr_push(buffer) nlr_push(buffer)
typedef nlr_buf_t blox_nlr_buf_t;
#define BLOX_GLOBAL

#endif

#include "core/base/error.h"
#include "core/base/span.h"

#ifndef MP_ENOENT
#define MP_ENOENT 2
#define MP_EIO 5
#define MP_EAGAIN 11
#define MP_ENOTDIR 20
#define MP_EINVAL 22
#define MP_ENOSPC 28
#define MP_ECONNREFUSED 111
#define MP_ETIMEDOUT 110
#endif

// Calls function(argument) and catches what it raises. Returns MP_OBJ_NULL
// when nothing was raised, else the exception.
mp_obj_t blox_catch(void (*function)(void *argument), void *argument);

// The number of an OSError, and 0 for any other exception.
mp_int_t blox_errno(mp_obj_t exception);

// Raises the Python exception for a core error: OSError(errno, sentence) where
// the world failed (BLOX_ERROR_MISSING, _FULL, _IO, _TIMEOUT, _REFUSED),
// RuntimeError for BLOX_ERROR_STATE, ValueError(sentence) for all else. An
// empty sentence is replaced by blox_error_text(). The only such map.
_Noreturn void blox_raise(int error, struct blox_span sentence);

// The same with a sentence of the module's own, never empty: a module that
// raises no other way is spared the texts of all errors.
_Noreturn void blox_raise_text(int error, const char *sentence);

// Calls object.name(argument), with no argument where it is MP_OBJ_NULL.
mp_obj_t blox_call(mp_obj_t object, qstr name, mp_obj_t argument);

// The next object of an iterator that blox_getiter returned. Returns
// MP_OBJ_STOP_ITERATION at its end.
mp_obj_t blox_next(mp_obj_t iterator);

// import name
mp_obj_t blox_import(qstr name);

// The bytes of a str or any object with a buffer; raises TypeError otherwise.
// Valid while object lives and does not change its size.
struct blox_span blox_bind_span(mp_obj_t object);

// A str, or bytes, with a copy of the span.
mp_obj_t blox_new_str(struct blox_span span);
mp_obj_t blox_new_bytes(struct blox_span span);

// A bytearray that shows memory it does not own. One object serves many calls:
// blox_view_set points it elsewhere without allocating. Hand it only to
// functions that do not keep it.
mp_obj_t blox_view_new(void);
mp_obj_t blox_view_set(mp_obj_t view, const void *data, size_t size);

#endif
