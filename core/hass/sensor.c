// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/sensor.mqtt
#include "core/hass/kind.h"

const char blox_hass_sensor_kind[] = "sensor\0"
                                     "rs\0"
                                     "state\0"
                                     "{\"$h\":@}\0"
                                     "|\"unit_of_meas\":\"$i\""
                                     "|\"stat_cla\":\"$j\""
                                     "|\"val_tpl\":\"{{ value_json.$h }}\"";
