// SPDX-License-Identifier: MIT
#include "tests/core/storage_ram.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"

static size_t find(const struct storage_ram *ram, const char *path) {
    size_t at = 0;
    while (at < STORAGE_RAM_FILES && (ram->files[at].path == NULL ||
                                      strcmp(ram->files[at].path, path) != 0)) {
        ++at;
    }
    return at;
}

static size_t find_free(const struct storage_ram *ram) {
    size_t at = 0;
    while (at < STORAGE_RAM_FILES && ram->files[at].path != NULL) {
        ++at;
    }
    if (at == STORAGE_RAM_FILES) {
        abort();
    }
    return at;
}

const struct storage_ram_file *storage_ram_get(const struct storage_ram *ram,
                                               const char *path) {
    size_t at = find(ram, path);
    return at < STORAGE_RAM_FILES ? &ram->files[at] : NULL;
}

static void drop_at(struct storage_ram *ram, size_t at) {
    free(ram->files[at].path);
    free(ram->files[at].data);
    ram->files[at] = (struct storage_ram_file){0};
}

void storage_ram_drop(struct storage_ram *ram, const char *path) {
    size_t at = find(ram, path);
    if (at < STORAGE_RAM_FILES) {
        drop_at(ram, at);
    }
}

static bool is_directory(const struct storage_ram *ram, const char *path,
                         size_t size) {
    char parent[400];
    if (size == 0) {
        return true;
    }
    memcpy(parent, path, size);
    parent[size] = '\0';
    const struct storage_ram_file *file = storage_ram_get(ram, parent);
    return file != NULL && file->directory;
}

static bool has_parent(const struct storage_ram *ram, const char *path) {
    return is_directory(ram, path, (size_t)(strrchr(path, '/') - path));
}

static size_t make(struct storage_ram *ram, const char *path, bool directory) {
    size_t at = find_free(ram);
    ram->files[at].path = strdup(path);
    ram->files[at].directory = directory;
    return at;
}

void storage_ram_mkdir(struct storage_ram *ram, const char *path) {
    for (size_t i = 1; path[i - 1] != '\0'; ++i) {
        if ((path[i] == '/' || path[i] == '\0') &&
            !is_directory(ram, path, i)) {
            char part[400];
            memcpy(part, path, i);
            part[i] = '\0';
            make(ram, part, true);
        }
    }
}

void storage_ram_put(struct storage_ram *ram, const char *path,
                     const void *data, size_t size) {
    char parent[400] = {0};
    memcpy(parent, path, (size_t)(strrchr(path, '/') - path));
    if (parent[0] != '\0') {
        storage_ram_mkdir(ram, parent);
    }
    storage_ram_drop(ram, path);
    size_t at = make(ram, path, false);
    ram->files[at].data = malloc(size + 1);
    ram->files[at].size = size;
    if (size > 0) {
        memcpy(ram->files[at].data, data, size);
    }
}

static uint32_t blocks_of(const struct storage_ram *ram, size_t size) {
    return (uint32_t)((size + ram->block_size - 1) / ram->block_size) + 1;
}

uint32_t storage_ram_used(const struct storage_ram *ram) {
    uint32_t used = 2;
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const struct storage_ram_file *file = &ram->files[i];
        if (file->path != NULL) {
            used += file->directory ? 2 : blocks_of(ram, file->size);
        }
    }
    for (size_t i = 0; i < STORAGE_RAM_OPEN; ++i) {
        if (ram->handles[i].used && ram->handles[i].mode > 0) {
            used += blocks_of(ram, ram->handles[i].size) - 1;
        }
    }
    return used;
}

uint32_t storage_ram_hash(const struct storage_ram *ram, const char *prefix) {
    uint32_t sum = 0;
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const struct storage_ram_file *file = &ram->files[i];
        if (file->path == NULL ||
            strncmp(file->path, prefix, strlen(prefix)) != 0) {
            continue;
        }
        uint32_t crc = blox_crc32(file->directory, (uint8_t *)file->path,
                                  strlen(file->path) + 1);
        sum += blox_crc32(crc, file->data, file->size) * 2654435761u;
    }
    return sum;
}

// Every operation begins here: power, counting, the fault that is due.
static int begin(struct storage_ram *ram) {
    if (ram->off) {
        return BLOX_ERROR_IO;
    }
    ++ram->operations;
    bool due = ram->fail_for_ever ? ram->operations >= ram->fail_at
                                  : ram->operations == ram->fail_at;
    return ram->fail_at > 0 && due ? ram->fail_with : BLOX_OK;
}

