// SPDX-License-Identifier: MIT
#include "core/mqtt/queue.h"

#include <string.h>

void blox_mqtt_queue_init(struct mqtt_queue *queue,
                          const struct mqtt_queue_limits *limits,
                          struct mqtt_queued *entries, uint32_t capacity) {
    *queue = (struct mqtt_queue){
        .limits = *limits, .entries = entries, .capacity = capacity};
}

void blox_mqtt_queue_grow(struct mqtt_queue *queue, struct mqtt_queued *entries,
                          uint32_t capacity) {
    if (queue->count > 0) {
        memcpy(entries, queue->entries, queue->count * sizeof *entries);
    }
    queue->entries = entries;
    queue->capacity = capacity;
}

// The index of the first entry that is not sent, from `from` on, or count.
static uint32_t unsent(const struct mqtt_queue *queue, uint32_t from) {
    while (from < queue->count && queue->entries[from].sent) {
        ++from;
    }
    return from;
}

// The same of one that may be given up.
static uint32_t droppable(const struct mqtt_queue *queue, uint32_t from) {
    while (from < queue->count &&
           (queue->entries[from].qos > 0 || queue->entries[from].sent)) {
        ++from;
    }
    return from;
}

static uint32_t sent_as(const struct mqtt_queue *queue,
                        uint16_t packet_identifier) {
    uint32_t i = 0;
    while (i < queue->count &&
           (!queue->entries[i].sent ||
            queue->entries[i].packet_identifier != packet_identifier)) {
        ++i;
    }
    return i;
}

// Returns the message, or NULL past the end.
static void *remove_entry(struct mqtt_queue *queue, uint32_t i) {
    if (i >= queue->count) {
        return NULL;
    }
    struct mqtt_queued *entry = &queue->entries[i];
    void *message = entry->message;
    queue->bytes -= entry->size;
    --queue->count;
    memmove(entry, entry + 1, (queue->count - i) * sizeof *entry);
    // A collector that scans entries shall not find it any more.
    queue->entries[queue->count].message = NULL;
    return message;
}

static bool fits(const struct mqtt_queue *queue, uint32_t size, uint32_t count,
                 uint32_t bytes) {
    return count < queue->limits.messages && bytes <= queue->limits.bytes &&
           size <= queue->limits.bytes - bytes;
}

// Whether it would fit once all that may go is gone.
static bool can_fit(const struct mqtt_queue *queue, uint32_t size) {
    uint32_t count = queue->count;
    uint32_t bytes = queue->bytes;
    for (uint32_t i = droppable(queue, 0); i < queue->count;
         i = droppable(queue, i + 1)) {
        --count;
        bytes -= queue->entries[i].size;
    }
    return fits(queue, size, count, bytes);
}

bool blox_mqtt_queue_fits(const struct mqtt_queue *queue, uint32_t size) {
    return fits(queue, size, queue->count, queue->bytes);
}

static int make_room(struct mqtt_queue *queue, uint32_t size) {
    bool drop = queue->limits.policy == BLOX_MQTT_QUEUE_DROP;
    if (!drop || !can_fit(queue, size)) {
        ++queue->refused;
        return BLOX_ERROR_LIMIT;
    }
    while (!blox_mqtt_queue_fits(queue, size)) {
        (void)remove_entry(queue, droppable(queue, 0));
        ++queue->dropped;
    }
    return BLOX_OK;
}

int blox_mqtt_queue_push(struct mqtt_queue *queue, void *message, uint8_t qos,
                         uint32_t size) {
    if (queue->count == queue->capacity) {
        return BLOX_ERROR_BUFFER;
    }
    queue->entries[queue->count++] =
        (struct mqtt_queued){.message = message, .size = size, .qos = qos};
    queue->bytes += size;
    return BLOX_OK;
}

int blox_mqtt_queue_add(struct mqtt_queue *queue, void *message, uint8_t qos,
                        uint32_t size) {
    if (!blox_mqtt_queue_fits(queue, size)) {
        int error = make_room(queue, size);
        if (error != BLOX_OK) {
            return error;
        }
    }
    return blox_mqtt_queue_push(queue, message, qos, size);
}

void *blox_mqtt_queue_next(const struct mqtt_queue *queue) {
    uint32_t i = unsent(queue, 0);
    return i < queue->count ? queue->entries[i].message : NULL;
}

void blox_mqtt_queue_sent(struct mqtt_queue *queue,
                          uint16_t packet_identifier) {
    uint32_t i = unsent(queue, 0);
    if (packet_identifier == 0) {
        (void)remove_entry(queue, i);
    } else if (i < queue->count) {
        queue->entries[i].sent = true;
        queue->entries[i].packet_identifier = packet_identifier;
    }
}

void blox_mqtt_queue_fail(struct mqtt_queue *queue) {
    (void)remove_entry(queue, unsent(queue, 0));
}

void *blox_mqtt_queue_find(const struct mqtt_queue *queue,
                           uint16_t packet_identifier) {
    uint32_t i = sent_as(queue, packet_identifier);
    return i < queue->count ? queue->entries[i].message : NULL;
}

void *blox_mqtt_queue_done(struct mqtt_queue *queue,
                           uint16_t packet_identifier) {
    return remove_entry(queue, sent_as(queue, packet_identifier));
}

void blox_mqtt_queue_restart(struct mqtt_queue *queue) {
    for (uint32_t i = 0; i < queue->count; ++i) {
        queue->entries[i].sent = false;
    }
}

void *blox_mqtt_queue_take(struct mqtt_queue *queue) {
    return remove_entry(queue, 0);
}
