// SPDX-License-Identifier: MIT
// Commands of all kinds. Apart from documents and states: a device that only
// measures takes none.
#include "core/hass/kind.h"

typedef int (*command_reader)(const struct blox_hass_entity *entity,
                              struct blox_span payload,
                              struct blox_hass_command *command,
                              struct blox_text *why);

static const command_reader readers[BLOX_HASS_KINDS] = {
    [BLOX_HASS_BUTTON] = blox_hass_button_command,
    [BLOX_HASS_LIGHT] = blox_hass_on_off_command,
    [BLOX_HASS_NUMBER] = blox_hass_number_command,
    [BLOX_HASS_SELECT] = blox_hass_select_command,
    [BLOX_HASS_SWITCH] = blox_hass_on_off_command,
    [BLOX_HASS_TEXT] = blox_hass_text_command,
};

int blox_hass_command(const struct blox_hass_entity *entity,
                      struct blox_span payload,
                      struct blox_hass_command *command,
                      struct blox_text *why) {
    command_reader reader = readers[entity->kind];
    *command = (struct blox_hass_command){.order = BLOX_HASS_KEEP};
    if (reader == NULL) {
        return blox_hass_refuse(why, BLOX_ERROR_UNSUPPORTED, entity, payload,
                                "takes no commands");
    }
    return reader(entity, payload, command, why);
}

int blox_hass_refuse(struct blox_text *why, int error,
                     const struct blox_hass_entity *entity,
                     struct blox_span payload, const char *what) {
    blox_text_clear(why);
    blox_text_add_shown(why, entity->name);
    blox_text_add(why, ": command '");
    blox_text_add_shown(why, payload);
    blox_text_add(why, "': ");
    blox_text_add(why, what);
    return error;
}
