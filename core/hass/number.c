// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/number.mqtt
#include "core/hass/kind.h"

enum { PLACES = 6 }; // decimal places that are compared

int blox_hass_number_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why) {
    int64_t number = 0;
    int64_t limit = 0;
    int error = blox_hass_decimal(payload, PLACES, &number);
    if (error != BLOX_OK) {
        return blox_hass_refuse(why, error, entity, payload,
                                "expected a decimal number");
    }
    bool low = blox_hass_decimal(entity->min, PLACES, &limit) == BLOX_OK &&
               number < limit;
    bool high = blox_hass_decimal(entity->max, PLACES, &limit) == BLOX_OK &&
                number > limit;
    if (low || high) {
        return blox_hass_refuse(why, BLOX_ERROR_LIMIT, entity, payload,
                                low ? "less than min" : "more than max");
    }
    command->order = BLOX_HASS_SET;
    return BLOX_OK;
}

const char blox_hass_number_kind[] = "number\0"
                                     "rsc\0"
                                     "state\0"
                                     "{\"$h\":@}\0"
                                     "|\"unit_of_meas\":\"$i\""
                                     "|\"min\":#k"
                                     "|\"max\":#l"
                                     "|\"step\":#m"
                                     "|\"mode\":\"$n\""
                                     "|\"val_tpl\":\"{{ value_json.$h }}\"";
