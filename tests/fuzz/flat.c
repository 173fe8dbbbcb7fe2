// SPDX-License-Identifier: MIT
#include "tests/fuzz/flat.h"

#include <string.h>

#include "core/base/error.h"
#include "tests/fuzz/fuzz.h"

struct handle {
    bool used, writing;
    uint32_t file;
    uint32_t at; // for reading
};

struct flat flat;
static struct handle handles[FLAT_OPEN];
static uint8_t written[FLAT_FILES][FLAT_BYTES];

// As memcmp() == 0, which ASan and libFuzzer look into at each call.
static bool same(const char *a, const char *b, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static bool has_slash(const char *name) {
    while (*name != '\0' && *name != '/') {
        ++name;
    }
    return *name == '/';
}

static struct flat_file *find(const char *path) {
    size_t size = strlen(path);
    for (uint32_t i = 0; i < flat.count; ++i) {
        struct flat_file *file = &flat.files[i];
        if (file->there && file->path_size == size &&
            same(file->path, path, size)) {
            return file;
        }
    }
    return NULL;
}

const struct flat_file *flat_get(const char *path) {
    return find(path);
}

static bool may_write(const char *path) {
    return strncmp(path, flat.writable, strlen(flat.writable)) == 0;
}

static bool may_change(const char *path) {
    return flat.changeable != NULL ? flat.changeable(path) : may_write(path);
}

static void set_path(struct flat_file *file, const char *path) {
    size_t size = strlen(path);
    fuzz_must(size < sizeof file->path);
    memcpy(file->path, path, size + 1);
    file->path_size = (uint32_t)size;
}

static struct flat_file *make(const char *path, bool directory) {
    if (flat.count == FLAT_FILES) {
        return NULL;
    }
    struct flat_file *file = &flat.files[flat.count];
    file->there = true;
    file->directory = directory;
    file->size = 0;
    file->data = written[flat.count];
    set_path(file, path);
    ++flat.count;
    return file;
}

void flat_mkdir(const char *path) {
    make(path, true);
}

void flat_put(const char *path, struct blox_span data) {
    struct flat_file *file = make(path, false);
    file->data = data.data;
    file->size = (uint32_t)data.size;
}

static int open(void *context, const char *path, enum blox_storage_mode mode,
                void **to) {
    (void)context;
    struct flat_file *file = find(path);
    bool writing = mode != BLOX_STORAGE_READ;
    fuzz_must(!writing || may_write(path));
    if (file == NULL && !writing) {
        return BLOX_ERROR_MISSING;
    }
    file = file != NULL ? file : make(path, false);
    if (file == NULL || file->directory) {
        return file == NULL ? BLOX_ERROR_FULL : BLOX_ERROR_IO;
    }
    struct handle *handle = handles;
    while (handle->used) {
        ++handle;
        fuzz_must(handle < handles + FLAT_OPEN);
    }
    *handle = (struct handle){true, writing, (uint32_t)(file - flat.files), 0};
    if (mode == BLOX_STORAGE_WRITE) {
        file->data = written[handle->file];
        file->size = 0;
    }
    ++flat.open_files;
    *to = handle;
    return BLOX_OK;
}

static int32_t read(void *context, void *file, uint8_t *data, size_t size) {
    (void)context;
    struct handle *handle = file;
    struct flat_file *from = &flat.files[handle->file];
    fuzz_must(handle->used && !handle->writing);
    size_t left = handle->at < from->size ? from->size - handle->at : 0;
    size = size < left ? size : left;
    size = flat.read_at_most > 0 && size > flat.read_at_most ? flat.read_at_most
                                                             : size;
    if (size > 0) {
        memcpy(data, from->data + handle->at, size);
    }
    handle->at += (uint32_t)size;
    return (int32_t)size;
}

static uint32_t blocks_of(uint32_t size) {
    return (size + FLAT_BLOCK - 1) / FLAT_BLOCK;
}

static int write(void *context, void *file, const uint8_t *data, size_t size) {
    (void)context;
    struct handle *handle = file;
    struct flat_file *to = &flat.files[handle->file];
    fuzz_must(handle->used && handle->writing);
    if (size > FLAT_BYTES - to->size) {
        return BLOX_ERROR_FULL;
    }
    uint32_t more = blocks_of(to->size + (uint32_t)size) - blocks_of(to->size);
    if (flat.blocks_used + more > flat.blocks) {
        return BLOX_ERROR_FULL;
    }
    flat.blocks_used += more;
    if (size > 0) {
        memcpy(written[handle->file] + to->size, data, size);
    }
    to->size += (uint32_t)size;
    return BLOX_OK;
}

static int seek(void *context, void *file, uint32_t offset) {
    (void)context;
    struct handle *handle = file;
    fuzz_must(handle->used && !handle->writing);
    handle->at = offset;
    return BLOX_OK;
}

static int close(void *context, void *file) {
    (void)context;
    struct handle *handle = file;
    fuzz_must(handle->used);
    handle->used = false;
    --flat.open_files;
    return BLOX_OK;
}

static int stat(void *context, const char *path,
                struct blox_storage_stat *stat) {
    (void)context;
    struct flat_file *file = find(path);
    if (file == NULL) {
        return BLOX_ERROR_MISSING;
    }
    stat->kind = file->directory ? BLOX_STORAGE_DIRECTORY : BLOX_STORAGE_FILE;
    stat->size = file->size;
    return BLOX_OK;
}

// The last segment of a file that is directly in the directory whose path has
// so many bytes, else NULL.
static const char *name_in(const struct flat_file *file, const char *directory,
                           size_t size) {
    const char *name = file->path + size + 1;
    bool in = file->there && file->path_size > size + 1 && name[-1] == '/' &&
              same(file->path, directory, size) && !has_slash(name);
    return in ? name : NULL;
}

static int list(void *context, const char *path, uint32_t index, char *name,
                size_t capacity) {
    (void)context;
    size_t size = strcmp(path, "/") == 0 ? 0 : strlen(path);
    for (uint32_t i = 0; i < flat.count; ++i) {
        const char *last = name_in(&flat.files[i], path, size);
        if (last == NULL || index-- > 0) {
            continue;
        }
        if (strlen(last) >= capacity) {
            return BLOX_ERROR_BUFFER;
        }
        strcpy(name, last);
        return BLOX_OK;
    }
    return BLOX_ERROR_MISSING;
}

static int rename(void *context, const char *from, const char *to) {
    (void)context;
    struct flat_file *file = find(from);
    struct flat_file *old = find(to);
    fuzz_must(may_change(from) && may_change(to));
    if (file == NULL) {
        return BLOX_ERROR_MISSING;
    }
    if (old != NULL && old->directory) {
        return BLOX_ERROR_IO;
    }
    if (old != NULL && old != file) {
        old->there = false;
    }
    set_path(file, to);
    return BLOX_OK;
}

static int remove(void *context, const char *path) {
    (void)context;
    struct flat_file *file = find(path);
    if (file == NULL) {
        return BLOX_ERROR_MISSING;
    }
    for (uint32_t i = 0; file->directory && i < flat.count; ++i) {
        if (name_in(&flat.files[i], path, file->path_size) != NULL) {
            return BLOX_ERROR_IO;
        }
    }
    fuzz_must(may_change(path));
    file->there = false;
    return BLOX_OK;
}

static int make_directory(void *context, const char *path) {
    (void)context;
    struct flat_file *file = find(path);
    fuzz_must(may_write(path));
    if (file != NULL) {
        return file->directory ? BLOX_OK : BLOX_ERROR_IO;
    }
    return make(path, true) != NULL ? BLOX_OK : BLOX_ERROR_FULL;
}

static int space(void *context, struct blox_storage_space *space) {
    (void)context;
    space->block_size = FLAT_BLOCK;
    space->blocks = flat.blocks;
    space->blocks_free = flat.blocks - flat.blocks_used;
    return BLOX_OK;
}

void flat_init(void) {
    static const struct blox_storage ops = {
        NULL, open, read,   write,  seek,           close,
        stat, list, rename, remove, make_directory, space};
    flat.ops = ops;
    flat.count = 0;
    flat.open_files = 0;
    flat.blocks = 64;
    flat.blocks_used = 0;
    flat.read_at_most = 0;
    flat.writable = "/.blox/";
    flat.changeable = NULL;
    memset(handles, 0, sizeof handles);
}
