// SPDX-License-Identifier: MIT
#include "core/ota/files.h"

#include "core/base/error.h"

static void numbered(char path[BLOX_FILE_NAME_MAX], const char *prefix,
                     uint32_t number) {
    struct blox_text text;
    blox_text_init(&text, path, BLOX_FILE_NAME_MAX);
    blox_text_add(&text, prefix);
    blox_text_add_u32(&text, number);
}

void blox_file_package(char path[BLOX_FILE_NAME_MAX], uint32_t index) {
    numbered(path, BLOX_FILE_FOLDER "/pkg-", index);
}

void blox_file_staged(char path[BLOX_FILE_NAME_MAX], uint32_t number) {
    numbered(path, BLOX_FILE_FOLDER "/", number);
}

void blox_file_backup(char path[BLOX_FILE_NAME_MAX], uint32_t number) {
    numbered(path, BLOX_FILE_FOLDER "/b", number);
}

void blox_file_target(char target[BLOX_FILE_TARGET_MAX], const char *folder,
                      struct blox_span path) {
    struct blox_text text;
    blox_text_init(&text, target, BLOX_FILE_TARGET_MAX);
    blox_text_add(&text, folder);
    blox_text_add_span(&text, path);
}

int blox_file_write(const struct blox_storage *storage, const char *path,
                    const char *temporary, struct blox_span content,
                    struct blox_span end) {
    void *file;
    int error =
        storage->open(storage->context, temporary, BLOX_STORAGE_WRITE, &file);
    if (error != BLOX_OK) {
        return error;
    }
    error = storage->write(storage->context, file, content.data, content.size);
    if (error == BLOX_OK) {
        error = storage->write(storage->context, file, end.data, end.size);
    }
    int closed = storage->close(storage->context, file);
    error = error == BLOX_OK ? closed : error;
    if (error == BLOX_OK) {
        error = storage->rename(storage->context, temporary, path);
    }
    if (error != BLOX_OK) {
        storage->remove(storage->context, temporary);
    }
    return error;
}

int32_t blox_file_read(const struct blox_storage *storage, const char *path,
                       uint8_t *data, size_t capacity) {
    void *file;
    int error = storage->open(storage->context, path, BLOX_STORAGE_READ, &file);
    if (error != BLOX_OK) {
        return error;
    }
    size_t size = 0;
    int32_t count = 1;
    while (count > 0 && size < capacity) {
        count =
            storage->read(storage->context, file, data + size, capacity - size);
        size += count > 0 ? (size_t)count : 0;
    }
    uint8_t more;
    if (count > 0) {
        count = storage->read(storage->context, file, &more, 1);
    }
    storage->close(storage->context, file);
    return count < 0 ? count : count > 0 ? BLOX_ERROR_LIMIT : (int32_t)size;
}

int blox_file_remove(const struct blox_storage *storage, const char *path) {
    int error = storage->remove(storage->context, path);
    return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
}

uint32_t blox_file_kib(const struct blox_storage_space *space,
                       uint32_t blocks) {
    return space->block_size >= 1024 ? blocks * (space->block_size / 1024)
                                     : blocks / (1024 / space->block_size);
}

uint32_t blox_file_blocks(const struct blox_storage_space *space,
                          uint32_t size) {
    return size / space->block_size + (size % space->block_size != 0);
}
