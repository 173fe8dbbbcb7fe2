// SPDX-License-Identifier: MIT
#include "core/pkg/installed.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/pkg/metadata.h"

enum { PATH_SIZE = 64 + BLOX_PATH_MAX };

static int read_into(const struct blox_storage *storage, void *file,
                     struct blox_metadata *metadata) {
    uint8_t buffer[64];
    int32_t size;
    do {
        size = storage->read(storage->context, file, buffer, sizeof buffer);
        if (size > 0) {
            blox_metadata_feed(metadata, blox_span(buffer, (size_t)size));
        }
    } while (size > 0 && !metadata->over);
    return size < 0 ? (int)size : BLOX_OK;
}

static int open_metadata(const struct blox_storage *storage, const char *prefix,
                         const char *dist_info, void **file) {
    char path[PATH_SIZE];
    struct blox_text text;
    blox_text_init(&text, path, sizeof path);
    blox_text_add(&text, prefix);
    blox_text_add_char(&text, '/');
    blox_text_add(&text, dist_info);
    blox_text_add(&text, "/METADATA");
    return text.cut
               ? BLOX_ERROR_MISSING
               : storage->open(storage->context, path, BLOX_STORAGE_READ, file);
}

// Takes name and version. Returns 1, 0 when they are not there, or an error.
static int read_metadata(const struct blox_storage *storage, void *file,
                         struct blox_installed *installed) {
    struct blox_metadata metadata;
    blox_metadata_init(&metadata, blox_span(NULL, 0));
    int error = read_into(storage, file, &metadata);
    blox_metadata_end(&metadata);
    memcpy(installed->name, metadata.name, sizeof metadata.name);
    memcpy(installed->version, metadata.version, sizeof metadata.version);
    bool good = blox_name_valid(blox_span_text(metadata.name)) &&
                blox_version_valid(blox_span_text(metadata.version));
    return error < 0 ? error : good;
}

// Fills installed from its dist_info. Returns 1, 0 when METADATA is missing
// or broken, or an error.
static int read_installed(const struct blox_storage *storage,
                          const char *prefix,
                          struct blox_installed *installed) {
    void *file = NULL;
    int error = open_metadata(storage, prefix, installed->dist_info, &file);
    if (error < 0) {
        return error == BLOX_ERROR_MISSING ? 0 : error;
    }
    int result = read_metadata(storage, file, installed);
    int closed = storage->close(storage->context, file);
    return result < 0 || closed == BLOX_OK ? result : closed;
}

// Looks at entries from *index on until one may be wanted's (any when it is
// empty) dist-info directory and reads it.
static int next(const struct blox_storage *storage, const char *prefix,
                uint32_t *index, struct blox_span wanted,
                struct blox_installed *installed) {
    for (;;) {
        int error =
            storage->list(storage->context, prefix, (*index)++,
                          installed->dist_info, sizeof installed->dist_info);
        struct blox_span name, version;
        struct blox_span entry = blox_span_text(installed->dist_info);
        if (error == BLOX_ERROR_BUFFER) {
            continue;
        }
        if (error < 0) {
            return error == BLOX_ERROR_MISSING ? 0 : error;
        }
        if (blox_name_split(entry, &name, &version) < 0 ||
            (wanted.size > 0 && !blox_name_equal(name, wanted))) {
            continue;
        }
        int result = read_installed(storage, prefix, installed);
        if (result != 0) {
            return result;
        }
    }
}

int blox_installed_next(const struct blox_storage *storage, const char *prefix,
                        uint32_t *index, struct blox_installed *installed) {
    return next(storage, prefix, index, blox_span(NULL, 0), installed);
}

int blox_installed_find(const struct blox_storage *storage, const char *prefix,
                        struct blox_span name,
                        struct blox_installed *installed) {
    uint32_t index = 0;
    if (!blox_name_valid(name)) {
        return BLOX_ERROR_MISSING;
    }
    int result = next(storage, prefix, &index, name, installed);
    return result > 0 ? BLOX_OK : result == 0 ? BLOX_ERROR_MISSING : result;
}
