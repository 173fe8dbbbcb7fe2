// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/switch.mqtt
#include "core/hass/kind.h"

static int write(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value) {
    (void)entity;
    const char *state = blox_hass_on_off(value);
    if (state == NULL) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    blox_text_add(text, state);
    return BLOX_OK;
}

const struct blox_hass_kind_ops blox_hass_switch_kind = {
    .component = "switch",
    .state = "state",
    .retained = true,
    .announces_state = true,
    .write = write,
    .commands = true,
};
