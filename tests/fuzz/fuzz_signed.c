// SPDX-License-Identifier: MIT
// A signed list of any bytes, whole and in two pieces: the same verdict. What
// is accepted has one form, written a second time here, and what was hashed is
// what PROTOCOL §2 says of these very bytes; so of two lists that differ before
// the signature entry no two are signed by the same bytes.
//
// The first byte says where it is cut; the second, by its bits: on cmd, with a
// next key, that and the first key are right, what was accepted last. When both
// are 0xff the signature itself is checked, by BearSSL.
#include <string.h>

#include "bind/verify/p256.h"
#include "core/base/error.h"
#include "core/codec/base64.h"
#include "core/ota/signature.h"
#include "tests/fuzz/fuzz.h"

enum { HASHED = 8192, LIST_BYTES = 4096 };
enum { COMMAND = 1, WITH_NEXT = 2, KEY_RIGHT = 4, NEXT_RIGHT = 8, LAST = 16 };

static const char TOPIC[] = "mpypi/channels/latest";

static uint8_t hashed[HASHED];
static size_t hashed_size;
static uint8_t keys[2][BLOX_P256_KEY];
static uint8_t flags;
static bool by_bearssl;
static struct blox_ecdsa_p256 real;
static struct blox_signature signature;
static char sentence[160];

// ---- a hash that remembers, a curve that is told what is right --------------

static int begin(void *context) {
    (void)context;
    hashed_size = 0;
    return BLOX_OK;
}

static int update(void *context, const uint8_t *data, size_t size) {
    (void)context;
    fuzz_must(hashed_size + size <= sizeof hashed);
    memcpy(hashed + hashed_size, data, size);
    hashed_size += size;
    return BLOX_OK;
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    uint32_t mixed = fuzz_mix(1, hashed, hashed_size);
    (void)context;
    memset(digest, 0, BLOX_SHA256_SIZE);
    memcpy(digest, &mixed, sizeof mixed);
    return BLOX_OK;
}

static bool verify(void *context, const uint8_t key[BLOX_P256_KEY],
                   const uint8_t digest[BLOX_SHA256_SIZE],
                   const uint8_t rs[BLOX_P256_SIGNATURE]) {
    (void)context;
    if (by_bearssl && real.verify(NULL, key, digest, rs)) {
        return true;
    }
    return (flags & (key == keys[0] ? KEY_RIGHT : NEXT_RIGHT)) != 0;
}

static bool is_point(void *context, const uint8_t key[BLOX_P256_KEY]) {
    (void)context;
    return by_bearssl ? real.is_point(NULL, key) : key[1] % 2 == 0;
}

static const struct blox_sha256 SHA256 = {NULL, begin, update, finish};
static const struct blox_ecdsa_p256 ECDSA = {NULL, verify, is_point};

// ---- the form of what is accepted, once more --------------------------------

static bool has_space(struct blox_span list) {
    bool string = false;
    for (size_t i = 0; i < list.size; ++i) {
        uint8_t byte = list.data[i];
        if (string && byte == '\\') {
            ++i;
        } else if (byte == '"') {
            string = !string;
        } else if (!string && memchr(" \t\r\n", byte, 4) != NULL) {
            return true;
        }
    }
    return false;
}

// Where the last entry begins: it has no '{' within.
static size_t find_entry(struct blox_span list) {
    size_t at = list.size;
    while (at > 0 && list.data[at - 1] != '{') {
        --at;
    }
    fuzz_must(at > 0);
    return at - 1;
}

static bool holds(struct blox_span text, const char *part) {
    for (size_t i = 0; i < text.size; ++i) {
        struct blox_span rest = blox_span_part(text, i, text.size);
        if (blox_span_starts(rest, part)) {
            return true;
        }
    }
    return false;
}

