// SPDX-License-Identifier: MIT
#include "cli/sign.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/file.h"
#include "cli/sha256.h"
#include "core/base/text.h"

enum { PEM_MAX = 65536, PREFIX = 26, DER_SIZE = PREFIX + BLOX_P256_KEY };

// What precedes the point in the DER of a public key of P-256 (RFC 5480).
static const uint8_t DER_PREFIX[PREFIX] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

// OpenSSL failed where it cannot but for want of memory.
static void need(bool done) {
    if (!done) {
        exit(cli_fail(CLI_INTERNAL, "OpenSSL failed (%s); report this",
                      ERR_reason_error_string(ERR_get_error())));
    }
}

// ---- keys -------------------------------------------------------------------

// Fills in point, base64 and fingerprint. Returns whether it is a P-256 key.
static bool take_point(struct sign_key *key) {
    uint8_t *der = NULL, digest[BLOX_SHA256_SIZE];
    struct blox_text text;
    int size = i2d_PUBKEY(key->pkey, &der);
    bool right =
        size == DER_SIZE && memcmp(der, DER_PREFIX, sizeof DER_PREFIX) == 0;
    if (right) {
        memcpy(key->point, der + PREFIX, sizeof key->point);
        EVP_EncodeBlock((unsigned char *)key->public_key, key->point,
                        sizeof key->point);
        sha256_of(der, (size_t)size, digest);
        blox_text_init(&text, key->fingerprint, sizeof key->fingerprint);
        blox_text_add_hex(&text, digest, sizeof digest);
    }
    OPENSSL_free(der);
    return right;
}

void sign_key_make(struct sign_key *key) {
    *key = (struct sign_key){.pkey = EVP_EC_gen("P-256"), .is_private = true};
    need(key->pkey != NULL && take_point(key));
}

// A question for pem_password_cb, and whether it was answered.
struct passphrase {
    const char *file;
    bool asked;
};

static int give_passphrase(char *to, int capacity, int writing, void *context) {
    struct passphrase *passphrase = context;
    const char *known = getenv("BLOX_PASSPHRASE");
    char *question = cli_format("Passphrase of %s: ", passphrase->file);
    bool given = known != NULL;
    (void)writing;
    passphrase->asked = true;
    if (given) {
        snprintf(to, (size_t)capacity, "%s", known);
    } else {
        given = cli_ask_secret(question, to, (size_t)capacity);
    }
    free(question);
    return given ? (int)strlen(to) : -1;
}

static enum cli_exit fail_key(const struct sign_key *key,
                              const struct passphrase *passphrase,
                              bool need_private) {
    if (key->pkey == NULL && passphrase->asked) {
        return cli_fail(CLI_INPUT,
                        "%s: the passphrase is wrong or was not given; type "
                        "it, or set BLOX_PASSPHRASE",
                        passphrase->file);
    }
    if (key->pkey == NULL) {
        return cli_fail(CLI_INPUT,
                        "%s: no %s key in PEM form; make one with 'blox "
                        "keygen'",
                        passphrase->file, need_private ? "private" : "public");
    }
    return cli_fail(CLI_INPUT,
                    "%s: a key, but not of P-256, which devices want; make "
                    "one with 'blox keygen'",
                    passphrase->file);
}

enum cli_exit sign_key_read(struct sign_key *key, const char *file,
                            bool need_private) {
    struct file_bytes bytes;
    struct passphrase passphrase = {.file = file};
    *key = (struct sign_key){0};
    enum cli_exit result = file_read(file, PEM_MAX, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.size);
    need(bio != NULL);
    key->pkey =
        PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
    key->is_private = key->pkey != NULL;
    if (!key->is_private && !need_private) {
        BIO_reset(bio);
        key->pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    }
    BIO_free(bio);
    OPENSSL_cleanse(bytes.data, bytes.size);
    free(bytes.data);
    bool usable = key->pkey != NULL && take_point(key);
    return usable ? CLI_OK : fail_key(key, &passphrase, need_private);
}

enum cli_exit sign_key_public(struct sign_key *key, const char *text) {
    uint8_t der[DER_SIZE + 3];
    const uint8_t *at = der;
    *key = (struct sign_key){0};
    memcpy(der, DER_PREFIX, sizeof DER_PREFIX);
    bool sized = strlen(text) == SIGN_PUBLIC - 1;
    if (sized && EVP_DecodeBlock(der + PREFIX, (const uint8_t *)text,
                                 SIGN_PUBLIC - 1) > 0) {
        key->pkey = d2i_PUBKEY(NULL, &at, DER_SIZE);
    }
    // What is read back must be what was given, to the last bit of base64.
    bool right = key->pkey != NULL && take_point(key) &&
                 strcmp(key->public_key, text) == 0;
    return right ? CLI_OK
                 : cli_fail(CLI_USAGE,
                            "'%s' is no public key; give the base64 that "
                            "'blox keygen' prints",
                            text);
}

