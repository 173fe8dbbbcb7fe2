// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/text.mqtt
#include "core/codec/utf8.h"
#include "core/hass/kind.h"

static void options(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity) {
    blox_hass_put_json(writer, "min", entity->min);
    blox_hass_put_json(writer, "max", entity->max);
    blox_hass_put(writer, "mode", entity->mode);
}

int blox_hass_write_plain(struct blox_text *text,
                          const struct blox_hass_entity *entity,
                          const struct blox_hass_value *value) {
    (void)entity;
    if (value->kind == BLOX_HASS_VALUE_NONE) {
        blox_text_add(text, "None");
    } else if (value->kind == BLOX_HASS_VALUE_TEXT) {
        blox_text_add_span(text, value->text);
    } else {
        return BLOX_ERROR_UNSUPPORTED;
    }
    return BLOX_OK;
}

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

const struct blox_hass_kind_ops blox_hass_text_kind = {
    .component = "text",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .options = options,
    .write = blox_hass_write_plain,
    .commands = true,
};
