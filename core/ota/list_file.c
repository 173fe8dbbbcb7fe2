// SPDX-License-Identifier: MIT
#include "core/ota/list_file.h"

#include "core/base/error.h"

void blox_list_file_init(struct blox_list_file *file,
                         const struct blox_storage *storage) {
    file->storage = storage;
    file->file = NULL;
}

int blox_list_file_open(struct blox_list_file *file, const char *path,
                        bool command, struct blox_text *why) {
    blox_list_file_close(file);
    blox_list_init(&file->list, command, why);
    file->left = blox_span(NULL, 0);
    int error = file->storage->open(file->storage->context, path,
                                    BLOX_STORAGE_READ, &file->file);
    if (error != BLOX_OK) {
        file->file = NULL;
    }
    return error;
}

int blox_list_file_next(struct blox_list_file *file) {
    for (;;) {
        int result = blox_list_feed(&file->list, &file->left);
        if (result != 0) {
            return result;
        }
        int32_t count = file->storage->read(file->storage->context, file->file,
                                            file->buffer, sizeof file->buffer);
        if (count <= 0) {
            return count < 0 ? count : blox_list_end(&file->list);
        }
        file->left = blox_span(file->buffer, (size_t)count);
    }
}

void blox_list_file_close(struct blox_list_file *file) {
    if (file->file != NULL) {
        file->storage->close(file->storage->context, file->file);
        file->file = NULL;
    }
}
