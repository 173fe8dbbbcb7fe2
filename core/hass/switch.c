// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/switch.mqtt
#include "core/hass/kind.h"

const char blox_hass_switch_kind[] = "switch\0"
                                     "rsc\0"
                                     "state\0"
                                     "%\0";
