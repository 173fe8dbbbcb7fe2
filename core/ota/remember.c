// SPDX-License-Identifier: MIT
#include "core/ota/remember.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/files.h"

// A file is the bytes of its struct, which has no padding and no integers of
// more than a byte, and their CRC-32. The checksum starts from the size, so
// that another version's file is not taken for ours.
enum { CRC = 4, LARGEST = sizeof(struct blox_failure) + CRC };

static int save(const struct blox_storage *storage, const char *path,
                const char *temporary, const void *data, size_t size) {
    uint8_t crc[CRC];
    blox_put_be32(crc, blox_crc32((uint32_t)size, data, size));
    int error = storage->make_directory(storage->context, BLOX_FILE_FOLDER);
    return error == BLOX_OK
               ? blox_file_write(storage, path, temporary,
                                 blox_span(data, size), blox_span(crc, CRC))
               : error;
}

static int load(const struct blox_storage *storage, const char *path,
                void *data, size_t size) {
    uint8_t file[LARGEST];
    int32_t count = blox_file_read(storage, path, file, sizeof file);
    if (count < 0 && count != BLOX_ERROR_LIMIT) {
        return (int)count;
    }
    if (count != (int32_t)(size + CRC) ||
        blox_be32(file + size) != blox_crc32((uint32_t)size, file, size)) {
        return BLOX_ERROR_FORMAT;
    }
    memcpy(data, file, size);
    return BLOX_OK;
}

void blox_origin_settle(struct blox_origin *origin) {
    origin->settled = 1;
    memcpy(origin->installed, origin->latest, sizeof origin->installed);
}

int blox_origin_write(const struct blox_storage *storage,
                      const struct blox_origin *origin) {
    return save(storage, BLOX_FILE_ORIGIN, BLOX_FILE_ORIGIN_NEW, origin,
                sizeof *origin);
}

int blox_origin_read(const struct blox_storage *storage,
                     struct blox_origin *origin) {
    return load(storage, BLOX_FILE_ORIGIN, origin, sizeof *origin);
}

int blox_failure_write(const struct blox_storage *storage,
                       const struct blox_failure *failure) {
    return save(storage, BLOX_FILE_ERROR, BLOX_FILE_ERROR_NEW, failure,
                sizeof *failure);
}

int blox_failure_read(const struct blox_storage *storage,
                      struct blox_failure *failure) {
    int error = load(storage, BLOX_FILE_ERROR, failure, sizeof *failure);
    failure->sentence[sizeof failure->sentence - 1] = '\0';
    return error;
}
