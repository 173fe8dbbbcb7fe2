// SPDX-License-Identifier: MIT
#include "core/mqtt/keep.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/codec/crc32.h"

enum { CRC_AT = 12, CHUNK = 128, HEAD = BLOX_MQTT_KEEP_HEAD };

struct head {
    uint8_t kind;
    uint8_t flags;
    uint16_t topic_size;
    uint32_t body_size;
    uint32_t number;
};

void blox_mqtt_keep_init(struct mqtt_keep *keep,
                         const struct mqtt_keep_config *config) {
    *keep = (struct mqtt_keep){.config = *config, .next_number = 1};
}

static void write_head(uint8_t *data, const struct head *head) {
    data[0] = head->kind;
    data[1] = head->flags;
    blox_put_be16(data + 2, head->topic_size);
    blox_put_be32(data + 4, head->body_size);
    blox_put_be32(data + 8, head->number);
}

static struct head read_head(const uint8_t *data) {
    return (struct head){data[0], data[1], blox_be16(data + 2),
                         blox_be32(data + 4), blox_be32(data + 8)};
}

static int32_t read_some(const struct blox_storage *storage, void *file,
                         uint8_t *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        int32_t count =
            storage->read(storage->context, file, data + done, size - done);
        if (count < 0) {
            return count;
        }
        if (count == 0) {
            break;
        }
        done += (size_t)count;
    }
    return (int32_t)done;
}

// Continues crc over the next size bytes. Returns whether they were there, or
// an error of storage.
static int check_body(const struct blox_storage *storage, void *file,
                      uint32_t size, uint32_t *crc) {
    uint8_t chunk[CHUNK];
    while (size > 0) {
        size_t want = size < CHUNK ? size : CHUNK;
        int32_t count = read_some(storage, file, chunk, want);
        if (count < 0) {
            return (int)count;
        }
        if ((size_t)count < want) {
            return 0;
        }
        *crc = blox_crc32(*crc, chunk, want);
        size -= (uint32_t)want;
    }
    return 1;
}

// Reads the next record. Returns 1, 0 at the end of what is whole (torn tells
// whether more follows), or an error of storage.
static int next_record(struct mqtt_keep *keep, void *file, struct head *head) {
    const struct blox_storage *storage = keep->config.storage;
    uint8_t data[HEAD];
    int32_t count = read_some(storage, file, data, HEAD);
    if (count <= 0) {
        return (int)count;
    }
    keep->torn = true;
    *head = read_head(data);
    if (count < HEAD || head->topic_size > head->body_size) {
        return 0;
    }
    uint32_t crc = blox_crc32(0, data, CRC_AT);
    int whole = check_body(storage, file, head->body_size, &crc);
    if (whole > 0 && crc != blox_be32(data + CRC_AT)) {
        whole = 0;
    }
    keep->torn = whole <= 0;
    return whole;
}

static uint32_t find(const struct mqtt_keep *keep, uint32_t number) {
    uint32_t i = 0;
    while (i < keep->count && keep->config.entries[i].number != number) {
        ++i;
    }
    return i;
}

static void forget(struct mqtt_keep *keep, uint32_t number) {
    uint32_t i = find(keep, number);
    if (i < keep->count) {
        struct mqtt_kept *entry = &keep->config.entries[i];
        keep->alive -= entry->size;
        --keep->count;
        memmove(entry, entry + 1, (keep->count - i) * sizeof *entry);
    }
}

static void note(struct mqtt_keep *keep, uint32_t number, uint32_t size) {
    if (keep->count < keep->config.capacity) {
        keep->config.entries[keep->count++] =
            (struct mqtt_kept){number, keep->size, size};
        keep->alive += size;
    }
    keep->next_number = number + 1 != 0 ? number + 1 : 1;
}

static int load_from(struct mqtt_keep *keep, void *file) {
    struct head head;
    int found;
    while ((found = next_record(keep, file, &head)) > 0) {
        uint32_t size = HEAD + head.body_size;
        if (head.kind == 'M') {
            note(keep, head.number, size);
        } else {
            forget(keep, head.number);
        }
        keep->size += size;
    }
    return found;
}

int blox_mqtt_keep_load(struct mqtt_keep *keep) {
    const struct blox_storage *storage = keep->config.storage;
    void *file;
    keep->count = 0;
    keep->size = 0;
    keep->alive = 0;
    keep->torn = false;
    int error = storage->open(storage->context, keep->config.path,
                              BLOX_STORAGE_READ, &file);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
    }
    error = load_from(keep, file);
    int closed = storage->close(storage->context, file);
    return error != BLOX_OK ? error : closed;
}

// Opens the file at message i.
static int open_at(struct mqtt_keep *keep, uint32_t i, uint32_t skip,
                   void **file) {
    const struct blox_storage *storage = keep->config.storage;
    if (i >= keep->count) {
        return BLOX_ERROR_ARGUMENT;
    }
    int error = storage->open(storage->context, keep->config.path,
                              BLOX_STORAGE_READ, file);
    if (error != BLOX_OK) {
        return error;
    }
    error = storage->seek(storage->context, *file,
                          keep->config.entries[i].offset + skip);
    if (error != BLOX_OK) {
        (void)storage->close(storage->context, *file);
    }
    return error;
}

static int read_exactly(struct mqtt_keep *keep, uint32_t i, uint32_t skip,
                        uint8_t *data, size_t size) {
    const struct blox_storage *storage = keep->config.storage;
    void *file;
    int error = open_at(keep, i, skip, &file);
    if (error != BLOX_OK) {
        return error;
    }
    int32_t count = read_some(storage, file, data, size);
    int closed = storage->close(storage->context, file);
    if (count < 0) {
        return (int)count;
    }
    return (size_t)count < size ? BLOX_ERROR_IO : closed;
}

