// SPDX-License-Identifier: MIT
// Module cryptolib, of which the library uses AES-CBC: aes(key, 2, iv), its
// encrypt(data) and decrypt(data). MicroPython's own needs a TLS library; this
// one needs BearSSL, of which it takes in the files.
#include "src/symcipher/aes_common.c"
#include "src/symcipher/aes_small_cbcdec.c"
#include "src/symcipher/aes_small_cbcenc.c"
#include "src/symcipher/aes_small_dec.c"
// Two of its files have a function of this name.
#define add_round_key add_round_key_to_encrypt
#include "src/symcipher/aes_small_enc.c"
#undef add_round_key

#include "py/objstr.h"
#include "py/runtime.h"

enum { MODE_CBC = 2, BLOCK = 16 };

struct aes {
    mp_obj_base_t base;
    uint8_t iv[BLOCK];
    size_t key_size;
    uint8_t key[32];
};

static mp_obj_t aes_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                        const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 3, 3, false);
    mp_buffer_info_t key;
    mp_buffer_info_t iv;
    mp_get_buffer_raise(arguments[0], &key, MP_BUFFER_READ);
    mp_get_buffer_raise(arguments[2], &iv, MP_BUFFER_READ);
    if (mp_obj_get_int(arguments[1]) != MODE_CBC || iv.len != BLOCK ||
        (key.len != 16 && key.len != 32)) {
        mp_raise_ValueError(MP_ERROR_TEXT("aes: not supported here"));
    }
    struct aes *self = mp_obj_malloc(struct aes, type);
    self->key_size = key.len;
    memcpy(self->key, key.buf, key.len);
    memcpy(self->iv, iv.buf, BLOCK);
    return MP_OBJ_FROM_PTR(self);
}

static vstr_t copy_of(mp_obj_t data_in) {
    mp_buffer_info_t data;
    mp_get_buffer_raise(data_in, &data, MP_BUFFER_READ);
    if (data.len % BLOCK != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("aes: whole blocks only"));
    }
    vstr_t result;
    vstr_init_len(&result, data.len);
    memcpy(result.buf, data.buf, data.len);
    return result;
}

static mp_obj_t aes_encrypt(mp_obj_t self_in, mp_obj_t data) {
    struct aes *self = MP_OBJ_TO_PTR(self_in);
    vstr_t result = copy_of(data);
    br_aes_small_cbcenc_keys keys;
    br_aes_small_cbcenc_init(&keys, self->key, self->key_size);
    br_aes_small_cbcenc_run(&keys, self->iv, result.buf, result.len);
    return mp_obj_new_bytes_from_vstr(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(aes_encrypt_obj, aes_encrypt);

static mp_obj_t aes_decrypt(mp_obj_t self_in, mp_obj_t data) {
    struct aes *self = MP_OBJ_TO_PTR(self_in);
    vstr_t result = copy_of(data);
    br_aes_small_cbcdec_keys keys;
    br_aes_small_cbcdec_init(&keys, self->key, self->key_size);
    br_aes_small_cbcdec_run(&keys, self->iv, result.buf, result.len);
    return mp_obj_new_bytes_from_vstr(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(aes_decrypt_obj, aes_decrypt);

static const mp_rom_map_elem_t aes_table[] = {
    {MP_ROM_QSTR(MP_QSTR_encrypt), MP_ROM_PTR(&aes_encrypt_obj)},
    {MP_ROM_QSTR(MP_QSTR_decrypt), MP_ROM_PTR(&aes_decrypt_obj)},
};
static MP_DEFINE_CONST_DICT(aes_dict, aes_table);

static MP_DEFINE_CONST_OBJ_TYPE(aes_type, MP_QSTR_aes, MP_TYPE_FLAG_NONE,
                                make_new, aes_new, locals_dict, &aes_dict);

static const mp_rom_map_elem_t module_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_cryptolib)},
    {MP_ROM_QSTR(MP_QSTR_aes), MP_ROM_PTR(&aes_type)},
};
static MP_DEFINE_CONST_DICT(module_dict, module_table);

const mp_obj_module_t target_cryptolib_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&module_dict,
};
MP_REGISTER_MODULE(MP_QSTR_cryptolib, target_cryptolib_module);
