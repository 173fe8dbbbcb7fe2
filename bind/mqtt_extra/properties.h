// SPDX-License-Identifier: MIT
// Properties as a dict, section 2.2.2: names of the standard in lower case
// with '_'. Numbers are int, strings str, binary data bytes; user_property is
// a list of (name, value), subscription_identifier a list of int.
#ifndef BIND_MQTT_EXTRA_PROPERTIES_H
#define BIND_MQTT_EXTRA_PROPERTIES_H

#include "bind/common/module.h"

// encode(dict) -> bytes. Raises ValueError for an unknown name or a value the
// property does not take; where it may stand is the session's to judge.
mp_obj_t blox_mqtt_encode(mp_obj_t properties);

// decode(bytes or None) -> dict. Raises ValueError when they are malformed.
mp_obj_t blox_mqtt_decode(mp_obj_t encoded);

#endif
