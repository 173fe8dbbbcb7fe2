// SPDX-License-Identifier: MIT
// Discovery documents. Keys in the short forms that Home Assistant documents;
// '~' stands for the entity's base topic.
#include "core/hass/kind.h"

static void fill(struct blox_text *text, const char *form,
                 const struct blox_span *spans) {
    const struct blox_hass_filling filling = {.spans = spans};
    blox_hass_fill(text, form, &filling);
}

static unsigned members_of(const struct blox_hass_entity *entity) {
    unsigned members = blox_hass_dims(entity);
    if (!entity->anonymous && !blox_hass_is(entity->words, 'a')) {
        members |= BLOX_HASS_NAMED;
    }
    if (entity->state || blox_hass_is(entity->words, 's')) {
        members |= BLOX_HASS_STATED;
    }
    if (blox_hass_takes_commands(entity)) {
        members |= BLOX_HASS_COMMANDED;
    }
    return members;
}

static void put_entity(struct blox_text *text,
                       const struct blox_hass_entity *entity) {
    struct blox_hass_filling filling = {
        .spans = entity->spans,
        .brightness = entity->brightness_scale,
        .members = members_of(entity),
    };
    blox_hass_fill(text, "|\"~\":\"$a/", &filling);
    blox_text_add_span(text, blox_hass_component(entity));
    blox_hass_fill(text,
                   "/$b\"|0\"name\":\"$d\"|0\"uniq_id\":\"$b\""
                   "|1\"stat_t\":\"~/state\"|2\"cmd_t\":\"~/set\"|#r",
                   &filling);
    if (entity->members.data == NULL) {
        blox_hass_fill(text,
                       "|\"dev_cla\":\"$e\"|\"ent_cat\":\"$f\"|\"ic\":\"$g\"",
                       &filling);
        blox_hass_fill(text, blox_hass_part(entity->words, BLOX_HASS_OPTIONS),
                       &filling);
    }
}

static void put_device(struct blox_text *text,
                       const struct blox_hass_device *device) {
    fill(text,
         "|\"dev\":{|\"ids\":\"$a\"|\"name\":\"$b\"|\"mf\":\"Mpy-BLOX\""
         "|\"mdl\":\"$c\"|\"sw\":\"$d (MicroPython $e)\"|\"sa\":\"$f\";}"
         "|\"o\":{|\"name\":\"mpy-blox\"|\"sw\":\"$d\";}"
         "|\"avty_t\":\"$g\"",
         device->spans);
}

void blox_hass_config(struct blox_text *text,
                      const struct blox_hass_device *device,
                      const struct blox_hass_entity *entity) {
    blox_text_add_char(text, '{');
    put_entity(text, entity);
    put_device(text, device);
    blox_text_add_char(text, '}');
}

void blox_hass_device_begin(struct blox_text *text,
                            const struct blox_hass_device *device) {
    blox_text_add_char(text, '{');
    put_device(text, device);
    blox_text_add(text, ",\"cmps\":{");
}

// A component's key is its unique_id: it must not change while the entity
// lives, and no other one has it.
static void begin_component(struct blox_text *text, struct blox_span id,
                            struct blox_span component) {
    const struct blox_span spans[] = {id, component};
    fill(text, "|\"$a\":{|\"p\":\"$b\"", spans);
}

void blox_hass_device_component(struct blox_text *text,
                                const struct blox_hass_entity *entity) {
    begin_component(text, entity->id, blox_hass_component(entity));
    put_entity(text, entity);
    blox_text_add_char(text, '}');
}

void blox_hass_device_removed(struct blox_text *text, struct blox_span id,
                              struct blox_span component) {
    begin_component(text, id, component);
    blox_text_add_char(text, '}');
}

void blox_hass_device_end(struct blox_text *text) {
    blox_text_add(text, "}}");
}
