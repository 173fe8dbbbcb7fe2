// SPDX-License-Identifier: MIT
// machine.SPI: the two SPI controllers that an ESP32 leaves to programs.
#include "py/mphal.h"
#include "py/runtime.h"

#include "extmod/modmachine.h"

#include "sim/spi_controller.h"

#include "board/world.h"

enum { CONTROLLERS = 2, CLOCK = 80000000, KEEP = -2 };

typedef struct {
    mp_obj_base_t base;
    uint8_t number;
    bool open;
    uint8_t bits;
    struct sim_spi_controller bus;
} spi_t;

static spi_t controllers[CONTROLLERS];

enum {
    ARG_id,
    ARG_baudrate,
    ARG_polarity,
    ARG_phase,
    ARG_bits,
    ARG_firstbit,
    ARG_sck,
    ARG_mosi,
    ARG_miso,
    ARGS,
};

static const mp_arg_t allowed[ARGS] = {
    {MP_QSTR_id, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_polarity, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_phase, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_bits, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_firstbit, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
    {MP_QSTR_sck, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_mosi, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
    {MP_QSTR_miso, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
};

// None is a wire that is not used.
static int pin_of(mp_obj_t object, int otherwise) {
    if (object == MP_OBJ_NULL) {
        return otherwise;
    }
    return object == mp_const_none ? -1 : board_pin_number(object);
}

// What the clock's divider can make of it.
static uint32_t actual(mp_int_t baudrate) {
    if (baudrate <= 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid baudrate"));
    }
    uint32_t divider = (uint32_t)((CLOCK + baudrate - 1) / baudrate);
    return CLOCK / divider;
}

static void configure(spi_t *self, const mp_arg_val_t *args) {
    struct sim_spi_controller *bus = &self->bus;
    if (args[ARG_baudrate].u_int != -1) {
        bus->hertz = actual(args[ARG_baudrate].u_int);
    }
    if (args[ARG_polarity].u_int != -1) {
        bus->polarity = args[ARG_polarity].u_int != 0;
    }
    if (args[ARG_phase].u_int != -1) {
        bus->phase = args[ARG_phase].u_int != 0;
    }
    if (args[ARG_bits].u_int != -1 && args[ARG_bits].u_int != 8) {
        mp_raise_ValueError(args[ARG_bits].u_int <= 0
                                ? MP_ERROR_TEXT("invalid bits")
                                : MP_ERROR_TEXT("this board's SPI has 8 bits"));
    }
    if (args[ARG_firstbit].u_int != -1) {
        bus->lsb_first = args[ARG_firstbit].u_int == MICROPY_PY_MACHINE_SPI_LSB;
    }
    bus->sck = pin_of(args[ARG_sck].u_obj, bus->sck);
    bus->mosi = pin_of(args[ARG_mosi].u_obj, bus->mosi);
    bus->miso = pin_of(args[ARG_miso].u_obj, bus->miso);
    self->open = true;
    bus->world = board_world_enter();
    sim_spi_begin(bus);
    board_world_leave();
}

static void spi_init(mp_obj_base_t *self_in, size_t n_args,
                     const mp_obj_t *pos_args, mp_map_t *kw_args) {
    mp_arg_val_t args[ARGS];
    mp_arg_parse_all(n_args, pos_args, kw_args, ARGS - 1, allowed + 1,
                     args + 1);
    configure((spi_t *)self_in, args);
}

static void spi_deinit(mp_obj_base_t *self_in) {
    ((spi_t *)self_in)->open = false;
}

static void spi_transfer(mp_obj_base_t *self_in, size_t size,
                         const uint8_t *src, uint8_t *dest) {
    spi_t *self = (spi_t *)self_in;
    if (!self->open) {
        mp_raise_msg(&mp_type_OSError,
                     MP_ERROR_TEXT("transfer on deinitialized SPI"));
    }
    if (size == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer too short"));
    }
    self->bus.world = board_world_enter();
    sim_spi_transfer(&self->bus, size, src, dest);
    board_world_leave();
    board_world_settle();
}

static void spi_print(const mp_print_t *print, mp_obj_t self_in,
                      mp_print_kind_t kind) {
    (void)kind;
    spi_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print,
              "SPI(id=%u, baudrate=%u, polarity=%u, phase=%u, bits=8, "
              "firstbit=%u, sck=%d, mosi=%d, miso=%d)",
              self->number, (unsigned)self->bus.hertz, self->bus.polarity,
              self->bus.phase, self->bus.lsb_first, self->bus.sck,
              self->bus.mosi, self->bus.miso);
}

static void set_defaults(spi_t *self, mp_int_t number) {
    self->number = (uint8_t)number;
    self->bus = (struct sim_spi_controller){
        .hertz = 500000,
        .sck = number == 1 ? 14 : 18,
        .mosi = number == 1 ? 13 : 23,
        .miso = number == 1 ? 12 : 19,
    };
}

static mp_obj_t spi_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *all_args) {
    MP_MACHINE_SPI_CHECK_FOR_LEGACY_SOFTSPI_CONSTRUCTION(n_args, n_kw,
                                                         all_args);
    mp_arg_val_t args[ARGS];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, ARGS, allowed, args);
    mp_int_t number = args[ARG_id].u_int;
    if (number < 1 || number > CONTROLLERS) {
        mp_raise_msg_varg(&mp_type_ValueError,
                          MP_ERROR_TEXT("SPI(%d) doesn't exist"), (int)number);
    }
    spi_t *self = &controllers[number - 1];
    self->base.type = type;
    set_defaults(self, number);
    configure(self, args);
    return MP_OBJ_FROM_PTR(self);
}

static const mp_machine_spi_p_t spi_protocol = {
    .init = spi_init,
    .deinit = spi_deinit,
    .transfer = spi_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(machine_spi_type, MP_QSTR_SPI, MP_TYPE_FLAG_NONE,
                         make_new, spi_make_new, print, spi_print, protocol,
                         &spi_protocol, locals_dict,
                         &mp_machine_spi_locals_dict);
