// SPDX-License-Identifier: MIT
// machine.Pin: the wires of board/world.h as an ESP32's program sees them.
#include "py/mphal.h"
#include "py/runtime.h"

#include "extmod/virtpin.h"

#include "board/machine.h"
#include "board/pwm.h"
#include "board/world.h"

// What Pin.irq() returns.
extern const mp_obj_type_t pin_irq_type;

enum {
    PINS = 40,
    FIRST_INPUT_ONLY = 34,
    PIN_IN = 1,
    PIN_OUT = 3,
    PIN_OPEN_DRAIN = 7,
    PULL_DOWN = 1,
    PULL_UP = 2,
    IRQ_RISING = 1,
    IRQ_FALLING = 2,
    IRQ_LOW = 4,
    IRQ_HIGH = 5,
};

typedef struct {
    mp_obj_base_t base;
    mp_obj_base_t irq; // the object that irq() returns
    uint8_t mode;      // 0: not set up
    uint8_t trigger;   // 0: none
    bool out;          // the level it drives
    bool watched;
} pin_t;

static pin_t pins[PINS];

MP_REGISTER_ROOT_POINTER(mp_obj_t board_pin_handlers[40]);

static int pin_number(const pin_t *pin) {
    return (int)(pin - pins);
}

// An ESP32 has no such GPIO.
static bool is_missing(mp_int_t number) {
    return number < 0 || number >= PINS || number == 20 || number == 24 ||
           (number >= 28 && number <= 31);
}

static enum sim_drive drive_of(const pin_t *pin) {
    if (pin->mode == PIN_OUT) {
        return pin->out ? SIM_HIGH : SIM_LOW;
    }
    return pin->mode == PIN_OPEN_DRAIN && !pin->out ? SIM_LOW : SIM_RELEASE;
}

static void drive(pin_t *pin) {
    struct sim_world *world = board_world_enter();
    sim_wires_drive(&world->wires, pin_number(pin), SIM_PROCESSOR,
                    drive_of(pin));
    board_world_leave();
}

static void set_mode(pin_t *pin, uint8_t mode) {
    pin->mode = mode;
    drive(pin);
}

static void set_level(pin_t *pin, bool level) {
    pin->out = level;
    drive(pin);
}

static void set_pull(pin_t *pin, mp_int_t pull) {
    struct sim_world *world = board_world_enter();
    sim_wires_pull(&world->wires, pin_number(pin),
                   pull & PULL_UP     ? SIM_PULL_UP
                   : pull & PULL_DOWN ? SIM_PULL_DOWN
                                      : SIM_PULL_NONE);
    board_world_leave();
}

static bool pin_level(const pin_t *pin) {
    board_pwm_look(pin_number(pin));
    struct sim_world *world = board_world_enter();
    bool level = sim_wires_level(&world->wires, pin_number(pin));
    board_world_leave();
    return level;
}

static void watch(void *context, int wire, bool level) {
    pin_t *pin = context;
    mp_obj_t handler = MP_STATE_VM(board_pin_handlers)[wire];
    bool hit = pin->trigger == IRQ_LOW    ? !level
               : pin->trigger == IRQ_HIGH ? level
               : level                    ? pin->trigger & IRQ_RISING
                                          : pin->trigger & IRQ_FALLING;
    if (hit && handler != MP_OBJ_NULL) {
        board_interrupt(handler, MP_OBJ_FROM_PTR(pin));
    }
}

void board_pin_reset_all(void) {
    for (int i = 0; i < PINS; i++) {
        bool watched = pins[i].watched;
        pins[i] = (pin_t){
            .base = {&board_pin_type},
            .irq = {&pin_irq_type},
            .watched = watched,
        };
        MP_STATE_VM(board_pin_handlers)[i] = MP_OBJ_NULL;
        drive(&pins[i]);
        set_pull(&pins[i], 0);
    }
}

static pin_t *find(mp_obj_t object) {
    if (mp_obj_is_type(object, &board_pin_type)) {
        return MP_OBJ_TO_PTR(object);
    }
    if (!mp_obj_is_int(object) || is_missing(mp_obj_get_int(object))) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
    }
    return &pins[mp_obj_get_int(object)];
}

int board_pin_number(mp_obj_t object) {
    return pin_number(find(object));
}

void board_pin_input(int number) {
    set_mode(&pins[number], PIN_IN);
}

void board_pin_output(int number) {
    set_mode(&pins[number], PIN_OUT);
}

void board_pin_open_drain(int number) {
    set_mode(&pins[number], PIN_OPEN_DRAIN);
    set_pull(&pins[number], PULL_UP);
}

int board_pin_read(int number) {
    return pin_level(&pins[number]);
}

void board_pin_write(int number, int level) {
    set_level(&pins[number], level != 0);
}

