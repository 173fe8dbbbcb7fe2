// SPDX-License-Identifier: MIT
#include "core/mqtt/unread.h"

enum mqtt_unread blox_mqtt_unread(bool file, uint32_t size, bool retain) {
    if (file && retain) {
        return MQTT_UNREAD_RETAINED;
    }
    if (size > 0) {
        return MQTT_UNREAD_PAYLOAD;
    }
    return file ? MQTT_UNREAD_NOTHING : MQTT_UNREAD_GONE;
}
