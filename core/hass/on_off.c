// SPDX-License-Identifier: MIT
// What switches and lights have in common.
#include "core/hass/kind.h"

static bool read_order(struct blox_span word, enum blox_hass_order *order) {
    if (blox_span_is(word, "ON")) {
        *order = BLOX_HASS_ON;
    } else if (blox_span_is(word, "OFF")) {
        *order = BLOX_HASS_OFF;
    } else if (blox_span_is(word, "TOGGLE")) {
        *order = BLOX_HASS_TOGGLE;
    } else {
        return false;
    }
    return true;
}

int blox_hass_on_off_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why) {
    if (!read_order(payload, &command->order)) {
        return blox_hass_refuse(
            why, BLOX_ERROR_FORMAT, entity, payload,
            "expected ON, OFF, TOGGLE, or a JSON object with state");
    }
    return BLOX_OK;
}

// Returns what is wrong, or NULL.
static const char *check(const struct blox_hass_entity *entity,
                         const struct blox_hass_members *members,
                         struct blox_hass_command *command) {
    if (members->state.size > 0 &&
        !read_order(members->state, &command->order)) {
        return "state is \"ON\", \"OFF\" or \"TOGGLE\"";
    }
    if (members->duration_ms < BLOX_HASS_ABSENT) {
        return "duration is a number of seconds, at most 24 days";
    }
    command->has_duration = members->duration_ms != BLOX_HASS_ABSENT;
    command->duration_ms = (uint32_t)members->duration_ms;
    if (entity->brightness_scale == 0) {
        return NULL;
    }
    if (members->brightness < BLOX_HASS_ABSENT ||
        members->brightness > (int32_t)entity->brightness_scale) {
        return "brightness is a whole number from 0 to brightness_scale";
    }
    command->has_brightness = members->brightness != BLOX_HASS_ABSENT;
    command->brightness = (uint32_t)members->brightness;
    return NULL;
}

int blox_hass_command_members(const struct blox_hass_entity *entity,
                              const struct blox_hass_members *members,
                              struct blox_hass_command *command,
                              struct blox_text *why) {
    *command = (struct blox_hass_command){.order = BLOX_HASS_KEEP};
    const char *what = check(entity, members, command);
    if (what != NULL) {
        return blox_hass_refuse(why, BLOX_ERROR_LIMIT, entity, members->payload,
                                what);
    }
    return BLOX_OK;
}
