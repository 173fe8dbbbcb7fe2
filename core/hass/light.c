// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/light.mqtt, its JSON schema
#include "core/hass/kind.h"

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    bool dimmable = entity->brightness_scale > 0;
    blox_hass_put(writer, "schema", blox_span_text("json"));
    blox_hass_put_json(writer, "brightness",
                       blox_span_text(dimmable ? "true" : "false"));
    if (dimmable) {
        blox_json_write_key(writer, "bri_scl");
        blox_json_write_u32(writer, entity->brightness_scale);
    }
}

static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    const char *state = blox_hass_on_off(value);
    if (state == NULL) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    struct blox_json_writer writer;
    blox_json_write_init(&writer, text);
    blox_json_object_begin(&writer);
    blox_json_write_key(&writer, "state");
    if (value->kind == BLOX_HASS_VALUE_NONE) {
        blox_json_write_null(&writer);
    } else {
        blox_json_write_string(&writer, state);
    }
    if (entity->brightness_scale > 0) {
        blox_json_write_key(&writer, "brightness");
        blox_json_write_u32(&writer, value->brightness);
    }
    blox_json_object_end(&writer);
    return BLOX_OK;
}

const struct blox_hass_kind_ops blox_hass_light_kind = {
    .component = "light",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .options = options,
    .write = write,
    .commands = true,
};
