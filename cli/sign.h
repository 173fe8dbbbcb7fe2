// SPDX-License-Identifier: MIT
// Signing lists and commands (PROTOCOL §2, Signature) with OpenSSL: ECDSA over
// P-256 with SHA-256.
#ifndef CLI_SIGN_H
#define CLI_SIGN_H

#include <openssl/evp.h>
#include <stdint.h>

#include "cli/options.h"
#include "core/base/crypto.h"

enum { SIGN_PUBLIC = 89, SIGN_FINGERPRINT = 65 };

struct sign_key {
    EVP_PKEY *pkey;
    bool is_private;
    uint8_t point[BLOX_P256_KEY];
    char public_key[SIGN_PUBLIC]; // point in base64: update.public_key
    // SHA-256 of the public key's DER in hex, as `openssl pkey -pubin -outform
    // DER | sha256sum` has it, and as the device's log names it.
    char fingerprint[SIGN_FINGERPRINT];
};

// Makes a new key.
void sign_key_make(struct sign_key *key);

// Reads a PEM file with a private key, or a public one unless need_private. A
// passphrase comes from BLOX_PASSPHRASE in the environment, else it is asked
// for without echo. On failure says why and returns CLI_INPUT. sign_key_free is
// called in either case.
enum cli_exit sign_key_read(struct sign_key *key, const char *file,
                            bool need_private);

// Takes a public key in base64, as update.public_key has it. On failure says
// why and returns CLI_USAGE.
enum cli_exit sign_key_public(struct sign_key *key, const char *text);

// Writes a private key into a new PEM file that nobody else can read,
// enciphered unless passphrase is NULL. On failure says why and returns
// CLI_INPUT.
enum cli_exit sign_key_write(const struct sign_key *key, const char *file,
                             const char *passphrase);

void sign_key_free(struct sign_key *key);

// Signs compact JSON for a topic: an update list, or a command ({"cmd":
// "reboot"}), which becomes a list. Returns what is to be published, for the
// caller to free.
char *sign_payload(const struct sign_key *key, const char *topic,
                   const char *serial, const char *payload);

// How verbs are told to sign.
struct sign_settings {
    const char *file;   // of the key; NULL: do not sign
    const char *serial; // NULL: the time
};

// --key and --serial, the table for struct sign_settings.
extern const struct cli_option sign_options[];

// A key and a serial, ready to sign; pkey is NULL when not to. On failure says
// why and returns CLI_INPUT. sign_close is called in either case.
struct signer {
    struct sign_key key;
    char serial[24];
};

enum cli_exit sign_open(struct signer *signer,
                        const struct sign_settings *settings);
void sign_close(struct signer *signer);

// payload signed for a topic, or a copy of it when not to sign; for the caller
// to free.
char *sign_apply(const struct signer *signer, const char *topic,
                 const char *payload);

// The same for a command, of which a device takes no serial twice: the next one
// gets a higher one. signer may be NULL: not to sign.
char *sign_command(struct signer *signer, const char *topic,
                   const char *payload);

#endif