// The same for one that changes the flash.
static int begin_write(struct storage_ram *ram) {
    int error = begin(ram);
    if (error == BLOX_OK && ++ram->writes == ram->cut_at) {
        ram->off = true;
        return BLOX_ERROR_IO;
    }
    return error;
}

static int ram_open(void *context, const char *path,
                    enum blox_storage_mode mode, void **file) {
    struct storage_ram *ram = context;
    bool reading = mode == BLOX_STORAGE_READ;
    int error = reading ? begin(ram) : begin_write(ram);
    if (error < 0) {
        return error;
    }
    size_t at = find(ram, path);
    if (at == STORAGE_RAM_FILES && (reading || !has_parent(ram, path))) {
        return BLOX_ERROR_MISSING;
    }
    if (at == STORAGE_RAM_FILES) {
        if (ram->blocks - storage_ram_used(ram) < 1) {
            return BLOX_ERROR_FULL;
        }
        at = make(ram, path, false);
    }
    if (ram->files[at].directory) {
        return BLOX_ERROR_IO;
    }
    struct storage_ram_handle *handle = ram->handles;
    while (handle->used) {
        if (++handle == ram->handles + STORAGE_RAM_OPEN) {
            abort();
        }
    }
    *handle = (struct storage_ram_handle){
        .used = true, .mode = (int)mode, .file = at, .power = ram->power};
    if (mode == BLOX_STORAGE_APPEND && ram->files[at].size > 0) {
        handle->size = ram->files[at].size;
        handle->data = malloc(handle->size);
        memcpy(handle->data, ram->files[at].data, handle->size);
    }
    ++ram->open_files;
    *file = handle;
    return BLOX_OK;
}

static int32_t ram_read(void *context, void *file, uint8_t *data, size_t size) {
    struct storage_ram *ram = context;
    struct storage_ram_handle *handle = file;
    int error = begin(ram);
    if (error < 0) {
        return error;
    }
    const struct storage_ram_file *from = &ram->files[handle->file];
    size_t left = handle->at < from->size ? from->size - handle->at : 0;
    size = size < left ? size : left;
    if (ram->read_at_most > 0 && size > ram->read_at_most) {
        size = ram->read_at_most;
    }
    if (size > 0) {
        memcpy(data, from->data + handle->at, size);
    }
    handle->at += (uint32_t)size;
    return (int32_t)size;
}

static int ram_write(void *context, void *file, const uint8_t *data,
                     size_t size) {
    struct storage_ram *ram = context;
    struct storage_ram_handle *handle = file;
    int error = begin_write(ram);
    if (error < 0) {
        return error;
    }
    uint32_t more =
        blocks_of(ram, handle->size + size) - blocks_of(ram, handle->size);
    if (storage_ram_used(ram) + more > ram->blocks) {
        return BLOX_ERROR_FULL;
    }
    handle->data = realloc(handle->data, handle->size + size + 1);
    memcpy(handle->data + handle->size, data, size);
    handle->size += size;
    return BLOX_OK;
}

static int ram_seek(void *context, void *file, uint32_t offset) {
    struct storage_ram_handle *handle = file;
    int error = begin(context);
    if (error == BLOX_OK) {
        handle->at = offset;
    }
    return error;
}

static void forget(struct storage_ram *ram, struct storage_ram_handle *handle) {
    free(handle->data);
    *handle = (struct storage_ram_handle){0};
    --ram->open_files;
}

static int ram_close(void *context, void *file) {
    struct storage_ram *ram = context;
    struct storage_ram_handle *handle = file;
    int error = handle->mode > 0 ? begin_write(ram) : begin(ram);
    if (error == BLOX_OK && handle->mode > 0) {
        struct storage_ram_file *to = &ram->files[handle->file];
        free(to->data);
        to->data = handle->data;
        to->size = handle->size;
        handle->data = NULL;
    }
    forget(ram, handle);
    return error;
}

static int ram_stat(void *context, const char *path,
                    struct blox_storage_stat *stat) {
    struct storage_ram *ram = context;
    int error = begin(ram);
    if (error < 0) {
        return error;
    }
    const struct storage_ram_file *file = storage_ram_get(ram, path);
    if (file == NULL) {
        return BLOX_ERROR_MISSING;
    }
    stat->kind = file->directory ? BLOX_STORAGE_DIRECTORY : BLOX_STORAGE_FILE;
    stat->size = (uint32_t)file->size;
    return BLOX_OK;
}

