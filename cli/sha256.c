// SPDX-License-Identifier: MIT
#include "cli/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "core/base/error.h"

static int begin(void *context) {
    return EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 ? BLOX_OK
                                                               : BLOX_ERROR_IO;
}

static int update(void *context, const uint8_t *data, size_t size) {
    return EVP_DigestUpdate(context, data, size) == 1 ? BLOX_OK : BLOX_ERROR_IO;
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    return EVP_DigestFinal_ex(context, digest, NULL) == 1 ? BLOX_OK
                                                          : BLOX_ERROR_IO;
}

void sha256_open(struct blox_sha256 *sha256) {
    *sha256 = (struct blox_sha256){EVP_MD_CTX_new(), begin, update, finish};
    if (sha256->context == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
}

void sha256_close(struct blox_sha256 *sha256) {
    EVP_MD_CTX_free(sha256->context);
    sha256->context = NULL;
}

void sha256_of(const void *data, size_t size,
               uint8_t digest[BLOX_SHA256_SIZE]) {
    if (EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL) != 1) {
        exit(cli_fail(CLI_INTERNAL, "SHA-256 failed; report this"));
    }
}
