// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/text.mqtt
#include "core/codec/utf8.h"
#include "core/hass/kind.h"

int blox_hass_text_command(const struct blox_hass_entity *entity,
                           struct blox_span payload,
                           struct blox_hass_command *command,
                           struct blox_text *why) {
    if (payload.size > BLOX_HASS_TEXT_MAX) {
        return blox_hass_refuse(why, BLOX_ERROR_LIMIT, entity, payload,
                                "a text has at most 255 bytes");
    }
    if (!blox_utf8_valid(payload)) {
        return blox_hass_refuse(why, BLOX_ERROR_FORMAT, entity, payload,
                                "a text is UTF-8");
    }
    command->order = BLOX_HASS_SET;
    return BLOX_OK;
}

const char blox_hass_text_kind[] = "text\0"
                                   "rsc\0"
                                   "state\0"
                                   "=\0"
                                   "|\"min\":#k"
                                   "|\"max\":#l"
                                   "|\"mode\":\"$n\"";
