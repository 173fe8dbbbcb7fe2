// SPDX-License-Identifier: MIT
#include "core/hass/kind.h"

const struct blox_hass_kind_ops blox_hass_other_kind = {0};

// In the order of enum blox_hass_kind.
static const struct blox_hass_kind_ops *const kinds[BLOX_HASS_KINDS] = {
    &blox_hass_other_kind,  &blox_hass_binary_sensor_kind,
    &blox_hass_button_kind, &blox_hass_device_trigger_kind,
    &blox_hass_event_kind,  &blox_hass_light_kind,
    &blox_hass_number_kind, &blox_hass_select_kind,
    &blox_hass_sensor_kind, &blox_hass_switch_kind,
    &blox_hass_tag_kind,    &blox_hass_text_kind,
};

const struct blox_hass_kind_ops *
blox_hass_kind_of(const struct blox_hass_entity *entity) {
    return kinds[entity->kind];
}

struct blox_span blox_hass_component(const struct blox_hass_entity *entity) {
    if (entity->kind == BLOX_HASS_OTHER) {
        return entity->component;
    }
    return blox_span_text(blox_hass_kind_of(entity)->component);
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
    if (entity->kind == BLOX_HASS_OTHER) {
        return entity->state ? "state" : NULL;
    }
    return blox_hass_kind_of(entity)->state;
}

bool blox_hass_retained(const struct blox_hass_entity *entity) {
    return entity->kind == BLOX_HASS_OTHER ||
           blox_hass_kind_of(entity)->retained;
}

bool blox_hass_takes_commands(const struct blox_hass_entity *entity) {
    if (entity->kind == BLOX_HASS_OTHER) {
        return entity->commands;
    }
    return blox_hass_kind_of(entity)->commands;
}

int blox_hass_state(struct blox_text *text,
                    const struct blox_hass_entity *entity,
                    const struct blox_hass_value *value) {
    const struct blox_hass_kind_ops *kind = blox_hass_kind_of(entity);
    if (kind->write == NULL) {
        return BLOX_ERROR_UNSUPPORTED;
    }
    return kind->write(text, entity, value);
}
