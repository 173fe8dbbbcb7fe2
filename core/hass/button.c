// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/button.mqtt
#include "core/hass/kind.h"

int blox_hass_button_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why) {
    if (!blox_span_is(payload, "PRESS")) {
        return blox_hass_refuse(why, BLOX_ERROR_FORMAT, entity, payload,
                                "a button takes PRESS");
    }
    command->order = BLOX_HASS_PRESS;
    return BLOX_OK;
}

const char blox_hass_button_kind[] = "button\0"
                                     "c\0"
                                     "\0"
                                     "\0";
