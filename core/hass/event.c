// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/event.mqtt
#include "core/hass/kind.h"

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put_json(writer, "evt_typ", entity->list);
}

// The value is the type of the event, or a JSON object with event_type and
// attributes.
static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    (void)entity;
    if (value->kind == BLOX_HASS_VALUE_JSON) {
        blox_text_add_span(text, value->text);
        return BLOX_OK;
    }
    if (value->kind != BLOX_HASS_VALUE_TEXT) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    struct blox_json_writer writer;
    blox_json_write_init(&writer, text);
    blox_json_object_begin(&writer);
    blox_json_write_key(&writer, "event_type");
    blox_json_write_span(&writer, value->text);
    blox_json_object_end(&writer);
    return BLOX_OK;
}

const struct blox_hass_kind_ops blox_hass_event_kind = {
    .component = "event",
    .state = "state",
    .announces_state = true,
    .options = options,
    .write = write,
};
