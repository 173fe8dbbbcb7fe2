// SPDX-License-Identifier: MIT
// The Wi-Fi radio: joins the one network the command line describes, loses it
// when told to, and lets the host's sockets work only while it has joined.
#ifndef BOARD_WLAN_H
#define BOARD_WLAN_H

#include <stdbool.h>

// Powers the radio, off.
void board_wlan_start(void);

// Takes the network out of the air or puts it back, from any thread. Open
// connections are cut; the station joins again by itself, as an ESP32 does.
void board_wlan_set_air(bool up);

// Whether packets can go out.
bool board_wlan_is_joined(void);

// How often a link was lost so far: a connection made before the last time is
// gone.
unsigned board_wlan_links(void);

#endif
