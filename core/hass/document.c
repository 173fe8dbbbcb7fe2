// SPDX-License-Identifier: MIT
// Discovery documents. Keys in the short forms that Home Assistant documents;
// '~' stands for the entity's base topic.
#include "core/hass/kind.h"

void blox_hass_put(struct blox_json_writer *writer, const char *key,
                   struct blox_span value) {
    if (value.size > 0) {
        blox_json_write_key(writer, key);
        blox_json_write_span(writer, value);
    }
}

void blox_hass_put_json(struct blox_json_writer *writer, const char *key,
                        struct blox_span value) {
    if (value.size > 0) {
        blox_json_write_key(writer, key);
        blox_json_write_raw(writer, value);
    }
}

static void put_text(struct blox_json_writer *writer, const char *key,
                     const char *value) {
    blox_hass_put(writer, key, blox_span_text(value));
}

// "<a><b><c>"; a topic or a version, never longer than its parts may be.
static void put_joined(struct blox_json_writer *writer, const char *key,
                       struct blox_span a, const char *b, struct blox_span c,
                       const char *d) {
    blox_json_write_key(writer, key);
    blox_json_string_begin(writer);
    blox_json_string_add(writer, a);
    blox_json_string_add(writer, blox_span_text(b));
    blox_json_string_add(writer, c);
    blox_json_string_add(writer, blox_span_text(d));
    blox_json_string_end(writer);
}

void blox_hass_put_template(struct blox_json_writer *writer,
                            const struct blox_hass_entity *entity) {
    put_joined(writer, "val_tpl", blox_span(NULL, 0), "{{ value_json.",
               entity->variable, " }}");
}

// The members of the JSON object that a subclass gave. A '}' at their end
// closes a value, so only one is taken off.
static void put_members(struct blox_json_writer *writer,
                        struct blox_span object) {
    size_t begin = blox_span_find(object, '{') + 1;
    size_t end = object.size;
    while (end > begin && object.data[end - 1] != '}') {
        --end;
    }
    while (begin < end && object.data[begin] <= ' ') {
        ++begin;
    }
    if (end > begin + 1) {
        blox_json_write_raw(writer,
                            blox_span_part(object, begin, end - 1 - begin));
    }
}

static void put_base(struct blox_json_writer *writer,
                     const struct blox_hass_entity *entity) {
    blox_json_write_key(writer, "~");
    blox_json_string_begin(writer);
    blox_json_string_add(writer, entity->prefix);
    blox_json_string_add(writer, blox_span_text("/"));
    blox_json_string_add(writer, blox_hass_component(entity));
    blox_json_string_add(writer, blox_span_text("/"));
    blox_json_string_add(writer, entity->id);
    blox_json_string_end(writer);
}

static void put_entity(struct blox_json_writer *writer,
                       const struct blox_hass_entity *entity) {
    const struct blox_hass_kind_ops *kind = blox_hass_kind_of(entity);
    put_base(writer, entity);
    if (!kind->anonymous && !entity->anonymous) {
        blox_hass_put(writer, "name", entity->name);
        blox_hass_put(writer, "uniq_id", entity->id);
    }
    if (kind->announces_state || entity->state) {
        put_text(writer, "stat_t", "~/state");
    }
    if (blox_hass_takes_commands(entity)) {
        put_text(writer, "cmd_t", "~/set");
    }
    if (entity->members.size > 0) {
        put_members(writer, entity->members);
        return;
    }
    blox_hass_put(writer, "dev_cla", entity->device_class);
    blox_hass_put(writer, "ent_cat", entity->entity_category);
    blox_hass_put(writer, "ic", entity->icon);
    if (kind->options != NULL) {
        kind->options(writer, entity);
    }
}

static void put_device(struct blox_json_writer *writer,
                       const struct blox_hass_device *device) {
    blox_json_write_key(writer, "dev");
    blox_json_object_begin(writer);
    blox_hass_put(writer, "ids", device->id);
    blox_hass_put(writer, "name", device->name);
    put_text(writer, "mf", "Mpy-BLOX");
    blox_hass_put(writer, "mdl", device->model);
    put_joined(writer, "sw", device->version, " (MicroPython ",
               device->firmware, ")");
    blox_hass_put(writer, "sa", device->area);
    blox_json_object_end(writer);
}

static void put_origin(struct blox_json_writer *writer,
                       const struct blox_hass_device *device) {
    blox_json_write_key(writer, "o");
    blox_json_object_begin(writer);
    put_text(writer, "name", "mpy-blox");
    blox_hass_put(writer, "sw", device->version);
    blox_json_object_end(writer);
    blox_hass_put(writer, "avty_t", device->available);
}

void blox_hass_config(struct blox_text *text,
                      const struct blox_hass_device *device,
                      const struct blox_hass_entity *entity) {
    struct blox_json_writer writer;
    blox_json_write_init(&writer, text);
    blox_json_object_begin(&writer);
    put_entity(&writer, entity);
    put_device(&writer, device);
    put_origin(&writer, device);
    blox_json_object_end(&writer);
}

void blox_hass_device_begin(struct blox_json_writer *writer,
                            struct blox_text *text,
                            const struct blox_hass_device *device) {
    blox_json_write_init(writer, text);
    blox_json_object_begin(writer);
    put_device(writer, device);
    put_origin(writer, device);
    blox_json_write_key(writer, "cmps");
    blox_json_object_begin(writer);
}

// A component's key is its unique_id: it must not change while the entity
// lives, and no other one has it.
static void begin_component(struct blox_json_writer *writer,
                            struct blox_span id, struct blox_span component) {
    blox_json_write_key_span(writer, id);
    blox_json_object_begin(writer);
    blox_hass_put(writer, "p", component);
}

void blox_hass_device_component(struct blox_json_writer *writer,
                                const struct blox_hass_entity *entity) {
    begin_component(writer, entity->id, blox_hass_component(entity));
    put_entity(writer, entity);
    blox_json_object_end(writer);
}

void blox_hass_device_removed(struct blox_json_writer *writer,
                              struct blox_span id, struct blox_span component) {
    begin_component(writer, id, component);
    blox_json_object_end(writer);
}

void blox_hass_device_end(struct blox_json_writer *writer) {
    blox_json_object_end(writer);
    blox_json_object_end(writer);
}
