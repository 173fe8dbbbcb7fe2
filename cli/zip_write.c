// SPDX-License-Identifier: MIT
#include "cli/zip_write.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/bytes.h"

enum {
    LOCAL = 30, // bytes of a local header without the name
    COMMON = 4, // where the fields begin that both headers have
    COMMON_SIZE = 26,
    CENTRAL = 46,
    END = 22,
    VERSION_NEEDED = 20,
    MADE_ON_UNIX = 3 << 8,
    UTF8_NAMES = 0x0800,
    DEFLATED = 8,
    LEVEL = 9,
    MEMORY = 9,
    DATE_MIN = 1 << 5 | 1, // 1 January 1980
    FIRST_YEAR = 1980,
    LAST_YEAR = 2107,
};

static const uint32_t UNIX_FILE = 0100644u << 16;

void zip_set_time(struct zip_writer *zip, time_t time) {
    struct tm tm = {0};
    bool told = gmtime_r(&time, &tm) != NULL;
    int year = tm.tm_year + 1900;
    zip->date = DATE_MIN;
    zip->time = 0;
    if (told && year >= FIRST_YEAR && year <= LAST_YEAR) {
        zip->date = (uint16_t)((year - FIRST_YEAR) << 9 | (tm.tm_mon + 1) << 5 |
                               tm.tm_mday);
        zip->time =
            (uint16_t)(tm.tm_hour << 11 | tm.tm_min << 5 | tm.tm_sec / 2);
    }
}

static uint8_t *extend(uint8_t **data, size_t *size, size_t more) {
    *data = cli_grow(*data, *size + more, 1);
    uint8_t *place = *data + *size;
    memset(place, 0, more);
    *size += more;
    return place;
}

// Deflates into memory of at least size bytes. Returns the packed size, or
// size when it is not smaller.
static size_t pack(const struct zip_writer *zip, const void *data, size_t size,
                   uint8_t *packed) {
    z_stream stream = {0};
    stream.next_in = (Bytef *)data;
    stream.avail_in = (uInt)size;
    stream.next_out = packed;
    stream.avail_out = (uInt)size;
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, -(int)zip->window_bits, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        exit(cli_fail(CLI_INTERNAL, "zlib failed; report this"));
    }
    bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t result = done ? stream.total_out : size;
    deflateEnd(&stream);
    return result;
}

// The fields that local and central header have in common.
static void put_common(const struct zip_writer *zip, uint8_t *to,
                       const char *name, uint32_t crc, size_t packed,
                       size_t size) {
    blox_put_le16(to, VERSION_NEEDED);
    blox_put_le16(to + 2, UTF8_NAMES);
    blox_put_le16(to + 4, packed < size ? DEFLATED : 0);
    blox_put_le16(to + 6, zip->time);
    blox_put_le16(to + 8, zip->date);
    blox_put_le32(to + 10, crc);
    blox_put_le32(to + 14, (uint32_t)packed);
    blox_put_le32(to + 18, (uint32_t)size);
    blox_put_le16(to + 22, (uint16_t)strlen(name));
}

static void add_central(struct zip_writer *zip, const char *name,
                        const uint8_t *common, size_t offset) {
    size_t length = strlen(name);
    uint8_t *to =
        extend(&zip->directory, &zip->directory_size, CENTRAL + length);
    memcpy(to, "PK\1\2", 4);
    blox_put_le16(to + 4, MADE_ON_UNIX | VERSION_NEEDED);
    memcpy(to + 6, common, COMMON_SIZE);
    blox_put_le32(to + 38, UNIX_FILE);
    blox_put_le32(to + 42, (uint32_t)offset);
    memcpy(to + CENTRAL, name, length);
}

void zip_add(struct zip_writer *zip, const char *name, const void *data,
             size_t size) {
    size_t length = strlen(name), offset = zip->size;
    uint8_t *packed = cli_grow(NULL, size, 1);
    size_t packed_size = pack(zip, data, size, packed);
    uint8_t *to = extend(&zip->data, &zip->size, LOCAL + length + packed_size);
    memcpy(to, "PK\3\4", 4);
    put_common(zip, to + COMMON, name, (uint32_t)crc32(0, data, (uInt)size),
               packed_size, size);
    memcpy(to + LOCAL, name, length);
    if (packed_size > 0) {
        memcpy(to + LOCAL + length, packed_size < size ? packed : data,
               packed_size);
    }
    add_central(zip, name, to + COMMON, offset);
    ++zip->count;
    free(packed);
}

void zip_finish(struct zip_writer *zip) {
    size_t offset = zip->size;
    uint8_t *to = extend(&zip->data, &zip->size, zip->directory_size + END);
    memcpy(to, zip->directory, zip->directory_size);
    to += zip->directory_size;
    memcpy(to, "PK\5\6", 4);
    blox_put_le16(to + 8, (uint16_t)zip->count);
    blox_put_le16(to + 10, (uint16_t)zip->count);
    blox_put_le32(to + 12, (uint32_t)zip->directory_size);
    blox_put_le32(to + 16, (uint32_t)offset);
    free(zip->directory);
    zip->directory = NULL;
}
