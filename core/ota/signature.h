// SPDX-License-Identifier: MIT
// Signed lists and commands (PROTOCOL §2, Signature): whether the publisher
// who owns the device's key signed this list for this topic, and whether it is
// an old one. It reads the list twice, in pieces of any size, and holds only
// its last entry: first to find the signature, then to hash what it signs,
//
//   "mpypi-v1" NUL topic NUL serial NUL payload from its '[' up to the ','
//   before the signature entry
//
// by ECDSA over P-256 with SHA-256. There is one form: compact JSON (RFC 8259
// without white space outside strings) whose last entry has the members type,
// alg, serial and sig, each once, as strings without escapes; serial in
// decimal without leading zeros, at most 2^63; sig in base64 (RFC 4648, 4,
// padded) of the DER of SEC 1, C.5, each integer in its shortest form. An entry
// {"type":"key","key":"<base64>"} names the key that is to follow (the last one
// of several); it has these two members in the same form.
#ifndef CORE_OTA_SIGNATURE_H
#define CORE_OTA_SIGNATURE_H

#include "core/base/crypto.h"
#include "core/base/text.h"

enum {
    BLOX_SIGNATURE_ENTRY = 192, // most bytes of a signature entry
    BLOX_SIGNATURE_SERIAL = 20, // a serial's digits, with their NUL
    BLOX_SIGNATURE_RECORD = 24, // what is kept of the last accepted list
    BLOX_KEY_TEXT = 88,         // a public key in base64
};

// Every pointer and span must stay valid as long as the signature is checked.
struct blox_signature_config {
    const struct blox_sha256 *sha256;
    const struct blox_ecdsa_p256 *ecdsa;
    struct blox_span topic; // it came on
    bool command;           // that is the node's cmd
    const uint8_t *key;     // BLOX_P256_KEY bytes
    const uint8_t *next;    // another that counts as well, or NULL
    struct blox_span last;  // record of the last list accepted on this topic;
                            // empty: none yet
    struct blox_text *why;  // gets the sentence of an error
};

struct blox_signature {
    // Once the list is verified:
    char serial[BLOX_SIGNATURE_SERIAL];
    uint8_t record[BLOX_SIGNATURE_RECORD]; // to be kept before the list is
                                           // acted on: the serial, big-endian,
                                           // and how the signed digest begins
    char new_key[BLOX_KEY_TEXT + 2]; // of a key entry; empty: there is none

    // Private.
    struct blox_signature_config config;
    int error;
    uint32_t offset;   // bytes read in this round
    uint32_t entry_at; // offset of the last entry
    uint32_t signed_size;
    uint16_t depth;
    uint16_t entry_size; // bytes of it
    uint8_t first, before;
    bool hashing; // second round
    bool opens;   // with '['
    bool in_string, escape, space;
    uint8_t rs[BLOX_P256_SIGNATURE];
    char entry[BLOX_SIGNATURE_ENTRY];
};

// Starts the first round.
void blox_signature_init(struct blox_signature *signature,
                         const struct blox_signature_config *config);

// Takes the next bytes of the list. Returns BLOX_OK or an error of sha256.
int blox_signature_feed(struct blox_signature *signature,
                        struct blox_span data);

// The list is over. Returns 1 when it is to be fed once more from its start; 0
// when it is signed, by the key, for this topic, and no old one; or an error
// with a sentence: BLOX_ERROR_FORMAT (not signed, not compact, a signature or
// key entry that is not as above), BLOX_ERROR_DIGEST (not by this key, of
// another list, or for another topic), BLOX_ERROR_DUPLICATE (replayed: a serial
// that is too low, or used before), BLOX_ERROR_STATE (last is no record), or
// one of sha256.
int blox_signature_end(struct blox_signature *signature);

// Reads a public key: base64 of 4, x, y. Returns BLOX_OK, or BLOX_ERROR_FORMAT
// with a sentence.
int blox_signature_key(struct blox_span text, uint8_t key[BLOX_P256_KEY],
                       struct blox_text *why);

#endif
