// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/light.mqtt, its JSON schema
#include "core/hass/kind.h"

const char blox_hass_light_kind[] = "light\0"
                                    "rsc\0"
                                    "state\0"
                                    "{\"state\":&|3\"brightness\":^;}\0"
                                    "|\"schema\":\"json\""
                                    "|4\"brightness\":false"
                                    "|3\"brightness\":true"
                                    "|3\"bri_scl\":^";