// Whether path is directly in the directory; *name: its last segment.
static bool is_in(const char *path, const char *directory, const char **name) {
    size_t size = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
    if (path == NULL || strncmp(path, directory, size) != 0 ||
        path[size] != '/') {
        return false;
    }
    *name = path + size + 1;
    return **name != '\0' && strchr(*name, '/') == NULL;
}

static int ram_list(void *context, const char *path, uint32_t index, char *name,
                    size_t capacity) {
    struct storage_ram *ram = context;
    int error = begin(ram);
    if (error < 0) {
        return error;
    }
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *last;
        if (is_in(ram->files[i].path, path, &last) && index-- == 0) {
            if (strlen(last) >= capacity) {
                return BLOX_ERROR_BUFFER;
            }
            memcpy(name, last, strlen(last) + 1);
            return BLOX_OK;
        }
    }
    return BLOX_ERROR_MISSING;
}

static int ram_rename(void *context, const char *from, const char *to) {
    struct storage_ram *ram = context;
    int error = begin_write(ram);
    if (error < 0) {
        return error;
    }
    size_t at = find(ram, from);
    if (at == STORAGE_RAM_FILES || !has_parent(ram, to)) {
        return BLOX_ERROR_MISSING;
    }
    size_t old = find(ram, to);
    if (old < STORAGE_RAM_FILES && ram->files[old].directory) {
        return BLOX_ERROR_IO;
    }
    if (old < STORAGE_RAM_FILES && old != at) {
        drop_at(ram, old);
    }
    char *path = strdup(to);
    free(ram->files[at].path);
    ram->files[at].path = path;
    return BLOX_OK;
}

static int ram_remove(void *context, const char *path) {
    struct storage_ram *ram = context;
    int error = begin_write(ram);
    if (error < 0) {
        return error;
    }
    size_t at = find(ram, path);
    if (at == STORAGE_RAM_FILES) {
        return BLOX_ERROR_MISSING;
    }
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *last;
        if (is_in(ram->files[i].path, path, &last)) {
            return BLOX_ERROR_IO;
        }
    }
    drop_at(ram, at);
    return BLOX_OK;
}

static int ram_make_directory(void *context, const char *path) {
    struct storage_ram *ram = context;
    int error = begin_write(ram);
    if (error < 0) {
        return error;
    }
    const struct storage_ram_file *file = storage_ram_get(ram, path);
    if (file != NULL) {
        return file->directory ? BLOX_OK : BLOX_ERROR_IO;
    }
    if (!has_parent(ram, path)) {
        return BLOX_ERROR_MISSING;
    }
    if (ram->blocks - storage_ram_used(ram) < 2) {
        return BLOX_ERROR_FULL;
    }
    make(ram, path, true);
    return BLOX_OK;
}

static int ram_space(void *context, struct blox_storage_space *space) {
    struct storage_ram *ram = context;
    int error = begin(ram);
    uint32_t used = storage_ram_used(ram);
    space->block_size = ram->block_size;
    space->blocks = ram->blocks;
    space->blocks_free = used < ram->blocks ? ram->blocks - used : 0;
    return error;
}

void storage_ram_init(struct storage_ram *ram) {
    *ram = (struct storage_ram){
        .ops = {.context = ram,
                .open = ram_open,
                .read = ram_read,
                .write = ram_write,
                .seek = ram_seek,
                .close = ram_close,
                .stat = ram_stat,
                .list = ram_list,
                .rename = ram_rename,
                .remove = ram_remove,
                .make_directory = ram_make_directory,
                .space = ram_space},
        .block_size = 4096,
        .blocks = 512,
    };
}

void storage_ram_boot(struct storage_ram *ram) {
    for (size_t i = 0; i < STORAGE_RAM_OPEN; ++i) {
        if (ram->handles[i].used) {
            forget(ram, &ram->handles[i]);
        }
    }
    ram->operations = 0;
    ram->writes = 0;
    ram->fail_at = 0;
    ram->fail_for_ever = false;
    ram->cut_at = 0;
    ram->off = false;
    ++ram->power;
}

void storage_ram_free(struct storage_ram *ram) {
    storage_ram_boot(ram);
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        if (ram->files[i].path != NULL) {
            drop_at(ram, i);
        }
    }
}
