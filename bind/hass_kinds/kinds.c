// SPDX-License-Identifier: MIT
// _blox_hass_kinds, loaded by entities that are no sensor and take no commands:
// the words of their kinds.
#include "bind/hass/entity.h"

// words(kind) -> the words of an enum blox_hass_kind, for _blox_hass
static mp_obj_t words(mp_obj_t kind_in) {
    mp_int_t kind = mp_obj_get_int(kind_in);
    return blox_hass_show(
        kind == BLOX_HASS_BINARY_SENSOR    ? blox_hass_binary_sensor_kind
        : kind == BLOX_HASS_DEVICE_TRIGGER ? blox_hass_device_trigger_kind
        : kind == BLOX_HASS_EVENT          ? blox_hass_event_kind
                                           : blox_hass_tag_kind);
}
static MP_DEFINE_CONST_FUN_OBJ_1(words_obj, words);

BLOX_MODULE(MP_QSTR__blox_hass_kinds, blox_hass_kinds_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_words, words_obj));
