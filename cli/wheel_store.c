// SPDX-License-Identifier: MIT
#include "cli/wheel_store.h"

#include <stdlib.h>
#include <string.h>

#include "cli/sha256.h"
#include "core/base/error.h"

enum {
    STAGED_MAX = 1 << 30, // bytes of one file: no device has more
    BLOCK = 4096,
    BLOCKS = 1 << 20,
};

// A file that is open.
struct handle {
    bool whole;   // the wheel, else a staged file
    size_t index; // of the staged file
    size_t at;
};

static struct blox_span content(const struct wheel_store *store,
                                const struct handle *handle) {
    if (handle->whole) {
        return store->wheel;
    }
    const struct file_bytes *file = &store->staged[handle->index];
    return blox_span(file->data, file->size);
}

// The number of a staged file, or store->count when path is none that is
// there.
static size_t find_staged(const struct wheel_store *store, const char *path) {
    static const char prefix[] = WHEEL_STORE_STAGING "/";
    if (strncmp(path, prefix, sizeof prefix - 1) != 0) {
        return store->count;
    }
    size_t index = strtoul(path + sizeof prefix - 1, NULL, 10);
    return index < store->count ? index : store->count;
}

static void *new_handle(bool whole, size_t index) {
    struct handle *handle = cli_grow(NULL, 1, sizeof *handle);
    *handle = (struct handle){whole, index, 0};
    return handle;
}

static int open_file(void *context, const char *path,
                     enum blox_storage_mode mode, void **file) {
    struct wheel_store *store = context;
    size_t index = find_staged(store, path);
    if (mode == BLOX_STORAGE_WRITE) {
        store->staged =
            cli_grow(store->staged, store->count + 1, sizeof *store->staged);
        store->staged[store->count] = (struct file_bytes){NULL, 0};
        index = store->count++;
    }
    bool whole = strcmp(path, WHEEL_STORE_WHEEL) == 0;
    if (!whole && index == store->count) {
        return BLOX_ERROR_MISSING;
    }
    *file = new_handle(whole, index);
    return BLOX_OK;
}

static int32_t read_file(void *context, void *file, uint8_t *data,
                         size_t size) {
    struct handle *handle = file;
    struct blox_span part =
        blox_span_part(content(context, handle), handle->at, size);
    if (part.size > 0) {
        memcpy(data, part.data, part.size);
    }
    handle->at += part.size;
    return (int32_t)part.size;
}

static int write_file(void *context, void *file, const uint8_t *data,
                      size_t size) {
    struct wheel_store *store = context;
    struct file_bytes *to = &store->staged[((struct handle *)file)->index];
    if (to->size + size > STAGED_MAX) {
        return BLOX_ERROR_FULL;
    }
    to->data = cli_grow(to->data, to->size + size + 1, 1);
    memcpy(to->data + to->size, data, size);
    to->size += size;
    to->data[to->size] = '\0';
    return BLOX_OK;
}

static int seek_file(void *context, void *file, uint32_t offset) {
    (void)context;
    ((struct handle *)file)->at = offset;
    return BLOX_OK;
}

static int close_file(void *context, void *file) {
    (void)context;
    free(file);
    return BLOX_OK;
}

static int stat_file(void *context, const char *path,
                     struct blox_storage_stat *stat) {
    const struct wheel_store *store = context;
    if (strcmp(path, WHEEL_STORE_WHEEL) != 0) {
        return BLOX_ERROR_MISSING;
    }
    *stat = (struct blox_storage_stat){BLOX_STORAGE_FILE,
                                       (uint32_t)store->wheel.size};
    return BLOX_OK;
}

static int space(void *context, struct blox_storage_space *found) {
    (void)context;
    *found = (struct blox_storage_space){BLOCK, BLOCKS, BLOCKS};
    return BLOX_OK;
}

void wheel_store_init(struct wheel_store *store, struct blox_span wheel) {
    *store = (struct wheel_store){
        .storage = {.context = store,
                    .open = open_file,
                    .read = read_file,
                    .write = write_file,
                    .seek = seek_file,
                    .close = close_file,
                    .stat = stat_file,
                    .space = space},
        .wheel = wheel,
    };
    sha256_open(&store->sha256);
}

void wheel_store_free(struct wheel_store *store) {
    for (size_t i = 0; i < store->count; ++i) {
        free(store->staged[i].data);
    }
    free(store->staged);
    sha256_close(&store->sha256);
}
