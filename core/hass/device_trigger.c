// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/device_trigger.mqtt
#include "core/hass/kind.h"

static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    (void)value; // it happened, that is all
    blox_text_add_span(text, entity->type);
    blox_text_add_char(text, '/');
    blox_text_add_span(text, entity->subtype);
    return BLOX_OK;
}

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put(writer, "atype", blox_span_text("trigger"));
    blox_hass_put(writer, "t", blox_span_text("~/events"));
    blox_hass_put(writer, "type", entity->type);
    blox_hass_put(writer, "stype", entity->subtype);
    blox_json_write_key(writer, "pl");
    blox_json_string_begin(writer);
    blox_json_string_add(writer, entity->type);
    blox_json_string_add(writer, blox_span_text("/"));
    blox_json_string_add(writer, entity->subtype);
    blox_json_string_end(writer);
}

const struct blox_hass_kind_ops blox_hass_device_trigger_kind = {
    .component = "device_automation",
    .state = "events",
    .anonymous = true,
    .options = options,
    .write = write,
};
