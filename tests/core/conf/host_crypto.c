// SPDX-License-Identifier: MIT
#include "tests/core/conf/host_crypto.h"

#include <openssl/evp.h>

#include "core/base/error.h"

static int step(void *context, int done) {
    struct conf_crypto *crypto = context;
    ++crypto->operations;
    return done == 1 && crypto->operations != crypto->fail_at ? BLOX_OK
                                                              : BLOX_ERROR_IO;
}

static int begin(void *context) {
    struct conf_crypto *crypto = context;
    return step(context, EVP_DigestInit_ex(crypto->digest, EVP_sha256(), NULL));
}

static int update(void *context, const uint8_t *data, size_t size) {
    struct conf_crypto *crypto = context;
    return step(context, EVP_DigestUpdate(crypto->digest, data, size));
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    struct conf_crypto *crypto = context;
    return step(context, EVP_DigestFinal_ex(crypto->digest, digest, NULL));
}

static int run(void *context, int encrypt, const uint8_t *key,
               const uint8_t *iv, uint8_t *data, size_t size) {
    int out = 0;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int done = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv,
                                 encrypt) == 1 &&
               EVP_CIPHER_CTX_set_padding(cipher, 0) == 1 &&
               EVP_CipherUpdate(cipher, data, &out, data, (int)size) == 1 &&
               (size_t)out == size;
    EVP_CIPHER_CTX_free(cipher);
    return step(context, done);
}

static int encrypt(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size) {
    return run(context, 1, key, iv, data, size);
}

static int decrypt(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size) {
    return run(context, 0, key, iv, data, size);
}

void conf_crypto_open(struct conf_crypto *crypto) {
    *crypto = (struct conf_crypto){
        .hash = {crypto, begin, update, finish},
        .cipher = {crypto, encrypt, decrypt},
        .digest = EVP_MD_CTX_new(),
    };
}

void conf_crypto_close(struct conf_crypto *crypto) {
    EVP_MD_CTX_free(crypto->digest);
}
