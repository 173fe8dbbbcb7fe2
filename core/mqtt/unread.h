// SPDX-License-Identifier: MIT
// Topics whose messages nobody reads for now: what is kept of one until
// somebody does. Each payload is kept in a file, as it came (what a device is
// told to do), or the hash is all that counts, for it tells whether there is
// anything new (an update channel).
#ifndef CORE_MQTT_UNREAD_H
#define CORE_MQTT_UNREAD_H

#include <stdbool.h>
#include <stdint.h>

enum mqtt_unread {
    MQTT_UNREAD_NOTHING, // the message says nothing
    MQTT_UNREAD_PAYLOAD, // keep its payload, or hash it; then somebody reads
    MQTT_UNREAD_GONE,    // what was retained on the topic is not any more
    // Somebody reads at once: the broker sends it again to who subscribes
    // then.
    MQTT_UNREAD_RETAINED,
};

// What becomes of a message with a payload of size bytes, of a topic whose
// payloads are kept in files, or hashed.
enum mqtt_unread blox_mqtt_unread(bool file, uint32_t size, bool retain);

#endif
