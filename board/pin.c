// SPDX-License-Identifier: MIT
// machine.Pin: levels that nothing outside is connected to.
#include "py/mphal.h"
#include "py/runtime.h"

#include "extmod/virtpin.h"

#include "board/machine.h"

enum {
    PINS = 40,
    PIN_IN = 1,
    PIN_OUT = 3,
    PIN_OPEN_DRAIN = 7,
    PULL_DOWN = 1,
    PULL_UP = 2,
};

typedef struct {
    mp_obj_base_t base;
    uint8_t mode; // 0: not set up
    uint8_t pull;
    bool out; // the level it drives
} pin_t;

static pin_t pins[PINS];

static int pin_number(const pin_t *pin) {
    return (int)(pin - pins);
}

// An ESP32 has no such GPIO.
static bool is_missing(mp_int_t number) {
    return number < 0 || number >= PINS || number == 20 || number == 24 ||
           (number >= 28 && number <= 31);
}

static bool pin_level(const pin_t *pin) {
    bool drives = pin->mode == PIN_OUT || pin->mode == PIN_OPEN_DRAIN;
    return drives ? pin->out : (pin->pull & PULL_UP) != 0;
}

void board_pin_reset_all(void) {
    for (int i = 0; i < PINS; i++) {
        pins[i] = (pin_t){.base = {&board_pin_type}};
    }
}

static mp_obj_t pin_init_helper(pin_t *self, size_t n_args,
                                const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_mode, ARG_pull, ARG_value };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_mode, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_pull, MP_ARG_OBJ, {.u_obj = MP_OBJ_NEW_SMALL_INT(-1)}},
        {MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_drive, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_hold, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed,
                     args);
    if (args[ARG_value].u_obj != MP_OBJ_NULL) {
        self->out = mp_obj_is_true(args[ARG_value].u_obj);
    }
    if (args[ARG_mode].u_obj != mp_const_none) {
        mp_int_t mode = mp_obj_get_int(args[ARG_mode].u_obj);
        if (mode != PIN_IN && pin_number(self) >= 34) {
            mp_raise_ValueError(MP_ERROR_TEXT("pin can only be input"));
        }
        self->mode = (uint8_t)mode;
    }
    if (args[ARG_pull].u_obj != MP_OBJ_NEW_SMALL_INT(-1)) {
        bool none = args[ARG_pull].u_obj == mp_const_none;
        self->pull = none ? 0 : (uint8_t)mp_obj_get_int(args[ARG_pull].u_obj);
    }
    return mp_const_none;
}

static mp_obj_t pin_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    if (mp_obj_is_type(args[0], &board_pin_type)) {
        return args[0];
    }
    mp_int_t number = mp_obj_get_int(args[0]);
    if (is_missing(number)) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
    }
    pin_t *self = &pins[number];
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        pin_init_helper(self, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t pin_init(size_t n_args, const mp_obj_t *args,
                         mp_map_t *kw_args) {
    return pin_init_helper(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1,
                           kw_args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init);

static mp_obj_t pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                         const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    pin_t *self = MP_OBJ_TO_PTR(self_in);
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(pin_level(self));
    }
    self->out = mp_obj_is_true(args[0]);
    return mp_const_none;
}

static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) {
    return pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_off(mp_obj_t self_in) {
    pin_t *self = MP_OBJ_TO_PTR(self_in);
    self->out = false;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

static mp_obj_t pin_on(mp_obj_t self_in) {
    pin_t *self = MP_OBJ_TO_PTR(self_in);
    self->out = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static void pin_print(const mp_print_t *print, mp_obj_t self,
                      mp_print_kind_t kind) {
    (void)kind;
    mp_printf(print, "Pin(%d)", pin_number(MP_OBJ_TO_PTR(self)));
}

static mp_uint_t pin_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg,
                           int *errcode) {
    (void)errcode;
    pin_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_PIN_READ) {
        return pin_level(self);
    }
    if (request == MP_PIN_WRITE) {
        self->out = arg != 0;
        return 0;
    }
    return (mp_uint_t)-1;
}

static const mp_pin_p_t pin_protocol = {.ioctl = pin_ioctl};

static const mp_rom_map_elem_t pin_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj)},
    {MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_off_obj)},
    {MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_on_obj)},
    {MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(PIN_IN)},
    {MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(PIN_OUT)},
    {MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(PIN_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP)},
    {MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN)},
};
static MP_DEFINE_CONST_DICT(pin_locals, pin_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE,
                         make_new, pin_make_new, print, pin_print, call,
                         pin_call, protocol, &pin_protocol, locals_dict,
                         &pin_locals);
