// SPDX-License-Identifier: MIT
// The modules esp and esp32, as far as a program that runs anywhere needs
// them, and _board: what the frozen Python asks of the board.
#include "py/runtime.h"

#include "board/clock.h"
#include "board/flash.h"
#include "board/options.h"

extern const mp_obj_type_t board_partition_type;
extern const mp_obj_type_t board_nvs_type;

// esp

static mp_obj_t esp_osdebug(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(esp_osdebug_obj, 1, 2, esp_osdebug);

static mp_obj_t esp_flash_size(void) {
    // The partition with the file system is the upper half of a stock chip.
    size_t size = board_flash()->size - BOARD_FLASH_NVS;
    return mp_obj_new_int_from_uint(2 * size);
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_size_obj, esp_flash_size);

static const mp_rom_map_elem_t esp_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_esp)},
    {MP_ROM_QSTR(MP_QSTR_osdebug), MP_ROM_PTR(&esp_osdebug_obj)},
    {MP_ROM_QSTR(MP_QSTR_flash_size), MP_ROM_PTR(&esp_flash_size_obj)},
    {MP_ROM_QSTR(MP_QSTR_LOG_NONE), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_LOG_ERROR), MP_ROM_INT(1)},
    {MP_ROM_QSTR(MP_QSTR_LOG_WARNING), MP_ROM_INT(2)},
    {MP_ROM_QSTR(MP_QSTR_LOG_INFO), MP_ROM_INT(3)},
    {MP_ROM_QSTR(MP_QSTR_LOG_DEBUG), MP_ROM_INT(4)},
    {MP_ROM_QSTR(MP_QSTR_LOG_VERBOSE), MP_ROM_INT(5)},
};
static MP_DEFINE_CONST_DICT(esp_globals, esp_globals_table);

const mp_obj_module_t board_esp_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&esp_globals,
};
MP_REGISTER_MODULE(MP_QSTR_esp, board_esp_module);

// esp32

static mp_obj_t esp32_mcu_temperature(void) {
    return MP_OBJ_NEW_SMALL_INT(42);
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp32_mcu_temperature_obj,
                                 esp32_mcu_temperature);

static const mp_rom_map_elem_t esp32_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_esp32)},
    {MP_ROM_QSTR(MP_QSTR_NVS), MP_ROM_PTR(&board_nvs_type)},
    {MP_ROM_QSTR(MP_QSTR_Partition), MP_ROM_PTR(&board_partition_type)},
    {MP_ROM_QSTR(MP_QSTR_mcu_temperature),
     MP_ROM_PTR(&esp32_mcu_temperature_obj)},
};
static MP_DEFINE_CONST_DICT(esp32_globals, esp32_globals_table);

const mp_obj_module_t board_esp32_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&esp32_globals,
};
MP_REGISTER_MODULE(MP_QSTR_esp32, board_esp32_module);

// _board

// The NTP server to ask as (host, port), or None.
static mp_obj_t board_ntp(void) {
    const struct board_options *options = board_options();
    if (options->ntp_host == NULL) {
        return mp_const_none;
    }
    mp_obj_t items[] = {
        mp_obj_new_str_from_cstr(options->ntp_host),
        MP_OBJ_NEW_SMALL_INT(options->ntp_port),
    };
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_ntp_obj, board_ntp);

// Seconds since 2000 by the host's clock.
static mp_obj_t board_host_time(void) {
    return mp_obj_new_int(board_clock_host_us() / 1000000);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_host_time_obj, board_host_time);

// Flash operations since power-on or reset as (erases, programs).
static mp_obj_t board_flash_operations(void) {
    mp_obj_t items[] = {
        mp_obj_new_int_from_ull(board_flash()->erases),
        mp_obj_new_int_from_ull(board_flash()->programs),
    };
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_flash_operations_obj,
                                 board_flash_operations);

static const mp_rom_map_elem_t board_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__board)},
    {MP_ROM_QSTR(MP_QSTR_ntp), MP_ROM_PTR(&board_ntp_obj)},
    {MP_ROM_QSTR(MP_QSTR_host_time), MP_ROM_PTR(&board_host_time_obj)},
    {MP_ROM_QSTR(MP_QSTR_flash_operations),
     MP_ROM_PTR(&board_flash_operations_obj)},
};
static MP_DEFINE_CONST_DICT(board_globals, board_globals_table);

const mp_obj_module_t board_board_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&board_globals,
};
MP_REGISTER_MODULE(MP_QSTR__board, board_board_module);
