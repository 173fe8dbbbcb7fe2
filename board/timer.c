// SPDX-License-Identifier: MIT
// machine.Timer: the four hardware timers of an ESP32.
#include "py/runtime.h"

#include "board/machine.h"
#include "board/world.h"

enum { TIMERS = 4, ONE_SHOT = 0, PERIODIC = 1 };

typedef struct _board_timer_t {
    mp_obj_base_t base;
    uint8_t number;
    bool periodic;
    uint64_t period_ns;
    uint64_t started_us;
    mp_obj_t callback;
} board_timer_t;

// What an ESP32's timers count in.
enum { TICKS_PER_SECOND = 10000000, TICK_NS = 100 };

// The alarms stay for ever; the objects are Python's.
static struct sim_alarm alarms[TIMERS];

MP_REGISTER_ROOT_POINTER(struct _board_timer_t *board_timers[4]);

static void fire(void *context) {
    struct sim_alarm *alarm = context;
    board_timer_t *timer = MP_STATE_VM(board_timers)[alarm - alarms];
    if (timer != NULL && timer->callback != mp_const_none) {
        board_interrupt(timer->callback, MP_OBJ_FROM_PTR(timer));
    }
}

static void stop(board_timer_t *self) {
    struct sim_world *world = board_world_enter();
    sim_alarm_stop(&world->clock, &alarms[self->number]);
    board_world_leave();
}

static void start(board_timer_t *self) {
    struct sim_alarm *alarm = &alarms[self->number];
    struct sim_world *world = board_world_enter();
    alarm->ring = fire;
    alarm->context = alarm;
    sim_alarm_set(&world->clock, alarm, self->period_ns,
                  self->periodic ? self->period_ns : 0);
    self->started_us = board_world_us();
    board_world_leave();
}

void board_timer_stop_all(void) {
    for (int i = 0; i < TIMERS; i++) {
        board_timer_t *timer = MP_STATE_VM(board_timers)[i];
        if (timer != NULL) {
            stop(timer);
        }
        MP_STATE_VM(board_timers)[i] = NULL;
    }
}

static mp_obj_t timer_init_helper(board_timer_t *self, size_t n_args,
                                  const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_mode, ARG_callback, ARG_period, ARG_tick_hz, ARG_freq };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_mode, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = PERIODIC}},
        {MP_QSTR_callback,
         MP_ARG_KW_ONLY | MP_ARG_OBJ,
         {.u_obj = mp_const_none}},
        {MP_QSTR_period, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0xffffffff}},
        {MP_QSTR_tick_hz, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 1000}},
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    stop(self);
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed,
                     args);
    if (args[ARG_freq].u_obj != mp_const_none) {
        mp_float_t hertz = mp_obj_get_float(args[ARG_freq].u_obj);
        if (hertz <= 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("freq must be more than 0"));
        }
        self->period_ns =
            (uint64_t)((mp_float_t)TICKS_PER_SECOND / hertz) * TICK_NS;
    } else {
        if (args[ARG_tick_hz].u_int <= 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("tick_hz must be more than 0"));
        }
        self->period_ns = (uint64_t)(uint32_t)args[ARG_period].u_int *
                          TICKS_PER_SECOND / (uint64_t)args[ARG_tick_hz].u_int *
                          TICK_NS;
    }
    // Faster than a program could be interrupted.
    self->period_ns = self->period_ns < SIM_US ? SIM_US : self->period_ns;
    self->periodic = args[ARG_mode].u_int != ONE_SHOT;
    self->callback = args[ARG_callback].u_obj;
    start(self);
    return mp_const_none;
}

static mp_obj_t timer_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t number = mp_obj_get_int(args[0]);
    if (number < 0 || number >= TIMERS) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid Timer number"));
    }
    board_timer_t *self = MP_STATE_VM(board_timers)[number];
    if (self == NULL) {
        self = mp_obj_malloc(board_timer_t, type);
        self->number = (uint8_t)number;
        self->callback = mp_const_none;
        MP_STATE_VM(board_timers)[number] = self;
    }
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        timer_init_helper(self, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t timer_init(size_t n_args, const mp_obj_t *args,
                           mp_map_t *kw_args) {
    return timer_init_helper(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1,
                             kw_args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(timer_init_obj, 1, timer_init);

static mp_obj_t timer_deinit(mp_obj_t self) {
    stop(MP_OBJ_TO_PTR(self));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(timer_deinit_obj, timer_deinit);

static mp_obj_t timer_value(mp_obj_t self_in) {
    board_timer_t *self = MP_OBJ_TO_PTR(self_in);
    uint64_t passed = board_world_us() - self->started_us;
    uint64_t period_us = self->period_ns / SIM_US;
    return mp_obj_new_int_from_uint(
        (mp_uint_t)(period_us ? passed % period_us / 1000 : 0));
}
static MP_DEFINE_CONST_FUN_OBJ_1(timer_value_obj, timer_value);

static void timer_print(const mp_print_t *print, mp_obj_t self_in,
                        mp_print_kind_t kind) {
    (void)kind;
    board_timer_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "Timer(%u, mode=%q, period=%u)", self->number,
              self->periodic ? MP_QSTR_PERIODIC : MP_QSTR_ONE_SHOT,
              (unsigned)(self->period_ns / SIM_MS));
}

static const mp_rom_map_elem_t timer_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_deinit), MP_ROM_PTR(&timer_deinit_obj)},
    {MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&timer_init_obj)},
    {MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&timer_value_obj)},
    {MP_ROM_QSTR(MP_QSTR_ONE_SHOT), MP_ROM_INT(ONE_SHOT)},
    {MP_ROM_QSTR(MP_QSTR_PERIODIC), MP_ROM_INT(PERIODIC)},
};
static MP_DEFINE_CONST_DICT(timer_locals, timer_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_timer_type, MP_QSTR_Timer, MP_TYPE_FLAG_NONE,
                         make_new, timer_make_new, print, timer_print,
                         locals_dict, &timer_locals);
