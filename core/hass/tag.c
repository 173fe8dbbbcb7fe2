// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/tag.mqtt
#include "core/hass/kind.h"

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    (void)entity;
    blox_hass_put(writer, "t", blox_span_text("~/scanned"));
    blox_hass_put(writer, "val_tpl", blox_span_text("{{ value_json.tag_id }}"));
}

static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    (void)entity;
    if (value->kind != BLOX_HASS_VALUE_TEXT) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    struct blox_json_writer writer;
    blox_json_write_init(&writer, text);
    blox_json_object_begin(&writer);
    blox_json_write_key(&writer, "tag_id");
    blox_json_write_span(&writer, value->text);
    blox_json_object_end(&writer);
    return BLOX_OK;
}

const struct blox_hass_kind_ops blox_hass_tag_kind = {
    .component = "tag",
    .state = "scanned",
    .anonymous = true,
    .options = options,
    .write = write,
};
