// SPDX-License-Identifier: MIT
#include "core/hass/kind.h"

// In the order of enum blox_hass_kind.
static const char *const kinds[BLOX_HASS_KINDS] = {
    blox_hass_other_kind,  blox_hass_binary_sensor_kind,
    blox_hass_button_kind, blox_hass_device_trigger_kind,
    blox_hass_event_kind,  blox_hass_light_kind,
    blox_hass_number_kind, blox_hass_select_kind,
    blox_hass_sensor_kind, blox_hass_switch_kind,
    blox_hass_tag_kind,    blox_hass_text_kind,
};

const char *blox_hass_words(enum blox_hass_kind kind) {
    return kinds[kind];
}