static void must_be_signed(struct blox_span list) {
    char head[80];
    struct blox_text text;
    size_t at = find_entry(list);
    struct blox_span entry = blox_span_part(list, at, list.size);
    struct blox_span prefix = blox_span_part(list, 0, at == 1 ? 1 : at - 1);
    blox_text_init(&text, head, sizeof head);
    blox_text_add(&text, "mpypi-v1");
    blox_text_add_span(&text, blox_span("", 1));
    blox_text_add(&text, TOPIC);
    blox_text_add_span(&text, blox_span("", 1));
    blox_text_add(&text, signature.serial);
    blox_text_add_span(&text, blox_span("", 1));
    fuzz_must(hashed_size == text.size + prefix.size);
    fuzz_must(memcmp(hashed, head, text.size) == 0);
    fuzz_must(memcmp(hashed + text.size, prefix.data, prefix.size) == 0);
    fuzz_must(list.data[0] == '[' && (at == 1 || list.data[at - 1] == ','));
    fuzz_must(blox_span_ends(list, "\"}]"));
    fuzz_must(holds(entry, "\"type\":\"signature\"") &&
              holds(entry, "\"alg\":\"ES256\""));
}

static void must_be_right(struct blox_span list) {
    uint8_t key[BLOX_P256_KEY];
    fuzz_must(!has_space(list));
    must_be_signed(list);
    fuzz_must((flags & KEY_RIGHT) != 0 ||
              (flags & (WITH_NEXT | NEXT_RIGHT)) == (WITH_NEXT | NEXT_RIGHT));
    if (signature.new_key[0] != '\0') {
        struct blox_span text = blox_span_text(signature.new_key);
        fuzz_must(blox_base64_decode(text, key, sizeof key) == BLOX_P256_KEY &&
                  key[0] == 4 && is_point(NULL, key));
    }
}

// ---- one run ----------------------------------------------------------------

static int feed(struct blox_span list, size_t at) {
    int error = blox_signature_feed(&signature, blox_span_part(list, 0, at));
    if (error == BLOX_OK) {
        error = blox_signature_feed(&signature,
                                    blox_span_part(list, at, list.size));
    }
    int result = blox_signature_end(&signature);
    fuzz_must(error == BLOX_OK || result == error);
    return result;
}

static void judge(struct blox_span list, const uint8_t *last, size_t at,
                  uint32_t *digest) {
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    struct blox_signature_config config = {
        .sha256 = &SHA256,
        .ecdsa = &ECDSA,
        .topic = blox_span_text(TOPIC),
        .command = (flags & COMMAND) != 0,
        .key = keys[0],
        .next = (flags & WITH_NEXT) != 0 ? keys[1] : NULL,
        .last = blox_span(last, (flags & LAST) != 0 ? 24 : 0),
        .why = &why,
    };
    blox_signature_init(&signature, &config);
    int result = feed(list, at);
    if (result == 1) {
        result = feed(list, at);
        fuzz_must(result != 1);
    }
    if (result == BLOX_OK) {
        must_be_right(list);
        *digest = fuzz_mix(*digest, signature.record, sizeof signature.record);
    } else {
        fuzz_must_say(&why, "list: ");
    }
    *digest = fuzz_mix_u32(*digest, (uint32_t)result);
    *digest = fuzz_mix_span(*digest, blox_text_span(&why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t last[BLOX_SIGNATURE_RECORD];
    uint32_t whole = 1, cut = 1;
    if (size < 2 || size > LIST_BYTES) {
        return 0;
    }
    flags = data[1];
    by_bearssl = data[0] == 0xff && data[1] == 0xff;
    blox_p256_init(&real);
    memset(last, flags >> 5, sizeof last);
    memset(keys[0], 4, sizeof keys[0]);
    memset(keys[1], 5, sizeof keys[1]);
    struct blox_span list = blox_span(data + 2, size - 2);
    judge(list, last, 0, &whole);
    judge(list, last, list.size * data[0] / 256, &cut);
    fuzz_must(whole == cut);
    return 0;
}
