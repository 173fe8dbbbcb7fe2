// SPDX-License-Identifier: MIT
#include "bind/common/crypto.h"

#include <string.h>

enum { MODE_CBC = 2 }; // cryptolib's number for it

struct request {
    struct blox_bind_aes *aes;
    bool encrypt;
    const uint8_t *key;
    const uint8_t *iv;
    uint8_t *data;
    size_t size;
};

static void run(void *argument) {
    struct request *request = argument;
    mp_obj_t arguments[3] = {
        mp_obj_new_bytes(request->key, BLOX_AES256_KEY),
        MP_OBJ_NEW_SMALL_INT(MODE_CBC),
        mp_obj_new_bytes(request->iv, BLOX_AES_BLOCK),
    };
    mp_obj_t cipher =
        mp_call_function_n_kw(request->aes->type, 3, 0, arguments);
    mp_obj_t data = mp_obj_new_bytes(request->data, request->size);
    struct blox_span result = blox_bind_span(
        request->encrypt ? blox_call(cipher, MP_QSTR_encrypt, data)
                         : blox_call(cipher, MP_QSTR_decrypt, data));
    memcpy(request->data, result.data, request->size);
}

static int ask(struct request *request) {
    mp_obj_t exception = blox_catch(run, request);
    if (exception == MP_OBJ_NULL) {
        return BLOX_OK;
    }
    request->aes->raised = exception;
    return BLOX_ERROR_IO;
}

static int encrypt(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size) {
    struct request request = {context, true, key, iv, data, size};
    return ask(&request);
}

static int decrypt(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size) {
    struct request request = {context, false, key, iv, data, size};
    return ask(&request);
}

void blox_bind_aes_init(struct blox_bind_aes *aes) {
    mp_obj_t module = blox_import(MP_QSTR_cryptolib);
    const struct blox_aes256_cbc ops = {
        .context = aes,
        .encrypt = encrypt,
        .decrypt = decrypt,
    };
    aes->ops = ops;
    aes->type = mp_load_attr(module, MP_QSTR_aes);
    aes->raised = MP_OBJ_NULL;
}
