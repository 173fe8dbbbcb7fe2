// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/binary_sensor.mqtt
#include "core/hass/kind.h"

static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    const char *state = blox_hass_on_off(value);
    if (state == NULL) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    struct blox_hass_value word = {BLOX_HASS_VALUE_TEXT, blox_span_text(state),
                                   0};
    return blox_hass_write_variable(text, entity, &word);
}

const struct blox_hass_kind_ops blox_hass_binary_sensor_kind = {
    .component = "binary_sensor",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .options = blox_hass_put_template,
    .write = write,
};
