// SPDX-License-Identifier: MIT
#include "core/ota/signature.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/base64.h"

enum {
    SERIAL_BYTES = 8,
    DIGITS = 19,       // of 2^63
    DER_MAX = 72,      // two integers of 33 bytes and three headers
    DER_SEQUENCE = 48, // tags of X.690
    DER_INTEGER = 2,
};

static int fail(struct blox_signature *signature, int error, const char *what) {
    signature->error = error;
    return blox_text_fail(signature->config.why, error, "list",
                          blox_span(NULL, 0), what);
}

void blox_signature_init(struct blox_signature *signature,
                         const struct blox_signature_config *config) {
    memset(signature, 0, sizeof *signature);
    signature->config = *config;
    blox_text_clear(config->why);
}

// ---- members of an entry ----------------------------------------------------

enum { TYPE, ALG, SERIAL, SIG, MEMBERS };

static const char *const signature_names[] = {"type", "alg", "serial", "sig"};
static const char *const key_names[] = {"type", "key"};

// Takes "text" off the front of *rest. Returns whether one was there.
static bool take_text(struct blox_span *rest, struct blox_span *text) {
    if (rest->size == 0 || rest->data[0] != '"') {
        return false;
    }
    *rest = blox_span_part(*rest, 1, rest->size);
    size_t size = blox_span_find(*rest, '"');
    *text = blox_span_part(*rest, 0, size);
    *rest = blox_span_part(*rest, size + 1, rest->size);
    return blox_span_find(*text, '\\') == text->size;
}

static bool take_mark(struct blox_span *rest, uint8_t mark) {
    bool there = rest->size > 0 && rest->data[0] == mark;
    *rest = blox_span_part(*rest, 1, rest->size);
    return there;
}

static struct blox_span *value_of(struct blox_span name,
                                  const char *const names[], int count,
                                  struct blox_span values[]) {
    for (int i = 0; i < count; ++i) {
        if (blox_span_is(name, names[i])) {
            return &values[i];
        }
    }
    return NULL;
}

// As many members as there are names, none of them empty, each of another name:
// each is there once.
static bool read_members(struct blox_span rest, const char *const names[],
                         int count, struct blox_span values[]) {
    for (int i = 0; i < count; ++i) {
        struct blox_span name;
        if (!take_mark(&rest, i == 0 ? '{' : ',') || !take_text(&rest, &name) ||
            !take_mark(&rest, ':')) {
            return false;
        }
        struct blox_span *value = value_of(name, names, count, values);
        if (value == NULL || value->size > 0 || !take_text(&rest, value) ||
            value->size == 0) {
            return false;
        }
    }
    return blox_span_is(rest, "}");
}

static bool read_entry_as(const struct blox_signature *signature,
                          const char *type, const char *const names[],
                          int count, struct blox_span values[MEMBERS]) {
    memset(values, 0, MEMBERS * sizeof values[0]);
    return read_members(blox_span(signature->entry, signature->entry_size),
                        names, count, values) &&
           blox_span_is(values[TYPE], type);
}

// An entry is complete: is it a key? One of another length is kept as one that
// cannot be right.
static void end_entry(struct blox_signature *signature) {
    struct blox_span values[MEMBERS];
    struct blox_text text;
    if (read_entry_as(signature, "key", key_names, 2, values)) {
        blox_text_init(&text, signature->new_key, sizeof signature->new_key);
        blox_text_add_span(&text, values[1]);
    }
}

// ---- first round: where the last entry is -----------------------------------

static void begin_entry(struct blox_signature *signature) {
    signature->entry_at = signature->offset;
    signature->entry_size = 0;
    signature->first = signature->before;
}

static void keep(struct blox_signature *signature, uint8_t byte) {
    if (signature->entry_size < BLOX_SIGNATURE_ENTRY) {
        signature->entry[signature->entry_size] = (char)byte;
        ++signature->entry_size;
    }
}

static void take_plain(struct blox_signature *signature, uint8_t byte) {
    switch (byte) {
    case '"':
        signature->in_string = true;
        break;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        signature->space = true;
        break;
    case '[':
    case '{':
        if (signature->depth == 1) {
            begin_entry(signature);
        }
        ++signature->depth;
        break;
    default:
        break;
    }
}

static void take_string(struct blox_signature *signature, uint8_t byte) {
    if (signature->escape) {
        signature->escape = false;
    } else if (byte == '\\') {
        signature->escape = true;
    } else if (byte == '"') {
        signature->in_string = false;
    }
}

static void take_byte(struct blox_signature *signature, uint8_t byte) {
    bool closes = false;
    if (signature->in_string) {
        take_string(signature, byte);
    } else {
        closes = byte == ']' || byte == '}';
        take_plain(signature, byte);
    }
    if (signature->depth > 1) {
        keep(signature, byte);
    }
    if (closes) {
        --signature->depth; // wraps around for what is no JSON
        if (signature->depth == 1) {
            end_entry(signature);
        }
    }
    if (signature->offset == 0) {
        signature->opens = byte == '[';
    }
    signature->before = byte;
    ++signature->offset;
}

