// SPDX-License-Identifier: MIT
// What WLAN.status() returns, in the numbers of the ESP32 port and ESP-IDF.
#ifndef BOARD_WLAN_STATUS_H
#define BOARD_WLAN_STATUS_H

#include "py/obj.h"

enum wlan_status {
    WLAN_BEACON_TIMEOUT = 200,
    WLAN_NO_AP_FOUND = 201,
    WLAN_WRONG_PASSWORD = 202,
    WLAN_CONNECT_FAIL = 203,
    WLAN_HANDSHAKE_TIMEOUT = 204,
    WLAN_NO_AP_FOUND_W_COMPATIBLE_SECURITY = 210,
    WLAN_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211,
    WLAN_NO_AP_FOUND_IN_RSSI_THRESHOLD = 212,
    WLAN_IDLE = 1000,
    WLAN_CONNECTING = 1001,
    WLAN_GOT_IP = 1010,
};

extern const mp_obj_type_t board_wlan_type;

#endif
