// SPDX-License-Identifier: MIT
// What the files of _blox_link share.
#ifndef BIND_LINK_OBJECT_H
#define BIND_LINK_OBJECT_H

#include "bind/common/module.h"

extern const mp_obj_type_t blox_link_queue_type;

#endif
