// SPDX-License-Identifier: MIT
#include "bind/hass/entity.h"

struct blox_span blox_hass_optional(mp_obj_t object) {
    return object == mp_const_none ? blox_span(NULL, 0)
                                   : blox_bind_span(object);
}

static struct blox_span kept(blox_hass_read *read, mp_obj_t made) {
    read->made[read->count] = made;
    read->count += read->count + 1 < MP_ARRAY_SIZE(read->made);
    return blox_bind_span(made);
}

struct blox_span blox_hass_str(blox_hass_read *read, mp_obj_t object) {
    if (object == mp_const_none) {
        return blox_span(NULL, 0);
    }
    return kept(read, mp_call_function_n_kw(mp_load_global(MP_QSTR_str), 1, 0,
                                            &object));
}

struct blox_span blox_hass_json(blox_hass_read *read, mp_obj_t object) {
    if (object == mp_const_none) {
        return blox_span(NULL, 0);
    }
    return kept(read,
                blox_call(blox_import(MP_QSTR_json), MP_QSTR_dumps, object));
}

static struct blox_span optional(mp_obj_t object, qstr name) {
    return blox_hass_optional(mp_load_attr(object, name));
}

static bool flag(mp_obj_t object, qstr name) {
    return mp_obj_is_true(mp_load_attr(object, name));
}

static bool is_kind(const struct blox_hass_entity *entity,
                    enum blox_hass_kind kind) {
    return entity->kind == kind;
}

void blox_hass_read_bounds(blox_hass_read *read, mp_obj_t object) {
    read->entity.step = blox_hass_str(read, mp_load_attr(object, MP_QSTR_step));
    read->entity.min = blox_hass_str(read, mp_load_attr(object, MP_QSTR_min));
    read->entity.max = blox_hass_str(read, mp_load_attr(object, MP_QSTR_max));
}

void blox_hass_read_entity(blox_hass_read *read, mp_obj_t object) {
    struct blox_hass_entity *entity = &read->entity;
    memset(read, 0, sizeof *read);
    mp_int_t kind = mp_obj_get_int(mp_load_attr(object, MP_QSTR_kind));
    entity->kind = kind > 0 && kind < BLOX_HASS_KINDS
                       ? (enum blox_hass_kind)kind
                       : BLOX_HASS_OTHER;
    entity->prefix = optional(object, MP_QSTR_discovery_prefix);
    entity->id = optional(object, MP_QSTR_entity_id);
    entity->name = optional(object, MP_QSTR_name);
    if (is_kind(entity, BLOX_HASS_OTHER)) {
        entity->component = optional(object, MP_QSTR_component_type);
        entity->state = flag(object, MP_QSTR_has_state);
        entity->commands = flag(object, MP_QSTR_is_mutable);
        entity->anonymous = !flag(object, MP_QSTR_include_top_level_device_cfg);
    } else if (is_kind(entity, BLOX_HASS_SENSOR) ||
               is_kind(entity, BLOX_HASS_BINARY_SENSOR) ||
               is_kind(entity, BLOX_HASS_NUMBER)) {
        entity->variable = optional(object, MP_QSTR_var_name);
    } else if (is_kind(entity, BLOX_HASS_LIGHT)) {
        entity->brightness_scale = (uint32_t)mp_obj_get_int(
            mp_load_attr(object, MP_QSTR_brightness_scale));
    } else if (is_kind(entity, BLOX_HASS_DEVICE_TRIGGER)) {
        entity->type = optional(object, MP_QSTR_type);
        entity->subtype = optional(object, MP_QSTR_subtype);
    }
}

void blox_hass_read_options(blox_hass_read *read, mp_obj_t object) {
    struct blox_hass_entity *entity = &read->entity;
    entity->members =
        blox_hass_json(read, mp_load_attr(object, MP_QSTR_app_disco_config));
    entity->device_class = optional(object, MP_QSTR_dev_cls);
    entity->entity_category = optional(object, MP_QSTR_entity_category);
    entity->icon = optional(object, MP_QSTR_icon);
    switch (entity->kind) {
    case BLOX_HASS_SENSOR:
        entity->unit = optional(object, MP_QSTR_unit);
        entity->state_class = optional(object, MP_QSTR_state_class);
        break;
    case BLOX_HASS_NUMBER:
        entity->unit = optional(object, MP_QSTR_unit);
        entity->mode = optional(object, MP_QSTR_display_mode);
        blox_hass_read_bounds(read, object);
        break;
    case BLOX_HASS_SELECT:
    case BLOX_HASS_EVENT:
        entity->list =
            blox_hass_json(read, mp_load_attr(object, MP_QSTR_options));
        break;
    case BLOX_HASS_TEXT:
        entity->mode = optional(object, MP_QSTR_display_mode);
        break;
    default:
        break;
    }
}

void blox_hass_read_device(struct blox_hass_device *device, mp_obj_t tuple) {
    size_t count = 0;
    mp_obj_t *items = NULL;
    mp_obj_get_array(tuple, &count, &items);
    if (count != 7) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span_text("hass: device"));
    }
    *device = (struct blox_hass_device){
        .id = blox_hass_optional(items[0]),
        .name = blox_hass_optional(items[1]),
        .model = blox_hass_optional(items[2]),
        .version = blox_hass_optional(items[3]),
        .firmware = blox_hass_optional(items[4]),
        .area = blox_hass_optional(items[5]),
        .available = blox_hass_optional(items[6]),
    };
}
