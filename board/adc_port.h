// SPDX-License-Identifier: MIT
// What extmod/machine_adc.c includes: an ESP32's converters, without their
// crookedness. 4095 is 1.1 V, times what the attenuator takes away.
#include "py/mphal.h"

#include "sim/analog.h"

#include "board/world.h"

enum { ATTEN_MAX = 3, WIDTH_MIN = 9, WIDTH_MAX = 12, UNIT_2_FIRST = 8 };

struct _machine_adc_obj_t {
    mp_obj_base_t base;
    uint8_t pin;
    uint8_t atten;
};

// In microvolts: 1.1 V behind 0, 2.5, 6 and 11 dB.
static const uint32_t adc_full_scale[] = {1100000, 1466872, 2194788, 3902949};

static machine_adc_obj_t adc_objects[] = {
    {{&machine_adc_type}, 36, 0}, {{&machine_adc_type}, 37, 0},
    {{&machine_adc_type}, 38, 0}, {{&machine_adc_type}, 39, 0},
    {{&machine_adc_type}, 32, 0}, {{&machine_adc_type}, 33, 0},
    {{&machine_adc_type}, 34, 0}, {{&machine_adc_type}, 35, 0},
    {{&machine_adc_type}, 4, 0},  {{&machine_adc_type}, 0, 0},
    {{&machine_adc_type}, 2, 0},  {{&machine_adc_type}, 15, 0},
    {{&machine_adc_type}, 13, 0}, {{&machine_adc_type}, 12, 0},
    {{&machine_adc_type}, 14, 0}, {{&machine_adc_type}, 27, 0},
    {{&machine_adc_type}, 25, 0}, {{&machine_adc_type}, 26, 0},
};

static uint8_t adc_widths[2] = {WIDTH_MAX, WIDTH_MAX}; // of each unit

#define MICROPY_PY_MACHINE_ADC_CLASS_CONSTANTS                                 \
    {MP_ROM_QSTR(MP_QSTR_ATTN_0DB), MP_ROM_INT(0)},                            \
        {MP_ROM_QSTR(MP_QSTR_ATTN_2_5DB), MP_ROM_INT(1)},                      \
        {MP_ROM_QSTR(MP_QSTR_ATTN_6DB), MP_ROM_INT(2)},                        \
        {MP_ROM_QSTR(MP_QSTR_ATTN_11DB), MP_ROM_INT(3)},                       \
        {MP_ROM_QSTR(MP_QSTR_WIDTH_9BIT), MP_ROM_INT(9)},                      \
        {MP_ROM_QSTR(MP_QSTR_WIDTH_10BIT), MP_ROM_INT(10)},                    \
        {MP_ROM_QSTR(MP_QSTR_WIDTH_11BIT), MP_ROM_INT(11)},                    \
        {MP_ROM_QSTR(MP_QSTR_WIDTH_12BIT), MP_ROM_INT(12)},

static uint8_t *adc_width(const machine_adc_obj_t *self) {
    return &adc_widths[self - adc_objects >= UNIT_2_FIRST];
}

static void mp_machine_adc_print(const mp_print_t *print, mp_obj_t self_in,
                                 mp_print_kind_t kind) {
    (void)kind;
    const machine_adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "ADC(Pin(%u), atten=%u)", self->pin, self->atten);
}

static void mp_machine_adc_atten_set(machine_adc_obj_t *self, mp_int_t atten) {
    if (atten < 0 || atten > ATTEN_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid atten"));
    }
    self->atten = (uint8_t)atten;
}

static void mp_machine_adc_width_set(machine_adc_obj_t *self, mp_int_t width) {
    if (width < WIDTH_MIN || width > WIDTH_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid bits"));
    }
    *adc_width(self) = (uint8_t)width;
}

static void mp_machine_adc_init_helper(machine_adc_obj_t *self, size_t n_args,
                                       const mp_obj_t *pos_args,
                                       mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_atten, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t args[1];
    mp_arg_parse_all(n_args, pos_args, kw_args, 1, allowed, args);
    if (args[0].u_int != -1) {
        mp_machine_adc_atten_set(self, args[0].u_int);
    }
}

static mp_obj_t mp_machine_adc_make_new(const mp_obj_type_t *type,
                                        size_t n_args, size_t n_kw,
                                        const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    int pin = board_pin_number(args[0]);
    for (size_t i = 0; i < MP_ARRAY_SIZE(adc_objects); i++) {
        if (adc_objects[i].pin == pin) {
            mp_map_t kw_args;
            mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
            mp_machine_adc_init_helper(&adc_objects[i], n_args - 1, args + 1,
                                       &kw_args);
            return MP_OBJ_FROM_PTR(&adc_objects[i]);
        }
    }
    mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
}

static mp_int_t mp_machine_adc_read(machine_adc_obj_t *self) {
    struct sim_world *world = board_world_enter();
    double volts = sim_analog_volts(world, self->pin);
    board_world_leave();
    mp_int_t top = (1 << *adc_width(self)) - 1;
    mp_int_t raw =
        (mp_int_t)(volts * 1e6 / adc_full_scale[self->atten] * (double)top +
                   0.5);
    return raw < 0 ? 0 : raw > top ? top : raw;
}

static mp_int_t mp_machine_adc_read_u16(machine_adc_obj_t *self) {
    mp_int_t raw = mp_machine_adc_read(self);
    int bits = *adc_width(self);
    return raw << (16 - bits) | raw >> (2 * bits - 16);
}

// In whole millivolts, as an ESP32 has it.
static mp_int_t mp_machine_adc_read_uv(machine_adc_obj_t *self) {
    mp_int_t raw = mp_machine_adc_read(self);
    mp_int_t top = (1 << *adc_width(self)) - 1;
    return raw * (mp_int_t)adc_full_scale[self->atten] / top / 1000 * 1000;
}
