// SPDX-License-Identifier: MIT
// What _blox_hass and _blox_hass_command share.
#ifndef BIND_HASS_ENTITY_H
#define BIND_HASS_ENTITY_H

#include "bind/common/module.h"
#include "core/hass/entity.h"

// The bytes of a str, and nothing for None.
struct blox_span blox_hass_optional(mp_obj_t object);

// Words of a kind for Python, which hands them to _blox_hass: a bytearray that
// shows them where they are.
mp_obj_t blox_hass_show(const char *words);

// Raises ValueError. Not blox_raise(): the sentences of all errors would come
// with it.
_Noreturn void blox_hass_raise(struct blox_span sentence);

#endif
