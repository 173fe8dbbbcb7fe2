// SPDX-License-Identifier: MIT
// What extmod/machine_pwm.c includes: an ESP32's 16 channels on 8 timers. A
// pin that nobody watches gets its pulses only when it is looked at.
#include "board/pwm.h"

#include "py/mphal.h"

#include "board/machine.h"

enum {
    PWM_DEFAULT_HZ = 5000,
    PWM_MAX_HZ = 40000000,
    PWM_DUTY_MAX = 65535,
    PWM_DUTY_10_MAX = 1023,
};

struct _machine_pwm_obj_t {
    mp_obj_base_t base;
    uint8_t pin;
    bool active;
};

static struct board_pwm *pwm_channel(const machine_pwm_obj_t *self) {
    if (!self->active) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("PWM inactive"));
    }
    return board_pwm(self->pin);
}

static void pwm_check_hertz(mp_int_t hertz) {
    if (hertz <= 0 || hertz > PWM_MAX_HZ) {
        mp_raise_ValueError(
            MP_ERROR_TEXT("frequency must be from 1Hz to 40MHz"));
    }
}

static mp_obj_t mp_machine_pwm_freq_get(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(pwm_channel(self)->hertz);
}

static void mp_machine_pwm_freq_set(machine_pwm_obj_t *self, mp_int_t hertz) {
    uint16_t duty = pwm_channel(self)->duty;
    pwm_check_hertz(hertz);
    if (!board_pwm_set(self->pin, (uint32_t)hertz, duty)) {
        mp_raise_ValueError(MP_ERROR_TEXT("out of PWM timers:8"));
    }
}

// What the timer's resolution at this frequency leaves of a duty.
static mp_int_t pwm_duty(machine_pwm_obj_t *self) {
    const struct board_pwm *channel = pwm_channel(self);
    int bits = board_pwm_bits(channel->hertz);
    return channel->duty >> (16 - bits) << (16 - bits);
}

static mp_obj_t mp_machine_pwm_duty_get_u16(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(pwm_duty(self));
}

static void mp_machine_pwm_duty_set_u16(machine_pwm_obj_t *self,
                                        mp_int_t duty) {
    struct board_pwm *channel = pwm_channel(self);
    if (duty < 0 || duty > PWM_DUTY_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("duty_u16 must be from 0 to 65535"));
    }
    board_pwm_set(self->pin, channel->hertz, (uint16_t)duty);
}

static mp_obj_t mp_machine_pwm_duty_get(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(pwm_duty(self) >> 6);
}

static void mp_machine_pwm_duty_set(machine_pwm_obj_t *self, mp_int_t duty) {
    pwm_channel(self);
    if (duty < 0 || duty > PWM_DUTY_10_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("duty must be from 0 to 1023"));
    }
    mp_machine_pwm_duty_set_u16(self, duty << 6);
}

static mp_int_t pwm_to_ns(const struct board_pwm *channel, mp_int_t duty) {
    return (duty * 1000000000 / channel->hertz + PWM_DUTY_MAX / 2) /
           PWM_DUTY_MAX;
}

static mp_obj_t mp_machine_pwm_duty_get_ns(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(pwm_to_ns(pwm_channel(self), pwm_duty(self)));
}

static void mp_machine_pwm_duty_set_ns(machine_pwm_obj_t *self, mp_int_t ns) {
    struct board_pwm *channel = pwm_channel(self);
    mp_int_t top = pwm_to_ns(channel, PWM_DUTY_MAX);
    if (ns < 0 || ns > top) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("duty_ns must be from 0 to %d ns"),
                          (int)top);
    }
    mp_int_t duty = (ns * PWM_DUTY_MAX + 500000000 / channel->hertz) /
                    (1000000000 / channel->hertz);
    mp_machine_pwm_duty_set_u16(self, MIN(duty, PWM_DUTY_MAX));
}

static void mp_machine_pwm_print(const mp_print_t *print, mp_obj_t self_in,
                                 mp_print_kind_t kind) {
    (void)kind;
    machine_pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "PWM(Pin(%u)", self->pin);
    if (self->active) {
        mp_printf(print, ", freq=%u, duty_u16=%d",
                  (unsigned)board_pwm(self->pin)->hertz, (int)pwm_duty(self));
    }
    mp_printf(print, ")");
}

static void mp_machine_pwm_init_helper(machine_pwm_obj_t *self, size_t n_args,
                                       const mp_obj_t *pos_args,
                                       mp_map_t *kw_args) {
    enum { ARG_freq, ARG_duty, ARG_duty_u16, ARG_duty_ns };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_freq, MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_duty, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_duty_u16, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_duty_ns, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed,
                     args);
    int given = (args[ARG_duty].u_int != -1) +
                (args[ARG_duty_u16].u_int != -1) +
                (args[ARG_duty_ns].u_int != -1);
    if (given > 1) {
        mp_raise_ValueError(
            MP_ERROR_TEXT("only one of parameters 'duty', "
                          "'duty_u16' or 'duty_ns' is allowed"));
    }
    const struct board_pwm *old = board_pwm(self->pin);
    mp_int_t hertz = args[ARG_freq].u_int;
    if (hertz == -1) {
        hertz = old != NULL ? old->hertz : PWM_DEFAULT_HZ;
    }
    pwm_check_hertz(hertz);
    uint16_t duty = old != NULL ? old->duty : 32768;
    if (!board_pwm_set(self->pin, (uint32_t)hertz, duty)) {
        mp_raise_ValueError(
            MP_ERROR_TEXT("out of PWM channels:16 or timers:8"));
    }
    self->active = true;
    if (args[ARG_duty_u16].u_int != -1) {
        mp_machine_pwm_duty_set_u16(self, args[ARG_duty_u16].u_int);
    } else if (args[ARG_duty_ns].u_int != -1) {
        mp_machine_pwm_duty_set_ns(self, args[ARG_duty_ns].u_int);
    } else if (args[ARG_duty].u_int != -1) {
        mp_machine_pwm_duty_set(self, args[ARG_duty].u_int);
    }
}

static mp_obj_t mp_machine_pwm_make_new(const mp_obj_type_t *type,
                                        size_t n_args, size_t n_kw,
                                        const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 2, true);
    int pin = board_pin_number(args[0]);
    if (board_pin_is_input_only(pin)) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("PWM not supported on Pin(%d)"), pin);
    }
    machine_pwm_obj_t *self = mp_obj_malloc(machine_pwm_obj_t, type);
    self->pin = (uint8_t)pin;
    self->active = false;
    mp_map_t kw_args;
    mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
    mp_machine_pwm_init_helper(self, n_args - 1, args + 1, &kw_args);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_pwm_deinit(machine_pwm_obj_t *self) {
    board_pwm_stop(self->pin);
    self->active = false;
}
