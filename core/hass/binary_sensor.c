// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/binary_sensor.mqtt
#include "core/hass/kind.h"

const char blox_hass_binary_sensor_kind[] =
    "binary_sensor\0"
    "rs\0"
    "state\0"
    "{\"$h\":\"%\"}\0"
    "|\"val_tpl\":\"{{ value_json.$h }}\"";