int blox_mqtt_keep_read(struct mqtt_keep *keep, uint32_t i,
                        struct mqtt_keep_record *record) {
    uint8_t data[HEAD];
    int error = read_exactly(keep, i, 0, data, HEAD);
    struct head head = read_head(data);
    if (error == BLOX_OK) {
        *record = (struct mqtt_keep_record){head.number, head.topic_size,
                                            head.body_size - head.topic_size,
                                            head.flags};
    }
    return error;
}

int blox_mqtt_keep_read_bytes(struct mqtt_keep *keep, uint32_t i,
                              uint8_t *data) {
    uint32_t size = i < keep->count ? keep->config.entries[i].size - HEAD : 0;
    return read_exactly(keep, i, HEAD, data, size);
}

static int copy(struct mqtt_keep *keep, uint32_t i, void *to) {
    const struct blox_storage *storage = keep->config.storage;
    uint32_t left = keep->config.entries[i].size;
    uint8_t chunk[CHUNK];
    void *file;
    int error = open_at(keep, i, 0, &file);
    if (error != BLOX_OK) {
        return error;
    }
    while (left > 0 && error == BLOX_OK) {
        size_t want = left < CHUNK ? left : CHUNK;
        int32_t count = read_some(storage, file, chunk, want);
        error = count < 0 ? (int)count
                : (size_t)count < want
                    ? BLOX_ERROR_IO
                    : storage->write(storage->context, to, chunk, want);
        left -= (uint32_t)want;
    }
    int closed = storage->close(storage->context, file);
    return error != BLOX_OK ? error : closed;
}

static void renumber_offsets(struct mqtt_keep *keep) {
    keep->size = 0;
    for (uint32_t i = 0; i < keep->count; ++i) {
        keep->config.entries[i].offset = keep->size;
        keep->size += keep->config.entries[i].size;
    }
    keep->torn = false;
}

// Writes the file anew with what is not done.
static int rewrite(struct mqtt_keep *keep) {
    const struct blox_storage *storage = keep->config.storage;
    void *to;
    int error = storage->open(storage->context, keep->config.temporary,
                              BLOX_STORAGE_WRITE, &to);
    if (error != BLOX_OK) {
        return error;
    }
    for (uint32_t i = 0; i < keep->count && error == BLOX_OK; ++i) {
        error = copy(keep, i, to);
    }
    int closed = storage->close(storage->context, to);
    error = error != BLOX_OK ? error : closed;
    if (error == BLOX_OK) {
        error = storage->rename(storage->context, keep->config.temporary,
                                keep->config.path);
    }
    if (error == BLOX_OK) {
        renumber_offsets(keep);
    }
    return error;
}

static int append(struct mqtt_keep *keep, const struct head *head,
                  struct blox_span topic, struct blox_span payload) {
    const struct blox_storage *storage = keep->config.storage;
    uint8_t data[HEAD];
    void *file;
    write_head(data, head);
    uint32_t crc = blox_crc32(0, data, CRC_AT);
    crc = blox_crc32(crc, topic.data, topic.size);
    blox_put_be32(data + CRC_AT, blox_crc32(crc, payload.data, payload.size));
    int error = storage->open(storage->context, keep->config.path,
                              BLOX_STORAGE_APPEND, &file);
    if (error != BLOX_OK) {
        return error;
    }
    const struct blox_span parts[] = {blox_span(data, HEAD), topic, payload};
    keep->torn = true; // until all of it is there
    for (int i = 0; i < 3 && error == BLOX_OK; ++i) {
        error = parts[i].size == 0
                    ? BLOX_OK
                    : storage->write(storage->context, file, parts[i].data,
                                     parts[i].size);
    }
    int closed = storage->close(storage->context, file);
    error = error != BLOX_OK ? error : closed;
    keep->torn = error != BLOX_OK;
    return error;
}

int blox_mqtt_keep_add(struct mqtt_keep *keep, struct blox_span topic,
                       struct blox_span payload, uint8_t flags,
                       uint32_t *number) {
    if (keep->count == keep->config.capacity || topic.size > UINT16_MAX ||
        payload.size > UINT32_MAX / 2) {
        return BLOX_ERROR_LIMIT;
    }
    int error = keep->torn ? rewrite(keep) : BLOX_OK;
    struct head head = {'M', flags, (uint16_t)topic.size,
                        (uint32_t)(topic.size + payload.size),
                        keep->next_number};
    if (error == BLOX_OK) {
        error = append(keep, &head, topic, payload);
    }
    if (error == BLOX_OK) {
        *number = head.number;
        note(keep, head.number, HEAD + head.body_size);
        keep->size += HEAD + head.body_size;
    }
    return error;
}

int blox_mqtt_keep_done(struct mqtt_keep *keep, uint32_t number) {
    const struct blox_storage *storage = keep->config.storage;
    if (find(keep, number) == keep->count) {
        return BLOX_OK;
    }
    forget(keep, number);
    if (keep->count == 0) {
        keep->size = 0;
        keep->torn = false;
        int error = storage->remove(storage->context, keep->config.path);
        return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
    }
    if (keep->torn || keep->size - keep->alive > BLOX_MQTT_KEEP_WASTE) {
        return rewrite(keep);
    }
    struct head head = {.kind = 'D', .number = number};
    int error = append(keep, &head, blox_span(NULL, 0), blox_span(NULL, 0));
    keep->size += error == BLOX_OK ? HEAD : 0;
    return error;
}
