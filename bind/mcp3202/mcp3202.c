// SPDX-License-Identifier: MIT
// _blox_mcp3202: one input of the converter (core/sense/mcp3202.h); driven by
// python/mpy_blox/sensor/adc/mcp3202.py. An Input is called from a timer, so
// calling it allocates nothing.
#include "core/sense/mcp3202.h"
#include "bind/common/module.h"

typedef struct {
    mp_obj_base_t base;
    mp_obj_t write_readinto; // of the SPI bus, bound
    mp_obj_t cs;             // a pin
    mp_obj_t request;        // the bytes to send
    mp_obj_t buffer;         // of the transfer that runs
} input_obj;

// Input(spi, cs, input): input as in enum blox_mcp3202_input.
static mp_obj_t input_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 3, 3, false);
    uint8_t request[BLOX_MCP3202_FRAME];
    int error =
        blox_mcp3202_request((int)mp_obj_get_int(arguments[2]), request);
    if (error != BLOX_OK) {
        blox_raise(error, blox_span_text("mcp3202: it has channels 0 and 1"));
    }
    input_obj *self = blox_object_new(type, sizeof *self);
    self->write_readinto = mp_load_attr(arguments[0], MP_QSTR_write_readinto);
    self->cs = arguments[1];
    self->request = blox_new_bytes(blox_span(request, sizeof request));
    return MP_OBJ_FROM_PTR(self);
}

static void select_chip(input_obj *self, bool selected) {
    mp_obj_t level = MP_OBJ_NEW_SMALL_INT(selected ? 0 : 1);
    mp_call_function_n_kw(self->cs, 1, 0, &level);
}

static void transfer(void *argument) {
    input_obj *self = argument;
    mp_obj_t buffers[2] = {self->request, self->buffer};
    mp_call_function_n_kw(self->write_readinto, 2, 0, buffers);
}

// input(buffer): one conversion; its three bytes go to buffer.
static mp_obj_t input_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                           const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    input_obj *self = MP_OBJ_TO_PTR(self_in);
    self->buffer = arguments[0];
    select_chip(self, true);
    mp_obj_t raised = blox_catch(transfer, self);
    select_chip(self, false);
    if (raised != MP_OBJ_NULL) {
        nlr_raise(raised);
    }
    return mp_const_none;
}

// value(buffer) -> 0 to 4095, or below 0 when the null bit is 1.
static mp_obj_t value(mp_obj_t buffer) {
    struct blox_span bytes = blox_bind_span(buffer);
    return MP_OBJ_NEW_SMALL_INT(bytes.size < BLOX_MCP3202_FRAME
                                    ? BLOX_ERROR_FORMAT
                                    : blox_mcp3202_value(bytes.data));
}
static MP_DEFINE_CONST_FUN_OBJ_1(value_obj, value);

BLOX_TYPE(blox_mcp3202_input_type, MP_QSTR_Input, MP_TYPE_FLAG_NONE, make_new,
          input_make_new, call, input_call);

BLOX_MODULE(MP_QSTR__blox_mcp3202, blox_mcp3202_module,
            BLOX_TYPES(&blox_mcp3202_input_type),
            BLOX_MEMBER(MP_QSTR_Input, blox_mcp3202_input_type),
            BLOX_MEMBER(MP_QSTR_value, value_obj));