bool board_pin_is_input_only(int number) {
    return number >= FIRST_INPUT_ONLY;
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
        if (mode != PIN_IN && board_pin_is_input_only(pin_number(self))) {
            mp_raise_ValueError(MP_ERROR_TEXT("pin can only be input"));
        }
        set_mode(self, (uint8_t)mode);
    }
    if (args[ARG_pull].u_obj != MP_OBJ_NEW_SMALL_INT(-1)) {
        bool none = args[ARG_pull].u_obj == mp_const_none;
        set_pull(self, none ? 0 : mp_obj_get_int(args[ARG_pull].u_obj));
    }
    return mp_const_none;
}

mp_obj_t mp_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                         const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    pin_t *self = find(args[0]);
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
    set_level(self, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) {
    return pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_off(mp_obj_t self_in) {
    set_level(MP_OBJ_TO_PTR(self_in), false);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

static mp_obj_t pin_on(mp_obj_t self_in) {
    set_level(MP_OBJ_TO_PTR(self_in), true);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static mp_obj_t pin_toggle(mp_obj_t self_in) {
    pin_t *self = MP_OBJ_TO_PTR(self_in);
    set_level(self, !self->out);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_toggle_obj, pin_toggle);

static void set_irq(pin_t *self, mp_obj_t handler, mp_int_t trigger) {
    struct sim_world *world = board_world_enter();
    if (!self->watched) {
        self->watched =
            sim_wires_watch(&world->wires, pin_number(self), watch, self);
    }
    bool none = handler == mp_const_none;
    MP_STATE_VM(board_pin_handlers)
    [pin_number(self)] = none ? MP_OBJ_NULL : handler;
    self->trigger = none ? 0 : (uint8_t)trigger;
    board_pwm_look(pin_number(self)); // from now on each of its edges counts
    board_world_leave();
}

static mp_obj_t pin_irq(size_t n_args, const mp_obj_t *pos_args,
                        mp_map_t *kw_args) {
    enum { ARG_handler, ARG_trigger, ARG_wake };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_handler, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_trigger, MP_ARG_INT, {.u_int = IRQ_RISING | IRQ_FALLING}},
        {MP_QSTR_wake, MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    pin_t *self = MP_OBJ_TO_PTR(pos_args[0]);
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed),
                     allowed, args);
    if (args[ARG_wake].u_obj != mp_const_none) {
        mp_raise_NotImplementedError(
            MP_ERROR_TEXT("this board's pins do not wake it"));
    }
    if (n_args > 1 || kw_args->used > 0) {
        set_irq(self, args[ARG_handler].u_obj, args[ARG_trigger].u_int);
    }
    return MP_OBJ_FROM_PTR(&self->irq);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);

static pin_t *pin_of_irq(mp_obj_t irq) {
    return (pin_t *)((char *)MP_OBJ_TO_PTR(irq) - offsetof(pin_t, irq));
}

static mp_obj_t pin_irq_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                             const mp_obj_t *args) {
    (void)args;
    pin_t *pin = pin_of_irq(self_in);
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    mp_sched_schedule(MP_STATE_VM(board_pin_handlers)[pin_number(pin)],
                      MP_OBJ_FROM_PTR(pin));
    return mp_const_none;
}

static mp_obj_t pin_irq_trigger(size_t n_args, const mp_obj_t *args) {
    pin_t *pin = pin_of_irq(args[0]);
    uint8_t before = pin->trigger;
    if (n_args == 2) {
        pin->trigger = (uint8_t)mp_obj_get_int(args[1]);
    }
    return MP_OBJ_NEW_SMALL_INT(before);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_irq_trigger_obj, 1, 2,
                                           pin_irq_trigger);

static const mp_rom_map_elem_t pin_irq_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_trigger), MP_ROM_PTR(&pin_irq_trigger_obj)},
};
static MP_DEFINE_CONST_DICT(pin_irq_locals, pin_irq_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(pin_irq_type, MP_QSTR_IRQ, MP_TYPE_FLAG_NONE, call,
                         pin_irq_call, locals_dict, &pin_irq_locals);

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
        set_level(self, arg != 0);
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
    {MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&pin_toggle_obj)},
    {MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj)},
    {MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(PIN_IN)},
    {MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(PIN_OUT)},
    {MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(PIN_OPEN_DRAIN)},
    {MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP)},
    {MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN)},
    {MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(IRQ_RISING)},
    {MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(IRQ_FALLING)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_LOW), MP_ROM_INT(IRQ_LOW)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_HIGH), MP_ROM_INT(IRQ_HIGH)},
    {MP_ROM_QSTR(MP_QSTR_DRIVE_0), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_DRIVE_1), MP_ROM_INT(1)},
    {MP_ROM_QSTR(MP_QSTR_DRIVE_2), MP_ROM_INT(2)},
    {MP_ROM_QSTR(MP_QSTR_DRIVE_3), MP_ROM_INT(3)},
};
static MP_DEFINE_CONST_DICT(pin_locals, pin_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE,
                         make_new, mp_pin_make_new, print, pin_print, call,
                         pin_call, protocol, &pin_protocol, locals_dict,
                         &pin_locals);
