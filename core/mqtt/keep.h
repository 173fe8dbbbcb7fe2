// SPDX-License-Identifier: MIT
// Messages that outlive a power cut: one file that grows by a record for each
// message and a short one for each that is done. It is removed when none is
// left, and written anew (a temporary file, then one rename) when most of it
// is done.
//
//   blox_mqtt_keep_init(&keep, &config);
//   blox_mqtt_keep_load(&keep);             what an earlier boot left
//   blox_mqtt_keep_read(&keep, i, ...)      each of keep.count, in order
//   blox_mqtt_keep_add / blox_mqtt_keep_done
//
// A message whose add has returned BLOX_OK is there after a power cut; one that
// is done may be there again, if the power went just then. A record that is
// cut or damaged ends the file; what came before it counts.
//
// Format: records of a 16-byte head (kind 'M' or 'D', flags, size of the topic,
// size of the topic and payload together, number, CRC-32 over all but itself;
// integers big-endian) and the topic and payload.
#ifndef CORE_MQTT_KEEP_H
#define CORE_MQTT_KEEP_H

#include "core/base/error.h"
#include "core/base/storage.h"

enum {
    BLOX_MQTT_KEEP_HEAD = 16, // bytes
    // A file with more bytes than this of what is done is written anew.
    BLOX_MQTT_KEEP_WASTE = 8192,
};

// A message in the file; the caller provides the memory, the keep alone looks
// inside.
struct mqtt_kept {
    uint32_t number;
    uint32_t offset; // in the file
    uint32_t size;   // of the record
};

struct mqtt_keep_config {
    const struct blox_storage *storage; // must outlive the keep
    const char *path;                   // so must these
    const char *temporary;
    struct mqtt_kept *entries;
    uint32_t capacity; // messages at most
};

struct mqtt_keep {
    uint32_t count; // messages in the file; the rest is the keep's own
    struct mqtt_keep_config config;
    uint32_t next_number;
    uint32_t size;  // of the file
    uint32_t alive; // bytes of records that are not done
    bool torn;      // the file's end is not a record's
};

// What is known of a message before its bytes are read.
struct mqtt_keep_record {
    uint32_t number;
    uint32_t topic_size;   // bytes
    uint32_t payload_size; // bytes
    uint8_t flags;         // the caller's
};

// Starts with no messages, and touches no file: blox_mqtt_keep_load() does.
void blox_mqtt_keep_init(struct mqtt_keep *keep,
                         const struct mqtt_keep_config *config);

// Finds the messages in the file; more than capacity are left out, the newest
// first. Returns BLOX_OK (also without a file) or an error of storage.
int blox_mqtt_keep_load(struct mqtt_keep *keep);

// Describes message i of keep->count, oldest first. Returns BLOX_OK or an error
// of storage.
int blox_mqtt_keep_read(struct mqtt_keep *keep, uint32_t i,
                        struct mqtt_keep_record *record);

// Reads topic and payload of message i, one behind the other, into data, which
// has room for both. Returns BLOX_OK or an error of storage.
int blox_mqtt_keep_read_bytes(struct mqtt_keep *keep, uint32_t i,
                              uint8_t *data);

// Writes a message behind the others and stores its number, never 0. Returns
// BLOX_OK; BLOX_ERROR_LIMIT when there are capacity already, or the topic is
// longer than 65,535 bytes; or an error of storage: the message is not kept.
int blox_mqtt_keep_add(struct mqtt_keep *keep, struct blox_span topic,
                       struct blox_span payload, uint8_t flags,
                       uint32_t *number);

// The message of this number is over; an unknown one is a success. Returns
// BLOX_OK or an error of storage: then it may be there again after a reset.
int blox_mqtt_keep_done(struct mqtt_keep *keep, uint32_t number);

#endif
