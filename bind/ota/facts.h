// SPDX-License-Identifier: MIT
// What _blox_ota offers beside Updater: Settle, and functions that look at
// what is on flash.
#ifndef BIND_OTA_FACTS_H
#define BIND_OTA_FACTS_H

#include "bind/common/compat.h"

extern mp_obj_full_type_t blox_ota_settle_type;

// Fills the type Settle.
void blox_ota_facts_init(void);

// installed() -> {name: version} of what is in /lib.
mp_obj_t blox_ota_installed(void);

// rescue_format() -> the journal format that /main.py declares, 0 for none.
mp_obj_t blox_ota_rescue_format(void);

#endif
