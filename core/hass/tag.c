// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/tag.mqtt
#include "core/hass/kind.h"

const char blox_hass_tag_kind[] = "tag\0"
                                  "a\0"
                                  "scanned\0"
                                  "{\"tag_id\":\"*\"}\0"
                                  "|\"t\":\"~/scanned\""
                                  "|\"val_tpl\":\"{{ value_json.tag_id }}\"";
