// SPDX-License-Identifier: MIT
#include "bind/common/storage.h"

#include <string.h>

// One request to Python, run under blox_catch.
struct request {
    struct blox_bind_storage *storage;
    void (*run)(struct request *request);
    mp_obj_t file;
    const char *path;
    const char *path_2;
    void *data;
    size_t size;
    uint32_t offset;
    int32_t result;
};

static void run(void *argument) {
    struct request *request = argument;
    request->run(request);
}

static int error_of(mp_int_t number) {
    switch (number) {
    case MP_ENOSPC:
        return BLOX_ERROR_FULL;
    case MP_ENOENT:
    case MP_ENOTDIR:
        return BLOX_ERROR_MISSING;
    default:
        return BLOX_ERROR_IO;
    }
}

// Runs the request. Returns its result, or the error that an exception means.
static int32_t ask(void *context, struct request *request,
                   void (*step)(struct request *request)) {
    request->storage = context;
    request->run = step;
    request->result = BLOX_OK;
    mp_obj_t exception = blox_catch(run, request);
    if (exception == MP_OBJ_NULL) {
        return request->result;
    }
    mp_int_t number = blox_errno(exception);
    if (number == 0) {
        request->storage->raised = exception;
    }
    return error_of(number);
}

static mp_obj_t new_path(const char *path) {
    return mp_obj_new_str(path, strlen(path));
}

static mp_obj_t call_os(struct request *request, qstr name) {
    return blox_call(request->storage->os, name, new_path(request->path));
}

static void run_open(struct request *request) {
    mp_obj_t arguments[2] = {new_path(request->path),
                             mp_obj_new_str(request->path_2, 2)};
    mp_obj_t file =
        mp_call_function_n_kw(request->storage->open, 2, 0, arguments);
    *(void **)request->data = MP_OBJ_TO_PTR(file);
}

static int storage_open(void *context, const char *path,
                        enum blox_storage_mode mode, void **file) {
    const char *name = mode == BLOX_STORAGE_READ    ? "rb"
                       : mode == BLOX_STORAGE_WRITE ? "wb"
                                                    : "ab";
    struct request request = {.path = path, .path_2 = name, .data = file};
    return ask(context, &request, run_open);
}

static void run_read(struct request *request) {
    const mp_stream_p_t *stream =
        mp_get_stream_raise(request->file, MP_STREAM_OP_READ);
    int number = 0;
    mp_uint_t count =
        stream->read(request->file, request->data, request->size, &number);
    request->result =
        count == MP_STREAM_ERROR ? error_of(number) : (int32_t)count;
}

static int32_t storage_read(void *context, void *file, uint8_t *data,
                            size_t size) {
    struct request request = {
        .file = MP_OBJ_FROM_PTR(file), .data = data, .size = size};
    return ask(context, &request, run_read);
}

static void run_write(struct request *request) {
    const mp_stream_p_t *stream =
        mp_get_stream_raise(request->file, MP_STREAM_OP_WRITE);
    const uint8_t *data = request->data;
    for (size_t done = 0; done < request->size;) {
        int number = 0;
        mp_uint_t count = stream->write(request->file, data + done,
                                        request->size - done, &number);
        if (count == MP_STREAM_ERROR || count == 0) {
            request->result = error_of(number);
            return;
        }
        done += count;
    }
}

static int storage_write(void *context, void *file, const uint8_t *data,
                         size_t size) {
    struct request request = {.file = MP_OBJ_FROM_PTR(file),
                              .data = (void *)(uintptr_t)data,
                              .size = size};
    return (int)ask(context, &request, run_write);
}

static void run_seek(struct request *request) {
    const mp_stream_p_t *stream =
        mp_get_stream_raise(request->file, MP_STREAM_OP_IOCTL);
    struct mp_stream_seek_t seek = {.offset = (mp_off_t)request->offset,
                                    .whence = MP_SEEK_SET};
    int number = 0;
    if (stream->ioctl(request->file, MP_STREAM_SEEK, (uintptr_t)&seek,
                      &number) == MP_STREAM_ERROR) {
        request->result = error_of(number);
    }
}

static int storage_seek(void *context, void *file, uint32_t offset) {
    struct request request = {.file = MP_OBJ_FROM_PTR(file), .offset = offset};
    return (int)ask(context, &request, run_seek);
}

static void run_close(struct request *request) {
    blox_call(request->file, MP_QSTR_close, MP_OBJ_NULL);
}

static int storage_close(void *context, void *file) {
    struct request request = {.file = MP_OBJ_FROM_PTR(file)};
    return (int)ask(context, &request, run_close);
}

static void run_stat(struct request *request) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(call_os(request, MP_QSTR_stat), &count, &items);
    struct blox_storage_stat *stat = request->data;
    bool directory = (mp_obj_get_int(items[0]) & 0xf000) == 0x4000;
    stat->kind = directory ? BLOX_STORAGE_DIRECTORY : BLOX_STORAGE_FILE;
    stat->size = directory ? 0 : (uint32_t)mp_obj_get_int(items[6]);
}

static int storage_stat(void *context, const char *path,
                        struct blox_storage_stat *stat) {
    struct request request = {.path = path, .data = stat};
    return (int)ask(context, &request, run_stat);
}

