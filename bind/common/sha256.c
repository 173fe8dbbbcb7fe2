// SPDX-License-Identifier: MIT
#include "bind/common/crypto.h"

#include <string.h>

struct request {
    struct blox_bind_sha256 *sha256;
    const uint8_t *data;
    size_t size;
    uint8_t *digest;
};

static int ask(struct request *request, void (*step)(void *argument)) {
    mp_obj_t exception = blox_catch(step, request);
    if (exception == MP_OBJ_NULL) {
        return BLOX_OK;
    }
    request->sha256->raised = exception;
    return BLOX_ERROR_IO;
}

static void run_begin(void *argument) {
    struct request *request = argument;
    request->sha256->hash =
        mp_call_function_n_kw(request->sha256->type, 0, 0, NULL);
}

static int begin(void *context) {
    struct request request = {.sha256 = context};
    return ask(&request, run_begin);
}

static void run_update(void *argument) {
    struct request *request = argument;
    struct blox_bind_sha256 *sha256 = request->sha256;
    blox_view_set(sha256->view, request->data, request->size);
    blox_call(sha256->hash, MP_QSTR_update, sha256->view);
    blox_view_set(sha256->view, NULL, 0);
}

static int update(void *context, const uint8_t *data, size_t size) {
    struct request request = {.sha256 = context, .data = data, .size = size};
    return size == 0 ? BLOX_OK : ask(&request, run_update);
}

static void run_finish(void *argument) {
    struct request *request = argument;
    struct blox_span digest = blox_bind_span(
        blox_call(request->sha256->hash, MP_QSTR_digest, MP_OBJ_NULL));
    memcpy(request->digest, digest.data, BLOX_SHA256_SIZE);
    request->sha256->hash = mp_const_none;
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    struct request request = {.sha256 = context, .digest = digest};
    return ask(&request, run_finish);
}

void blox_bind_sha256_init(struct blox_bind_sha256 *sha256) {
    mp_obj_t module = blox_import(MP_QSTR_hashlib);
    const struct blox_sha256 ops = {
        .context = sha256,
        .begin = begin,
        .update = update,
        .finish = finish,
    };
    sha256->ops = ops;
    sha256->type = mp_load_attr(module, MP_QSTR_sha256);
    sha256->hash = mp_const_none;
    sha256->view = blox_view_new();
    sha256->raised = MP_OBJ_NULL;
}

void blox_bind_raise_kept(mp_obj_t *raised) {
    mp_obj_t exception = *raised;
    *raised = MP_OBJ_NULL;
    if (exception != MP_OBJ_NULL) {
        nlr_raise(exception);
    }
}
