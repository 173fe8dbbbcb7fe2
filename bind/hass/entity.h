// SPDX-License-Identifier: MIT
// From the attributes of Python's entities to what core/hass knows.
#ifndef BIND_HASS_ENTITY_H
#define BIND_HASS_ENTITY_H

#include "bind/common/module.h"
#include "core/hass/entity.h"

// An entity as it is read from its Python object, with room for the texts that
// are made on the way. Spans point into the object's attributes: it must live
// and not change as long as this is used.
typedef struct {
    struct blox_hass_entity entity;
    mp_obj_t made[4]; // keeps what was made for it from being collected
    size_t count;
} blox_hass_read;

// Reads what every document and state needs: kind, prefix, id, name,
// and what the entity's kind uses of it.
void blox_hass_read_entity(blox_hass_read *read, mp_obj_t object);

// Reads the options of its discovery document as well.
void blox_hass_read_options(blox_hass_read *read, mp_obj_t object);

// Reads min, max and step of a number.
void blox_hass_read_bounds(blox_hass_read *read, mp_obj_t object);

// A device: (id, name, model, version, firmware, area, available), with None
// for what there is not.
void blox_hass_read_device(struct blox_hass_device *device, mp_obj_t tuple);

// The bytes of a str, and nothing for None.
struct blox_span blox_hass_optional(mp_obj_t object);

// object as JSON; empty for None.
struct blox_span blox_hass_json(blox_hass_read *read, mp_obj_t object);

// str(object), where object is no str already.
struct blox_span blox_hass_str(blox_hass_read *read, mp_obj_t object);

#endif
