// SPDX-License-Identifier: MIT
#include "core/hass/entity.h"

#include <string.h>

#include "core/hass/kind.h"

const char blox_hass_other_kind[] = "\0"
                                    "r\0"
                                    "state\0"
                                    "\0";

const char *blox_hass_part(const char *kind, enum blox_hass_part part) {
    for (; part > 0; --part) {
        kind += strlen(kind) + 1;
    }
    return kind;
}

bool blox_hass_is(const char *kind, char letter) {
    for (kind = blox_hass_part(kind, BLOX_HASS_LETTERS); *kind != '\0';
         ++kind) {
        if (*kind == letter) {
            return true;
        }
    }
    return false;
}

struct blox_span blox_hass_component(const struct blox_hass_entity *entity) {
    return entity->component.size > 0 ? entity->component
                                      : blox_span_text(entity->words);
}

void blox_hass_topic(struct blox_text *text,
                     const struct blox_hass_entity *entity, const char *last) {
    blox_text_add_span(text, entity->prefix);
    blox_text_add_char(text, '/');
    blox_text_add_span(text, blox_hass_component(entity));
    blox_text_add_char(text, '/');
    blox_text_add_span(text, entity->id);
    blox_text_add_char(text, '/');
    blox_text_add(text, last);
}

const char *blox_hass_state_topic(const struct blox_hass_entity *entity) {
    if (entity->words == blox_hass_other_kind && !entity->state) {
        return "";
    }
    return blox_hass_part(entity->words, BLOX_HASS_TOPIC);
}

bool blox_hass_retained(const struct blox_hass_entity *entity) {
    return blox_hass_is(entity->words, 'r');
}

bool blox_hass_takes_commands(const struct blox_hass_entity *entity) {
    return entity->commands || blox_hass_is(entity->words, 'c');
}

unsigned blox_hass_dims(const struct blox_hass_entity *entity) {
    return entity->brightness_scale > 0 ? BLOX_HASS_DIMMED
                                        : BLOX_HASS_NOT_DIMMED;
}

int blox_hass_state(struct blox_text *text,
                    const struct blox_hass_entity *entity,
                    const struct blox_hass_value *value) {
    const char *form = blox_hass_part(entity->words, BLOX_HASS_STATE);
    const struct blox_hass_filling filling = {
        .spans = entity->spans,
        .value = value,
        .brightness = value->brightness,
        .members = blox_hass_dims(entity),
    };
    if (*form == '\0') {
        return BLOX_ERROR_UNSUPPORTED;
    }
    return blox_hass_fill(text, form, &filling);
}
