// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/sensor.mqtt
#include "core/hass/kind.h"

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put(writer, "unit_of_meas", entity->unit);
    blox_hass_put(writer, "stat_cla", entity->state_class);
    blox_hass_put_template(writer, entity);
}

int blox_hass_write_variable(struct blox_text *text,
                             const struct blox_hass_entity *entity,
                             const struct blox_hass_value *value) {
    struct blox_json_writer writer;
    blox_json_write_init(&writer, text);
    blox_json_object_begin(&writer);
    blox_json_write_key_span(&writer, entity->variable);
    switch (value->kind) {
    case BLOX_HASS_VALUE_NONE:
        blox_json_write_null(&writer);
        break;
    case BLOX_HASS_VALUE_TEXT:
        blox_json_write_span(&writer, value->text);
        break;
    case BLOX_HASS_VALUE_JSON:
        blox_json_write_raw(&writer, value->text);
        break;
    default:
        blox_json_write_raw(&writer,
                            blox_span_text(value->kind == BLOX_HASS_VALUE_TRUE
                                               ? "true"
                                               : "false"));
    }
    blox_json_object_end(&writer);
    return BLOX_OK;
}

const struct blox_hass_kind_ops blox_hass_sensor_kind = {
    .component = "sensor",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .options = options,
    .write = blox_hass_write_variable,
};