// Whether the list is '[', entries with ',' between them, ']', and the last one
// was kept whole.
static bool is_framed(const struct blox_signature *signature) {
    uint32_t behind = signature->entry_at + signature->entry_size;
    bool alone = signature->entry_at == 1 && signature->first == '[';
    bool listed = signature->entry_at > 2 && signature->first == ',';
    return signature->opens && (alone || listed) && signature->depth == 0 &&
           behind + 1 == signature->offset && signature->before == ']';
}

// ---- the signature entry ----------------------------------------------------

static bool is_serial(struct blox_span text) {
    if (text.size > DIGITS || (text.size > 1 && text.data[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.size; ++i) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}

static int read_serial(struct blox_signature *signature,
                       struct blox_span text) {
    const uint64_t most = UINT64_C(1) << 63;
    uint64_t value = 0;
    bool right = is_serial(text);
    for (size_t i = 0; right && i < text.size; ++i) {
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (!right || value > most) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "its serial is not a decimal number up to 2^63");
    }
    for (int i = SERIAL_BYTES - 1; i >= 0; --i) {
        signature->record[i] = (uint8_t)value;
        value >>= 8;
    }
    memcpy(signature->serial, text.data, text.size);
    return BLOX_OK;
}

// Base64 in its one form: the standard alphabet, padded.
static int decode(struct blox_span text, uint8_t *data, size_t capacity) {
    bool other = blox_span_find(text, '-') < text.size ||
                 blox_span_find(text, '_') < text.size || text.size % 4 != 0;
    return other ? BLOX_ERROR_FORMAT : blox_base64_decode(text, data, capacity);
}

// Takes a DER integer from 0 to 2^256 - 1, in its shortest form, off the front
// of *der.
static bool take_integer(struct blox_span *der, uint8_t value[32]) {
    size_t size = der->size < 2 ? 0 : der->data[1];
    if (size == 0 || size + 2 > der->size || der->data[0] != DER_INTEGER) {
        return false;
    }
    struct blox_span digits = blox_span_part(*der, 2, size);
    *der = blox_span_part(*der, size + 2, der->size);
    if (digits.data[0] == 0 && size > 1) {
        if (digits.data[1] < 0x80) {
            return false;
        }
        digits = blox_span_part(digits, 1, --size);
    } else if (digits.data[0] >= 0x80) {
        return false; // negative
    }
    if (size > 32) {
        return false;
    }
    memset(value, 0, 32 - size);
    memcpy(value + 32 - size, digits.data, size);
    return true;
}

static int read_sig(struct blox_signature *signature, struct blox_span text) {
    uint8_t data[DER_MAX];
    int size = decode(text, data, sizeof data);
    struct blox_span der = blox_span(data, size > 0 ? (size_t)size : 0);
    bool right = der.size > 2 && data[0] == DER_SEQUENCE &&
                 (size_t)data[1] + 2 == der.size;
    der = blox_span_part(der, 2, der.size);
    if (!right || !take_integer(&der, signature->rs) ||
        !take_integer(&der, signature->rs + 32) || der.size != 0) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "its sig is not the base64 of an ECDSA signature in DER");
    }
    return BLOX_OK;
}

static int read_entry(struct blox_signature *signature) {
    struct blox_span values[MEMBERS];
    bool there =
        read_entry_as(signature, "signature", signature_names, MEMBERS, values);
    if (there && signature->space) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "white space outside strings; what is signed is compact");
    }
    if (!there || !is_framed(signature)) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "not signed: this device has a key and takes lists that "
                    "end in a signature entry (docs/signing.md)");
    }
    if (!blox_span_is(values[ALG], "ES256")) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "its signature is not ES256, the one kind known here");
    }
    int error = read_serial(signature, values[SERIAL]);
    return error == BLOX_OK ? read_sig(signature, values[SIG]) : error;
}

// ---- second round: what is signed -------------------------------------------

static int hash(struct blox_signature *signature, struct blox_span data) {
    const struct blox_sha256 *sha256 = signature->config.sha256;
    return sha256->update(sha256->context, data.data, data.size);
}

static int hash_with_nul(struct blox_signature *signature,
                         struct blox_span data) {
    int error = hash(signature, data);
    return error == BLOX_OK ? hash(signature, blox_span("", 1)) : error;
}

