// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/event.mqtt
#include "core/hass/kind.h"

const char blox_hass_event_kind[] = "event\0"
                                    "s\0"
                                    "state\0"
                                    "{\"event_type\":\"*\"}\0"
                                    "|\"evt_typ\":#o";
