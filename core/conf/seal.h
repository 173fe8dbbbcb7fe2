// SPDX-License-Identifier: MIT
// The sealed record: the secure configuration as it lies in NVS.
//
//     record = version (1 byte, 1) | iv (16) | mac (32) | payload
//
// payload is the plain text, PKCS#7 padded (RFC 5652), AES-256-CBC under
// key = SHA-256(unique id of the chip); mac is HMAC-SHA-256 over version, iv
// and payload under SHA-256(key | "mac"). Whoever holds the chip can undo it:
// it keeps secrets from a casual reader of the flash, not from an owner of the
// device.
//
// The record of the older Mpy-BLOX, three NVS values, has the same cipher and
// no MAC: only its padding can be checked.
#ifndef CORE_CONF_SEAL_H
#define CORE_CONF_SEAL_H

#include "core/base/crypto.h"

enum {
    BLOX_SEAL_VERSION = 1,
    BLOX_SEAL_HEADER = 1 + BLOX_AES_BLOCK + BLOX_SHA256_SIZE,
    BLOX_SEAL_PLAIN_MAX = 4096, // bytes of plain text in a record
};

// What sealing needs of the caller. Nothing is kept past a call.
struct blox_seal {
    const struct blox_sha256 *hash;
    const struct blox_aes256_cbc *cipher;
    struct blox_span unique_id; // of the chip, as machine.unique_id() gives it
    // After an error that a person should read: one whole sentence, constant.
    // Else NULL. (No struct blox_text: this code is resident on every device.)
    const char *why;
};

// The bytes a record of plain_size bytes takes.
size_t blox_seal_size(size_t plain_size);

// Seals plain into record[0..capacity). iv must be fresh and random for every
// record. Returns the record's size, or BLOX_ERROR_LIMIT when plain is larger
// than BLOX_SEAL_PLAIN_MAX, BLOX_ERROR_BUFFER when record is too small,
// BLOX_ERROR_IO when hash or cipher failed.
int32_t blox_seal_write(struct blox_seal *seal,
                        const uint8_t iv[BLOX_AES_BLOCK],
                        struct blox_span plain, uint8_t *record,
                        size_t capacity);

// Checks a record and writes its plain text to plain[0..capacity); capacity
// must be at least record.size - BLOX_SEAL_HEADER, for the padding is
// deciphered there too. Returns the size of the plain text, or
// BLOX_ERROR_UNSUPPORTED for another version, BLOX_ERROR_DIGEST when the MAC
// is wrong (damaged, or sealed on another chip), BLOX_ERROR_FORMAT when
// the record is too short or its payload is not whole blocks or badly padded,
// BLOX_ERROR_LIMIT, BLOX_ERROR_BUFFER and BLOX_ERROR_IO as above.
int32_t blox_seal_read(struct blox_seal *seal, struct blox_span record,
                       uint8_t *plain, size_t capacity);

// The same for the older record: iv and payload as its NVS values hold them.
// Wrong padding, of a damaged record or one of another chip, is all that can
// be seen: a caller checks that the text is the JSON it expects. Returns as
// blox_seal_read; wrong padding or an iv that is not 16 bytes is
// BLOX_ERROR_FORMAT.
int32_t blox_seal_read_original(struct blox_seal *seal, struct blox_span iv,
                                struct blox_span payload, uint8_t *plain,
                                size_t capacity);

#endif