static bool is_listing(struct blox_bind_storage *storage, const char *path) {
    return storage->listing != MP_OBJ_NULL &&
           blox_span_is(blox_bind_span(storage->path), path);
}

static void start_listing(struct request *request) {
    struct blox_bind_storage *storage = request->storage;
    storage->path = new_path(request->path);
    storage->listing =
        blox_getiter(blox_call(storage->os, MP_QSTR_ilistdir, storage->path));
    storage->listed = 0;
}

// The next entry's tuple, or MP_OBJ_STOP_ITERATION.
static mp_obj_t next_entry(struct blox_bind_storage *storage) {
    ++storage->listed;
    return blox_next(storage->listing);
}

// Listing goes on where the last call stopped; another path or an index out
// of order starts anew.
static void run_list(struct request *request) {
    struct blox_bind_storage *storage = request->storage;
    uint32_t index = request->offset;
    request->result = BLOX_ERROR_MISSING;
    if (index == 0 || !is_listing(storage, request->path) ||
        index < storage->listed) {
        start_listing(request);
    }
    mp_obj_t entry = MP_OBJ_STOP_ITERATION;
    while (storage->listed <= index) {
        entry = next_entry(storage);
        if (entry == MP_OBJ_STOP_ITERATION) {
            storage->listing = MP_OBJ_NULL;
            return;
        }
    }
    struct blox_span name = blox_bind_span(
        mp_obj_subscr(entry, MP_OBJ_NEW_SMALL_INT(0), MP_OBJ_SENTINEL));
    if (name.size >= request->size) {
        request->result = BLOX_ERROR_BUFFER;
        return;
    }
    memcpy(request->data, name.data, name.size);
    ((char *)request->data)[name.size] = '\0';
    request->result = BLOX_OK;
}

static int storage_list(void *context, const char *path, uint32_t index,
                        char *name, size_t capacity) {
    struct request request = {
        .path = path, .data = name, .size = capacity, .offset = index};
    return (int)ask(context, &request, run_list);
}

static void run_rename(struct request *request) {
    mp_obj_t method[4];
    mp_load_method(request->storage->os, MP_QSTR_rename, method);
    method[2] = new_path(request->path);
    method[3] = new_path(request->path_2);
    blox_call_method(2, 0, method);
}

static int storage_rename(void *context, const char *from, const char *to) {
    struct request request = {.path = from, .path_2 = to};
    return (int)ask(context, &request, run_rename);
}

static void run_remove(struct request *request) {
    call_os(request, MP_QSTR_remove);
}

static void run_rmdir(struct request *request) {
    call_os(request, MP_QSTR_rmdir);
}

// Some file systems remove directories with os.rmdir alone.
static int storage_remove(void *context, const char *path) {
    struct request request = {.path = path};
    int error = (int)ask(context, &request, run_remove);
    if (error != BLOX_ERROR_IO) {
        return error;
    }
    return (int)ask(context, &request, run_rmdir);
}

static void run_mkdir(struct request *request) {
    call_os(request, MP_QSTR_mkdir);
}

static int storage_make_directory(void *context, const char *path) {
    struct blox_storage_stat found;
    if (storage_stat(context, path, &found) == BLOX_OK) {
        return found.kind == BLOX_STORAGE_DIRECTORY ? BLOX_OK : BLOX_ERROR_IO;
    }
    struct request request = {.path = path};
    return (int)ask(context, &request, run_mkdir);
}

// littlefs counts a block of a file that is being written up to twice: on a
// full flash what it says is free falls below 0 and wraps around.
static void run_space(struct request *request) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(call_os(request, MP_QSTR_statvfs), &count, &items);
    struct blox_storage_space *space = request->data;
    space->block_size = (uint32_t)mp_obj_get_int(items[1]);
    space->blocks = (uint32_t)mp_obj_get_int(items[2]);
    space->blocks_free = (uint32_t)mp_obj_get_int_truncated(items[3]);
    if (space->blocks_free > space->blocks) {
        space->blocks_free = 0;
    }
}

static int storage_space(void *context, struct blox_storage_space *space) {
    struct request request = {.path = "/", .data = space};
    return (int)ask(context, &request, run_space);
}

void blox_bind_storage_init(struct blox_bind_storage *storage) {
    const struct blox_storage ops = {
        .context = storage,
        .open = storage_open,
        .read = storage_read,
        .write = storage_write,
        .seek = storage_seek,
        .close = storage_close,
        .stat = storage_stat,
        .list = storage_list,
        .rename = storage_rename,
        .remove = storage_remove,
        .make_directory = storage_make_directory,
        .space = storage_space,
    };
    storage->ops = ops;
    storage->os = blox_import(MP_QSTR_os);
    storage->open = mp_load_attr(blox_import(MP_QSTR_builtins), MP_QSTR_open);
    storage->path = MP_OBJ_NULL;
    storage->listing = MP_OBJ_NULL;
    storage->listed = 0;
    storage->raised = MP_OBJ_NULL;
}

void blox_bind_storage_check(struct blox_bind_storage *storage) {
    mp_obj_t raised = storage->raised;
    storage->raised = MP_OBJ_NULL;
    if (raised != MP_OBJ_NULL) {
        nlr_raise(raised);
    }
}
