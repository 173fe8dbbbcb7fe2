// SPDX-License-Identifier: MIT
// One run: heap, MicroPython, the frozen _boot.py, which mounts what the host
// gave and runs run.py of its ROMFS. Ends the emulator.
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "targets/common/port.h"

enum { EXIT_EXCEPTION = 1, EXIT_NO_IMAGE = 3 };

// What SystemExit asks for, 0 when it asks for nothing.
static int exit_code(mp_obj_t exception) {
    mp_obj_t value = mp_obj_exception_get_value(exception);
    mp_int_t code = 0;
    if (value == mp_const_none) {
        return 0;
    }
    return mp_obj_get_int_maybe(value, &code) ? (int)code : EXIT_EXCEPTION;
}

static bool is_exit(mp_obj_t exception) {
    mp_obj_t type = MP_OBJ_FROM_PTR(mp_obj_get_type(exception));
    return mp_obj_is_subclass_fast(type, MP_OBJ_FROM_PTR(&mp_type_SystemExit));
}

static int run_boot(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_import_name(MP_QSTR__boot, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
        nlr_pop();
        return 0;
    }
    mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    if (is_exit(exception)) {
        return exit_code(exception);
    }
    mp_obj_print_exception(&mp_plat_print, exception);
    return EXIT_EXCEPTION;
}

void target_run(void *stack_top) {
    const struct target_image *image = target_image();
    if (image == NULL) {
        mp_hal_stdout_tx_str("target: the host gave no image\n");
        target_exit(EXIT_NO_IMAGE);
    }
    mp_cstack_init_with_top(stack_top, TARGET_STACK);
    gc_init(target_heap(), target_heap() + image->heap_size);
    mp_init();
    target_exit(run_boot());
}