static int begin_hash(struct blox_signature *signature) {
    const struct blox_sha256 *sha256 = signature->config.sha256;
    int error = read_entry(signature);
    if (error != BLOX_OK) {
        return error;
    }
    // '[' alone, or all before the ',' in front of the entry
    signature->signed_size =
        signature->entry_at == 1 ? 1 : signature->entry_at - 1;
    signature->hashing = true;
    signature->offset = 0;
    error = sha256->begin(sha256->context);
    if (error == BLOX_OK) {
        error = hash_with_nul(signature, blox_span_text("mpypi-v1"));
    }
    if (error == BLOX_OK) {
        error = hash_with_nul(signature, signature->config.topic);
    }
    if (error == BLOX_OK) {
        error = hash_with_nul(signature, blox_span_text(signature->serial));
    }
    return error == BLOX_OK ? 1 : error;
}

static int feed_hash(struct blox_signature *signature, struct blox_span data) {
    uint32_t left = signature->signed_size - signature->offset;
    data = blox_span_part(data, 0, left);
    signature->offset += (uint32_t)data.size;
    return data.size == 0 ? BLOX_OK : hash(signature, data);
}

// Whether the key that a list brings is one.
static int judge_new_key(struct blox_signature *signature) {
    const struct blox_ecdsa_p256 *ecdsa = signature->config.ecdsa;
    uint8_t key[BLOX_P256_KEY];
    struct blox_span text = blox_span_text(signature->new_key);
    if (text.size > 0 && (blox_signature_key(text, key, NULL) != BLOX_OK ||
                          !ecdsa->is_point(ecdsa->context, key))) {
        return fail(signature, BLOX_ERROR_FORMAT,
                    "its key entry holds no public key (docs/signing.md)");
    }
    return BLOX_OK;
}

// The rules of serials: on a channel the same list may come again, on cmd
// nothing may.
static int judge_serial(struct blox_signature *signature) {
    struct blox_span last = signature->config.last;
    const uint8_t *record = signature->record;
    if (last.size == 0) {
        return BLOX_OK;
    }
    if (last.size != BLOX_SIGNATURE_RECORD) {
        return fail(signature, BLOX_ERROR_STATE,
                    "the serial kept in NVS is damaged; run make unprovision");
    }
    int order = memcmp(record, last.data, SERIAL_BYTES);
    if (order < 0) {
        return fail(signature, BLOX_ERROR_DUPLICATE,
                    "replayed: a later one was taken; sign it with a higher "
                    "serial");
    }
    bool again = memcmp(record, last.data, BLOX_SIGNATURE_RECORD) == 0;
    if (order == 0 && (signature->config.command || !again)) {
        return fail(signature, BLOX_ERROR_DUPLICATE,
                    "its serial was used before; sign it with a higher one");
    }
    return BLOX_OK;
}

static int judge(struct blox_signature *signature) {
    const struct blox_signature_config *config = &signature->config;
    const struct blox_ecdsa_p256 *ecdsa = config->ecdsa;
    uint8_t digest[BLOX_SHA256_SIZE];
    int error = config->sha256->finish(config->sha256->context, digest);
    if (error != BLOX_OK) {
        return error;
    }
    bool right =
        ecdsa->verify(ecdsa->context, config->key, digest, signature->rs) ||
        (config->next != NULL &&
         ecdsa->verify(ecdsa->context, config->next, digest, signature->rs));
    if (!right) {
        return fail(signature, BLOX_ERROR_DIGEST,
                    "wrong signature: signed with another key or for another "
                    "topic, or changed since");
    }
    memcpy(signature->record + SERIAL_BYTES, digest,
           BLOX_SIGNATURE_RECORD - SERIAL_BYTES);
    error = judge_serial(signature);
    return error == BLOX_OK ? judge_new_key(signature) : error;
}

// ---- both rounds ------------------------------------------------------------

int blox_signature_feed(struct blox_signature *signature,
                        struct blox_span data) {
    if (signature->error == BLOX_OK && signature->hashing) {
        signature->error = feed_hash(signature, data);
    } else if (signature->error == BLOX_OK) {
        for (size_t i = 0; i < data.size; ++i) {
            take_byte(signature, data.data[i]);
        }
    }
    return signature->error;
}

int blox_signature_end(struct blox_signature *signature) {
    if (signature->error == BLOX_OK) {
        int result =
            signature->hashing ? judge(signature) : begin_hash(signature);
        if (result >= 0) {
            return result;
        }
        signature->error = result;
    }
    return signature->error;
}

int blox_signature_key(struct blox_span text, uint8_t key[BLOX_P256_KEY],
                       struct blox_text *why) {
    if (text.size != BLOX_KEY_TEXT ||
        decode(text, key, BLOX_P256_KEY) != BLOX_P256_KEY || key[0] != 4) {
        return blox_text_fail(why, BLOX_ERROR_FORMAT, "update.public_key",
                              blox_span(NULL, 0),
                              "not the base64 of an uncompressed P-256 point, "
                              "88 characters (docs/signing.md)");
    }
    return BLOX_OK;
}
