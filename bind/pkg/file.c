// SPDX-License-Identifier: MIT
#include "bind/pkg/object.h"

#include "core/base/text.h"

struct request {
    struct blox_pkg_file *file;
    void *data;
    size_t size;
    uint32_t offset;
    int32_t result;
};

static int32_t ask(struct request *request, void (*run)(void *request)) {
    mp_obj_t raised = blox_catch(run, request);
    if (raised == MP_OBJ_NULL) {
        return request->result;
    }
    request->file->raised = raised;
    return BLOX_ERROR_IO;
}

static void run_read(void *argument) {
    struct request *request = argument;
    struct blox_pkg_file *file = request->file;
    mp_obj_t view = blox_view_set(file->view, request->data, request->size);
    mp_obj_t count = blox_call(file->object, MP_QSTR_readinto, view);
    mp_int_t size = count == mp_const_none ? 0 : mp_obj_get_int(count);
    bool sane = size >= 0 && (size_t)size <= request->size;
    request->result = sane ? (int32_t)size : BLOX_ERROR_IO;
}

static int32_t file_read(void *context, void *file, uint8_t *data,
                         size_t size) {
    (void)file;
    struct request request = {.file = context, .data = data, .size = size};
    int32_t result = ask(&request, run_read);
    blox_view_set(request.file->view, NULL, 0);
    return result;
}

static void run_seek(void *argument) {
    struct request *request = argument;
    blox_call(request->file->object, MP_QSTR_seek,
              mp_obj_new_int_from_uint(request->offset));
}

static int file_seek(void *context, void *file, uint32_t offset) {
    (void)file;
    struct request request = {.file = context, .offset = offset};
    return (int)ask(&request, run_seek);
}

void blox_pkg_file_init(struct blox_pkg_file *file, mp_obj_t object) {
    const struct blox_storage ops = {
        .context = file,
        .read = file_read,
        .seek = file_seek,
    };
    file->ops = ops;
    file->object = object;
    file->view = blox_view_new();
    file->raised = MP_OBJ_NULL;
}

void blox_pkg_file_check(struct blox_pkg_file *file, int error,
                         struct blox_text *why) {
    mp_obj_t raised = file->raised;
    file->raised = MP_OBJ_NULL;
    if (raised != MP_OBJ_NULL) {
        nlr_raise(raised);
    }
    if (error < 0) {
        blox_raise(error, blox_text_span(why));
    }
}
