// SPDX-License-Identifier: MIT
// Where a record would be, a size of 0, or no room for one, means that the next
// one is at the start of the data.
#include "core/log/ring.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/error.h"

int blox_log_ring_init(struct blox_log_ring *ring, uint8_t *data,
                       uint32_t capacity, uint32_t max_records) {
    if (capacity < BLOX_LOG_RING_MIN || capacity > BLOX_LOG_RING_MAX) {
        return BLOX_ERROR_ARGUMENT;
    }
    *ring = (struct blox_log_ring){
        .data = data, .capacity = capacity, .max_records = max_records};
    return BLOX_OK;
}

uint32_t blox_log_ring_count(const struct blox_log_ring *ring) {
    return ring->next - ring->first;
}

// Where the record at `at` really is: at the start when the rest is unused.
static uint32_t place(const struct blox_log_ring *ring, uint32_t at) {
    bool none = at + 2 > ring->capacity || blox_le16(ring->data + at) == 0;
    return none ? 0 : at;
}

static void drop_oldest(struct blox_log_ring *ring) {
    ring->begin += blox_le16(ring->data + ring->begin);
    ++ring->first;
    bool empty = ring->first == ring->next;
    ring->begin = empty ? ring->end : place(ring, ring->begin);
}

// The next record goes to the start of the data.
static void wrap(struct blox_log_ring *ring) {
    if (ring->end + 2 <= ring->capacity) {
        blox_put_le16(ring->data + ring->end, 0);
    }
    ring->end = 0;
    if (ring->first == ring->next) {
        ring->begin = 0;
    }
}

static void make_room(struct blox_log_ring *ring, uint32_t size) {
    while (ring->max_records > 0 &&
           blox_log_ring_count(ring) >= ring->max_records) {
        drop_oldest(ring);
    }
    for (;;) {
        bool wrapped = ring->first != ring->next && ring->begin >= ring->end;
        uint32_t limit = wrapped ? ring->begin : ring->capacity;
        if (limit - ring->end >= size) {
            return;
        }
        if (wrapped) {
            drop_oldest(ring);
        } else {
            wrap(ring);
        }
    }
}

// size bytes of text at most, less where that would cut a character.
static struct blox_span cut(struct blox_span text, uint32_t size) {
    if (text.size <= size) {
        return text;
    }
    while (size > 0 && (text.data[size] & 0xc0) == 0x80) {
        --size;
    }
    return blox_span_part(text, 0, size);
}

void blox_log_ring_put(struct blox_log_ring *ring,
                       const struct blox_log_record *record) {
    uint32_t most = ring->capacity / 2 - BLOX_LOG_HEAD;
    struct blox_log_record kept = *record;
    kept.name = cut(record->name, most < 510 ? most / 2 : 255);
    kept.message = cut(record->message, most - (uint32_t)kept.name.size);
    uint32_t head = BLOX_LOG_HEAD + (uint32_t)kept.name.size;
    uint32_t size = head + (uint32_t)kept.message.size;
    make_room(ring, size);
    blox_log_put_head(ring->data + ring->end, &kept);
    if (kept.message.size > 0) {
        memcpy(ring->data + ring->end + head, kept.message.data,
               kept.message.size);
    }
    ring->end += size;
    ++ring->next;
}

void blox_log_ring_skip(const struct blox_log_ring *ring,
                        struct blox_log_reader *reader) {
    *reader = (struct blox_log_reader){ring->next, ring->end, true};
}

bool blox_log_ring_read(const struct blox_log_ring *ring,
                        struct blox_log_reader *reader,
                        struct blox_log_record *record, uint32_t *lost) {
    uint32_t behind = ring->first - reader->number;
    bool late = !reader->started || (int32_t)behind > 0;
    *lost = late && reader->started ? behind : 0;
    if (late || behind == 0) {
        *reader = (struct blox_log_reader){ring->first, ring->begin, true};
    }
    if (reader->number == ring->next) {
        return false;
    }
    uint32_t begin = place(ring, reader->at);
    blox_log_read(ring->data + begin, record);
    ++reader->number;
    reader->at = begin + blox_le16(ring->data + begin);
    return true;
}