enum cli_exit sign_key_write(const struct sign_key *key, const char *file,
                             const char *passphrase) {
    BIO *bio = BIO_new(BIO_s_secmem());
    char *pem;
    need(bio != NULL);
    need(PEM_write_bio_PKCS8PrivateKey(
             bio, key->pkey, passphrase != NULL ? EVP_aes_256_cbc() : NULL,
             (char *)passphrase,
             passphrase != NULL ? (int)strlen(passphrase) : 0, NULL,
             NULL) == 1);
    long size = BIO_get_mem_data(bio, &pem);
    enum cli_exit result =
        file_write(file, pem, (size_t)size, FILE_NEW | FILE_SECRET);
    BIO_free(bio);
    return result;
}

void sign_key_free(struct sign_key *key) {
    EVP_PKEY_free(key->pkey);
    key->pkey = NULL;
}

// ---- signing ----------------------------------------------------------------

// Everything that is signed, with its NULs; for the caller to free.
static char *signed_bytes(const char *topic, const char *serial,
                          const char *payload, size_t size, size_t *total) {
    static const char magic[] = "mpypi-v1";
    size_t sizes[] = {sizeof magic, strlen(topic) + 1, strlen(serial) + 1,
                      size};
    const char *parts[] = {magic, topic, serial, payload};
    *total = 0;
    char *bytes = cli_grow(NULL, sizes[0] + sizes[1] + sizes[2] + sizes[3], 1);
    for (size_t i = 0; i < 4; ++i) {
        memcpy(bytes + *total, parts[i], sizes[i]);
        *total += sizes[i];
    }
    return bytes;
}

// The signature of size bytes in base64, for the caller to free.
static char *sign_bytes(const struct sign_key *key, const char *bytes,
                        size_t size) {
    uint8_t der[80];
    size_t der_size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    need(
        context != NULL &&
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
        EVP_DigestSign(context, der, &der_size, (const uint8_t *)bytes, size) ==
            1);
    EVP_MD_CTX_free(context);
    char *text = cli_grow(NULL, sizeof der * 2, 1);
    EVP_EncodeBlock((unsigned char *)text, der, (int)der_size);
    return text;
}

// The list without its ']', for the caller to free. A command is an object and
// becomes the only entry.
static char *open_list(const char *payload) {
    bool command = payload[0] == '{';
    return command ? cli_format("[{\"type\":\"command\",%s", payload + 1)
                   : cli_format("%.*s", (int)strlen(payload) - 1, payload);
}

char *sign_payload(const struct sign_key *key, const char *topic,
                   const char *serial, const char *payload) {
    size_t size;
    char *list = open_list(payload);
    char *bytes = signed_bytes(topic, serial, list, strlen(list), &size);
    char *signature = sign_bytes(key, bytes, size);
    char *whole = cli_format(
        "%s%s{\"type\":\"signature\",\"alg\":\"ES256\",\"serial\":\"%s\","
        "\"sig\":\"%s\"}]",
        list, list[1] != '\0' ? "," : "", serial, signature);
    free(list);
    free(bytes);
    free(signature);
    return whole;
}

// ---- as verbs do it ---------------------------------------------------------

// In decimal, without leading zeros, at most 2^63: what devices read.
static const char *set_serial(void *field, const char *value) {
    static const char most[] = "9223372036854775808";
    size_t size = strlen(value);
    bool proper = strspn(value, "0123456789") == size && size > 0 &&
                  (value[0] != '0' || size == 1) && size < sizeof most &&
                  (size < sizeof most - 1 || strcmp(value, most) <= 0);
    *(const char **)field = value;
    return proper ? NULL : "is not a number up to 2^63";
}

const struct cli_option sign_options[] = {
    {.name = "key",
     .value = "FILE",
     .offset = offsetof(struct sign_settings, file),
     .set = cli_set_text,
     .help = "sign with this private key (see 'blox keygen')",
     .setting = "key"},
    {.name = "serial",
     .value = "N",
     .offset = offsetof(struct sign_settings, serial),
     .set = set_serial,
     .help = "the number by which devices tell old lists from new ones; it "
             "must grow",
     .standard = "the time in seconds"},
    {.name = NULL},
};

enum cli_exit sign_open(struct signer *signer,
                        const struct sign_settings *settings) {
    *signer = (struct signer){.serial = ""};
    if (settings->serial != NULL) {
        snprintf(signer->serial, sizeof signer->serial, "%s", settings->serial);
    } else {
        snprintf(signer->serial, sizeof signer->serial, "%lld",
                 (long long)time(NULL));
    }
    return settings->file == NULL
               ? CLI_OK
               : sign_key_read(&signer->key, settings->file, true);
}

void sign_close(struct signer *signer) {
    sign_key_free(&signer->key);
}

char *sign_apply(const struct signer *signer, const char *topic,
                 const char *payload) {
    return signer->key.pkey == NULL
               ? cli_format("%s", payload)
               : sign_payload(&signer->key, topic, signer->serial, payload);
}

char *sign_command(struct signer *signer, const char *topic,
                   const char *payload) {
    if (signer == NULL) {
        return cli_format("%s", payload);
    }
    char *text = sign_apply(signer, topic, payload);
    snprintf(signer->serial, sizeof signer->serial, "%llu",
             strtoull(signer->serial, NULL, 10) + 1);
    return text;
}
