// SPDX-License-Identifier: MIT
#include "core/conf/seal.h"

#include <string.h>

#include "core/base/error.h"
#include "core/conf/hmac.h"

enum {
    IV_AT = 1,
    MAC_AT = IV_AT + BLOX_AES_BLOCK,
    PAYLOAD_MAX = BLOX_SEAL_PLAIN_MAX + BLOX_AES_BLOCK,
};

static const char CRYPTO[] = "secure configuration: SHA-256 or AES failed; use "
                             "a firmware with hashlib and cryptolib";
static const char LARGE[] = "secure configuration: over 4096 bytes; put less "
                            "into provision.json";
static const char DAMAGED[] = "secure configuration: damaged, or written by "
                              "another chip; provision the device again";
static const char VERSION[] = "secure configuration: written by a newer "
                              "mpy-blox; install that or provision the device "
                              "again";

static int fail(struct blox_seal *seal, int error, const char *why) {
    seal->why = why;
    return error;
}

static int fail_crypto(struct blox_seal *seal) {
    return fail(seal, BLOX_ERROR_IO, CRYPTO);
}

// digest = SHA-256(a | b)
static int hash_pair(const struct blox_sha256 *hash, struct blox_span a,
                     struct blox_span b, uint8_t digest[BLOX_SHA256_SIZE]) {
    int error = hash->begin(hash->context);
    if (error == BLOX_OK) {
        error = hash->update(hash->context, a.data, a.size);
    }
    if (error == BLOX_OK && b.size > 0) {
        error = hash->update(hash->context, b.data, b.size);
    }
    return error != BLOX_OK ? error : hash->finish(hash->context, digest);
}

static int derive_key(struct blox_seal *seal, uint8_t key[BLOX_AES256_KEY]) {
    return hash_pair(seal->hash, seal->unique_id, blox_span(NULL, 0), key);
}

// The MAC over a whole record, whatever its MAC field holds.
static int derive_mac(struct blox_seal *seal, const uint8_t *key,
                      struct blox_span record, uint8_t mac[BLOX_SHA256_SIZE]) {
    struct blox_hmac hmac;
    uint8_t mac_key[BLOX_SHA256_SIZE];
    int error = hash_pair(seal->hash, blox_span(key, BLOX_AES256_KEY),
                          blox_span_text("mac"), mac_key);
    if (error == BLOX_OK) {
        error = blox_hmac_begin(&hmac, seal->hash,
                                blox_span(mac_key, sizeof mac_key));
    }
    if (error == BLOX_OK) {
        error = blox_hmac_update(&hmac, blox_span(record.data, MAC_AT));
    }
    if (error == BLOX_OK) {
        error = blox_hmac_update(
            &hmac, blox_span_part(record, BLOX_SEAL_HEADER, record.size));
    }
    return error != BLOX_OK ? error : blox_hmac_finish(&hmac, mac);
}

// Takes the same time wherever the first difference is.
static bool equal_in_constant_time(const uint8_t *a, const uint8_t *b,
                                   size_t size) {
    uint8_t difference = 0;
    for (size_t i = 0; i < size; ++i) {
        difference |= a[i] ^ b[i];
    }
    return difference == 0;
}

static size_t padded_size(size_t plain_size) {
    return (plain_size / BLOX_AES_BLOCK + 1) * BLOX_AES_BLOCK;
}

static void pad(uint8_t *payload, struct blox_span plain) {
    size_t size = padded_size(plain.size);
    if (plain.size > 0) {
        memmove(payload, plain.data, plain.size);
    }
    memset(payload + plain.size, (int)(size - plain.size), size - plain.size);
}

// Returns the size without the padding, or BLOX_ERROR_FORMAT.
static int32_t unpad(const uint8_t *data, size_t size) {
    uint8_t count = data[size - 1];
    if (count == 0 || count > BLOX_AES_BLOCK) {
        return BLOX_ERROR_FORMAT;
    }
    for (size_t i = size - count; i < size; ++i) {
        if (data[i] != count) {
            return BLOX_ERROR_FORMAT;
        }
    }
    return (int32_t)(size - count);
}

size_t blox_seal_size(size_t plain_size) {
    return BLOX_SEAL_HEADER + padded_size(plain_size);
}

static int check_plain(struct blox_seal *seal, struct blox_span plain,
                       size_t capacity) {
    if (plain.size > BLOX_SEAL_PLAIN_MAX) {
        return fail(seal, BLOX_ERROR_LIMIT, LARGE);
    }
    if (capacity < blox_seal_size(plain.size)) {
        return BLOX_ERROR_BUFFER;
    }
    return BLOX_OK;
}

