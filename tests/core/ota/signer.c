// SPDX-License-Identifier: MIT
#include "tests/core/ota/signer.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <stdio.h>
#include <string.h>

void signer_init(struct signer *signer) {
    size_t size = 0;
    signer->pair = EVP_EC_gen("P-256");
    assert(signer->pair != NULL);
    int done =
        EVP_PKEY_get_octet_string_param(signer->pair, OSSL_PKEY_PARAM_PUB_KEY,
                                        signer->key, sizeof signer->key, &size);
    assert(done == 1 && size == sizeof signer->key && signer->key[0] == 4);
}

void signer_free(struct signer *signer) {
    EVP_PKEY_free(signer->pair);
}

void signer_sig(const struct signer *signer, const uint8_t *message,
                size_t size, char sig[100]) {
    uint8_t der[80];
    size_t der_size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done =
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signer->pair) &&
        EVP_DigestSign(context, der, &der_size, message, size);
    assert(done == 1);
    EVP_MD_CTX_free(context);
    EVP_EncodeBlock((uint8_t *)sig, der, (int)der_size);
}

size_t signer_sign(const struct signer *signer, const char *topic,
                   const char *serial, const char *entries, char *list,
                   size_t capacity) {
    uint8_t message[2048];
    char sig[100];
    int size =
        snprintf((char *)message, sizeof message, "mpypi-v1%c%s%c%s%c[%s", 0,
                 topic, 0, serial, 0, entries);
    assert(size > 0 && (size_t)size < sizeof message);
    signer_sig(signer, message, (size_t)size, sig);
    size = snprintf(list, capacity,
                    "[%s%s{\"type\":\"signature\",\"alg\":\"ES256\","
                    "\"serial\":\"%s\",\"sig\":\"%s\"}]",
                    entries, entries[0] == '\0' ? "" : ",", serial, sig);
    assert(size > 0 && (size_t)size < capacity);
    return (size_t)size;
}
