// SPDX-License-Identifier: MIT
// machine.I2C: the two I2C controllers of an ESP32.
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "extmod/modmachine.h"

#include "sim/i2c_controller.h"

#include "board/world.h"

enum {
    CONTROLLERS = 2,
    TIMEOUT_US = 50000,
    // The hardware counts at most 2^20 - 1 cycles of 80 MHz.
    TIMEOUT_MAX_US = 13107,
    FREQUENCY_MAX = 5000000,
};

typedef struct {
    mp_obj_base_t base;
    uint8_t number;
    struct sim_i2c_controller bus;
} i2c_t;

static i2c_t controllers[CONTROLLERS];
static const uint8_t default_pins[CONTROLLERS][2] = {{18, 19}, {25, 26}};

static enum sim_i2c_result move(struct sim_i2c_controller *bus, bool read,
                                mp_machine_i2c_buf_t *buffer, bool last) {
    return read ? sim_i2c_read(bus, buffer->buf, buffer->len, last)
                : sim_i2c_write(bus, buffer->buf, buffer->len);
}

static enum sim_i2c_result transfer(struct sim_i2c_controller *bus,
                                    uint16_t address, size_t count,
                                    mp_machine_i2c_buf_t *buffers,
                                    unsigned flags) {
    enum sim_i2c_result result = SIM_I2C_DONE;
    bool read = flags & MP_MACHINE_I2C_FLAG_READ;
    if (flags & MP_MACHINE_I2C_FLAG_WRITE1) {
        result = sim_i2c_start(bus, (uint8_t)address, false);
        if (result == SIM_I2C_DONE) {
            result = move(bus, false, buffers, false);
        }
        buffers++;
        count--;
    }
    if (result == SIM_I2C_DONE) {
        result = sim_i2c_start(bus, (uint8_t)address, read);
    }
    for (size_t i = 0; i < count && result == SIM_I2C_DONE; i++) {
        result = move(bus, read, &buffers[i], i + 1 == count);
    }
    if (result == SIM_I2C_DONE && (flags & MP_MACHINE_I2C_FLAG_STOP)) {
        result = sim_i2c_stop(bus);
    }
    return result;
}

static int i2c_transfer(mp_obj_base_t *self_in, uint16_t address, size_t count,
                        mp_machine_i2c_buf_t *buffers, unsigned flags) {
    i2c_t *self = (i2c_t *)self_in;
    int moved = 0;
    for (size_t i = 0; i < count; i++) {
        moved += (int)buffers[i].len;
    }
    self->bus.world = board_world_enter();
    enum sim_i2c_result result =
        transfer(&self->bus, address, count, buffers, flags);
    board_world_leave();
    board_world_settle();
    return result == SIM_I2C_DONE   ? moved
           : result == SIM_I2C_NACK ? -MP_ENODEV
                                    : -MP_ETIMEDOUT;
}

static void i2c_print(const mp_print_t *print, mp_obj_t self_in,
                      mp_print_kind_t kind) {
    (void)kind;
    i2c_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "I2C(%u, scl=%u, sda=%u, freq=%u)", self->number,
              self->bus.scl, self->bus.sda, (unsigned)self->bus.hertz);
}

static void set_up(i2c_t *self, mp_int_t frequency, mp_int_t timeout_us) {
    if (frequency <= 0 || frequency > FREQUENCY_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid freq"));
    }
    self->bus.hertz = (uint32_t)frequency;
    self->bus.timeout =
        (uint64_t)(timeout_us < TIMEOUT_MAX_US ? timeout_us : TIMEOUT_MAX_US) *
        SIM_US;
    self->bus.world = board_world_enter();
    sim_i2c_begin(&self->bus);
    board_world_leave();
}

static mp_obj_t i2c_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *all_args) {
    if (n_args != 0) {
        MP_MACHINE_I2C_CHECK_FOR_LEGACY_SOFTI2C_CONSTRUCTION(n_args, n_kw,
                                                             all_args);
    }
    enum { ARG_id, ARG_scl, ARG_sda, ARG_freq, ARG_timeout };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_id, MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_scl, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_sda, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 400000}},
        {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = TIMEOUT_US}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed),
                              allowed, args);
    mp_int_t number = args[ARG_id].u_int;
    if (number < 0 || number >= CONTROLLERS) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("I2C(%d) doesn't exist"), (int)number);
    }
    i2c_t *self = &controllers[number];
    if (self->base.type == NULL) {
        self->base.type = type;
        self->number = (uint8_t)number;
        self->bus.scl = default_pins[number][0];
        self->bus.sda = default_pins[number][1];
    }
    if (args[ARG_scl].u_obj != MP_OBJ_NULL) {
        self->bus.scl = board_pin_number(args[ARG_scl].u_obj);
    }
    if (args[ARG_sda].u_obj != MP_OBJ_NULL) {
        self->bus.sda = board_pin_number(args[ARG_sda].u_obj);
    }
    set_up(self, args[ARG_freq].u_int, args[ARG_timeout].u_int);
    return MP_OBJ_FROM_PTR(self);
}

static const mp_machine_i2c_p_t i2c_protocol = {
    .transfer_supports_write1 = true,
    .transfer = i2c_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(machine_i2c_type, MP_QSTR_I2C, MP_TYPE_FLAG_NONE,
                         make_new, i2c_make_new, print, i2c_print, protocol,
                         &i2c_protocol, locals_dict,
                         &mp_machine_i2c_locals_dict);
