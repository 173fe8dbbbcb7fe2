// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/device_trigger.mqtt
#include "core/hass/kind.h"

const char blox_hass_device_trigger_kind[] = "device_automation\0"
                                             "a\0"
                                             "events\0"
                                             "=\0"
                                             "|\"atype\":\"trigger\""
                                             "|\"t\":\"~/events\""
                                             "|\"type\":\"$p\""
                                             "|\"stype\":\"$q\""
                                             "|\"pl\":\"$p/$q\"";