int32_t blox_seal_write(struct blox_seal *seal,
                        const uint8_t iv[BLOX_AES_BLOCK],
                        struct blox_span plain, uint8_t *record,
                        size_t capacity) {
    uint8_t key[BLOX_AES256_KEY];
    size_t size = blox_seal_size(plain.size);
    seal->why = NULL;
    int error = check_plain(seal, plain, capacity);
    if (error != BLOX_OK) {
        return error;
    }
    pad(record + BLOX_SEAL_HEADER, plain);
    record[0] = BLOX_SEAL_VERSION;
    memcpy(record + IV_AT, iv, BLOX_AES_BLOCK);
    error = derive_key(seal, key);
    if (error == BLOX_OK) {
        error = seal->cipher->encrypt(seal->cipher->context, key, iv,
                                      record + BLOX_SEAL_HEADER,
                                      size - BLOX_SEAL_HEADER);
    }
    if (error == BLOX_OK) {
        error = derive_mac(seal, key, blox_span(record, size), record + MAC_AT);
    }
    return error != BLOX_OK ? fail_crypto(seal) : (int32_t)size;
}

static int check_payload(struct blox_seal *seal, size_t size, size_t capacity) {
    if (size == 0 || size % BLOX_AES_BLOCK != 0) {
        return fail(seal, BLOX_ERROR_FORMAT, DAMAGED);
    }
    if (size > PAYLOAD_MAX) {
        return fail(seal, BLOX_ERROR_LIMIT, LARGE);
    }
    return capacity < size ? BLOX_ERROR_BUFFER : BLOX_OK;
}

static int32_t decipher(struct blox_seal *seal, const uint8_t *key,
                        const uint8_t *iv, struct blox_span payload,
                        uint8_t *plain) {
    memmove(plain, payload.data, payload.size);
    if (seal->cipher->decrypt(seal->cipher->context, key, iv, plain,
                              payload.size) != BLOX_OK) {
        return fail_crypto(seal);
    }
    int32_t size = unpad(plain, payload.size);
    if (size < 0) {
        return fail(seal, size, DAMAGED);
    }
    return size;
}

static int check_mac(struct blox_seal *seal, const uint8_t *key,
                     struct blox_span record) {
    uint8_t mac[BLOX_SHA256_SIZE];
    if (derive_mac(seal, key, record, mac) != BLOX_OK) {
        return fail_crypto(seal);
    }
    if (!equal_in_constant_time(mac, record.data + MAC_AT, sizeof mac)) {
        return fail(seal, BLOX_ERROR_DIGEST, DAMAGED);
    }
    return BLOX_OK;
}

static int check_header(struct blox_seal *seal, struct blox_span record) {
    if (record.size > 0 && record.data[0] != BLOX_SEAL_VERSION) {
        return fail(seal, BLOX_ERROR_UNSUPPORTED, VERSION);
    }
    if (record.size < BLOX_SEAL_HEADER) {
        return check_payload(seal, 0, 0);
    }
    return BLOX_OK;
}

int32_t blox_seal_read(struct blox_seal *seal, struct blox_span record,
                       uint8_t *plain, size_t capacity) {
    uint8_t key[BLOX_AES256_KEY];
    struct blox_span payload =
        blox_span_part(record, BLOX_SEAL_HEADER, record.size);
    seal->why = NULL;
    int error = check_header(seal, record);
    if (error == BLOX_OK) {
        error = check_payload(seal, payload.size, capacity);
    }
    if (error == BLOX_OK && derive_key(seal, key) != BLOX_OK) {
        error = fail_crypto(seal);
    }
    if (error == BLOX_OK) {
        error = check_mac(seal, key, record);
    }
    return error != BLOX_OK
               ? error
               : decipher(seal, key, record.data + IV_AT, payload, plain);
}

int32_t blox_seal_read_original(struct blox_seal *seal, struct blox_span iv,
                                struct blox_span payload, uint8_t *plain,
                                size_t capacity) {
    uint8_t key[BLOX_AES256_KEY];
    seal->why = NULL;
    int error = iv.size == BLOX_AES_BLOCK
                    ? check_payload(seal, payload.size, capacity)
                    : check_payload(seal, 0, 0);
    if (error == BLOX_OK && derive_key(seal, key) != BLOX_OK) {
        error = fail_crypto(seal);
    }
    return error != BLOX_OK ? error
                            : decipher(seal, key, iv.data, payload, plain);
}
