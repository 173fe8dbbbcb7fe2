// SPDX-License-Identifier: MIT
#include "board/nvs.h"

#include "py/runtime.h"

#include "board/flash.h"
#include "sim/nvs.h"

static struct sim_nvs store;

typedef struct {
    mp_obj_base_t base;
    uint8_t space;
} nvs_t;

void board_nvs_start(void) {
    sim_nvs_init(&store, board_flash(), 0, BOARD_FLASH_NVS / SIM_FLASH_SECTOR);
}

static const struct {
    int error;
    const char *name;
} error_names[] = {
    {SIM_NVS_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND"},
    {SIM_NVS_NOT_ENOUGH_SPACE, "ESP_ERR_NVS_NOT_ENOUGH_SPACE"},
    {SIM_NVS_INVALID_NAME, "ESP_ERR_NVS_INVALID_NAME"},
    {SIM_NVS_REMOVE_FAILED, "ESP_ERR_NVS_REMOVE_FAILED"},
    {SIM_NVS_KEY_TOO_LONG, "ESP_ERR_NVS_KEY_TOO_LONG"},
    {SIM_NVS_INVALID_LENGTH, "ESP_ERR_NVS_INVALID_LENGTH"},
    {SIM_NVS_VALUE_TOO_LONG, "ESP_ERR_NVS_VALUE_TOO_LONG"},
};

// Raises OSError(-error, name) as the ESP32 port does for ESP-IDF's errors.
static void check(int error) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(error_names); i++) {
        if (error_names[i].error == error) {
            mp_obj_t args[] = {
                MP_OBJ_NEW_SMALL_INT(-error),
                mp_obj_new_str_from_cstr(error_names[i].name),
            };
            nlr_raise(mp_obj_exception_make_new(&mp_type_OSError, 2, 0, args));
        }
    }
}

static uint8_t space_of(mp_obj_t self_in) {
    nvs_t *self = MP_OBJ_TO_PTR(self_in);
    return self->space;
}

static mp_obj_t nvs_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    uint8_t space;
    check(sim_nvs_open(&store, mp_obj_str_get_str(args[0]), &space));
    nvs_t *self = mp_obj_malloc(nvs_t, type);
    self->space = space;
    return MP_OBJ_FROM_PTR(self);
}

static void nvs_print(const mp_print_t *print, mp_obj_t self_in,
                      mp_print_kind_t kind) {
    (void)self_in;
    (void)kind;
    mp_printf(print, "<NVS namespace>");
}

static mp_obj_t nvs_set_i32(mp_obj_t self, mp_obj_t key, mp_obj_t value) {
    check(sim_nvs_set_i32(&store, space_of(self), mp_obj_str_get_str(key),
                          (int32_t)mp_obj_get_int_truncated(value)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(nvs_set_i32_obj, nvs_set_i32);

static mp_obj_t nvs_get_i32(mp_obj_t self, mp_obj_t key) {
    int32_t value;
    check(sim_nvs_get_i32(&store, space_of(self), mp_obj_str_get_str(key),
                          &value));
    return mp_obj_new_int(value);
}
static MP_DEFINE_CONST_FUN_OBJ_2(nvs_get_i32_obj, nvs_get_i32);

static mp_obj_t nvs_set_blob(mp_obj_t self, mp_obj_t key, mp_obj_t value) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(value, &buffer, MP_BUFFER_READ);
    check(sim_nvs_set_blob(&store, space_of(self), mp_obj_str_get_str(key),
                           buffer.buf, buffer.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(nvs_set_blob_obj, nvs_set_blob);

static mp_obj_t nvs_get_blob(mp_obj_t self, mp_obj_t key, mp_obj_t value) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(value, &buffer, MP_BUFFER_WRITE);
    size_t size = buffer.len;
    check(sim_nvs_get_blob(&store, space_of(self), mp_obj_str_get_str(key),
                           buffer.buf, &size));
    return MP_OBJ_NEW_SMALL_INT(size);
}
static MP_DEFINE_CONST_FUN_OBJ_3(nvs_get_blob_obj, nvs_get_blob);

static mp_obj_t nvs_erase_key(mp_obj_t self, mp_obj_t key) {
    check(sim_nvs_erase_key(&store, space_of(self), mp_obj_str_get_str(key)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(nvs_erase_key_obj, nvs_erase_key);

// Each set is on flash already, as it is with ESP-IDF.
static mp_obj_t nvs_commit(mp_obj_t self) {
    (void)self;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(nvs_commit_obj, nvs_commit);

static const mp_rom_map_elem_t nvs_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_get_i32), MP_ROM_PTR(&nvs_get_i32_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_i32), MP_ROM_PTR(&nvs_set_i32_obj)},
    {MP_ROM_QSTR(MP_QSTR_get_blob), MP_ROM_PTR(&nvs_get_blob_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_blob), MP_ROM_PTR(&nvs_set_blob_obj)},
    {MP_ROM_QSTR(MP_QSTR_erase_key), MP_ROM_PTR(&nvs_erase_key_obj)},
    {MP_ROM_QSTR(MP_QSTR_commit), MP_ROM_PTR(&nvs_commit_obj)},
};
static MP_DEFINE_CONST_DICT(nvs_locals, nvs_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_nvs_type, MP_QSTR_NVS, MP_TYPE_FLAG_NONE,
                         make_new, nvs_make_new, print, nvs_print, locals_dict,
                         &nvs_locals);
