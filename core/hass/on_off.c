// SPDX-License-Identifier: MIT
// What switches and lights have in common.
#include "core/codec/json_check.h"
#include "core/codec/json_walk.h"
#include "core/hass/kind.h"

enum { DURATION_MAX_MS = 0x7fffffff }; // what ticks can measure

const char *blox_hass_on_off(const struct blox_hass_value *value) {
    switch (value->kind) {
    case BLOX_HASS_VALUE_NONE:
        return "None";
    case BLOX_HASS_VALUE_FALSE:
        return "OFF";
    case BLOX_HASS_VALUE_TRUE:
        return "ON";
    default:
        return NULL;
    }
}

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

// Reads a number from 0 to most as number * 10^places.
static bool read_number(struct blox_span value, uint32_t places, uint32_t most,
                        uint32_t *number) {
    int64_t exact = 0;
    if (blox_hass_decimal(value, places, &exact) != BLOX_OK || exact < 0 ||
        exact > most) {
        return false;
    }
    *number = (uint32_t)exact;
    return true;
}

// Returns what is wrong with the member, or NULL.
static const char *read_member(const struct blox_hass_entity *entity,
                               const struct blox_json_member *member,
                               struct blox_hass_command *command) {
    struct blox_span value = member->value;
    if (blox_span_is(member->key, "state")) {
        struct blox_span word =
            blox_span_part(value, 1, value.size < 2 ? 0 : value.size - 2);
        return read_order(word, &command->order)
                   ? NULL
                   : "state is \"ON\", \"OFF\" or \"TOGGLE\"";
    }
    if (blox_span_is(member->key, "duration")) {
        command->has_duration = true;
        return read_number(value, 3, DURATION_MAX_MS, &command->duration_ms)
                   ? NULL
                   : "duration is a number of seconds, at most 24 days";
    }
    if (blox_span_is(member->key, "brightness") &&
        entity->brightness_scale > 0) {
        command->has_brightness = true;
        return read_number(value, 0, entity->brightness_scale,
                           &command->brightness)
                   ? NULL
                   : "brightness is a number from 0 to brightness_scale";
    }
    return NULL; // colours, transitions, what tomorrow brings: not for us
}

int blox_hass_on_off_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why) {
    if (read_order(payload, &command->order)) {
        return BLOX_OK;
    }
    struct blox_json_check check;
    blox_json_check_init(&check);
    uint32_t at = 0;
    if (blox_json_check_feed(&check, payload) != BLOX_OK ||
        blox_json_check_end(&check) != BLOX_OK ||
        !blox_json_walk_enter(payload, &at)) {
        return blox_hass_refuse(
            why, BLOX_ERROR_FORMAT, entity, payload,
            "expected ON, OFF, TOGGLE, or a JSON object with state");
    }
    struct blox_json_member member;
    while (blox_json_walk_next(payload, &at, &member)) {
        const char *what = read_member(entity, &member, command);
        if (what != NULL) {
            return blox_hass_refuse(why, BLOX_ERROR_LIMIT, entity, payload,
                                    what);
        }
    }
    return BLOX_OK;
}
