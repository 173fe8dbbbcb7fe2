// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/number.mqtt
#include "core/hass/kind.h"

enum { PLACES = 6 }; // decimal places that are compared

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put(writer, "unit_of_meas", entity->unit);
    blox_hass_put_json(writer, "min", entity->min);
    blox_hass_put_json(writer, "max", entity->max);
    blox_hass_put_json(writer, "step", entity->step);
    blox_hass_put(writer, "mode", entity->mode);
    blox_hass_put_template(writer, entity);
}

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

const struct blox_hass_kind_ops blox_hass_number_kind = {
    .component = "number",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .options = options,
    .write = blox_hass_write_variable,
    .commands = true,
};
