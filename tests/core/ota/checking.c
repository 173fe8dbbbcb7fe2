// SPDX-License-Identifier: MIT
#include "tests/core/ota/checking.h"

#include <stdio.h>
#include <stdlib.h>

#include "bind/verify/p256.h"
#include "core/base/error.h"
#include "tests/core/test.h"

const char TOPIC[] = "mpypi/channels/latest";
const char ENTRIES[] =
    "{\"type\":\"src\",\"path\":\"user_main.py\",\"pkg_sha256\":"
    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"},"
    "{\"type\":\"delete\",\"path\":\"a ]}\\\"[{.py\"}";
const char UNSIGNED[] = "list: not signed";

int checking_setup(void **state) {
    struct checker *checker = calloc(1, sizeof *checker);
    signer_init(&checker->signer);
    signer_init(&checker->other);
    conf_crypto_open(&checker->crypto);
    blox_p256_init(&checker->ecdsa);
    blox_text_init(&checker->why, checker->sentence, sizeof checker->sentence);
    checker->topic = TOPIC;
    *state = checker;
    return 0;
}

int checking_teardown(void **state) {
    struct checker *checker = *state;
    conf_crypto_close(&checker->crypto);
    signer_free(&checker->signer);
    signer_free(&checker->other);
    free(checker);
    return 0;
}

int feed(struct checker *checker, const char *list, size_t size) {
    size_t piece = checker->piece == 0 ? size : checker->piece;
    for (size_t at = 0; at < size; at += piece) {
        size_t count = size - at < piece ? size - at : piece;
        blox_signature_feed(&checker->signature, blox_span(list + at, count));
    }
    return blox_signature_end(&checker->signature);
}

int check_bytes(struct checker *checker, const char *list, size_t size) {
    struct blox_signature_config config = {
        .sha256 = &checker->crypto.hash,
        .ecdsa = &checker->ecdsa,
        .topic = blox_span_text(checker->topic),
        .command = checker->command,
        .key = checker->signer.key,
        .next = checker->next,
        .last = blox_span(checker->last, checker->last_size),
        .why = &checker->why,
    };
    blox_signature_init(&checker->signature, &config);
    int result = feed(checker, list, size);
    return result == 1 ? feed(checker, list, size) : result;
}

int check(struct checker *checker, const char *list) {
    return check_bytes(checker, list, strlen(list));
}

void assert_refused(struct checker *checker, const char *list, int error,
                    const char *sentence) {
    assert_int_equal(check(checker, list), error);
    assert_memory_equal(checker->sentence, sentence, strlen(sentence));
    assert_null(strchr(checker->sentence, '\n'));
    assert_false(checker->why.cut);
    // It stays so, whatever comes.
    assert_int_equal(blox_signature_end(&checker->signature), error);
}

void sign(struct checker *checker, const char *serial, char list[LIST_SIZE]) {
    signer_sign(&checker->signer, TOPIC, serial, ENTRIES, list, LIST_SIZE);
}

void keep_serial(struct checker *checker) {
    memcpy(checker->last, checker->signature.record, sizeof checker->last);
    checker->last_size = sizeof checker->last;
}

void replace(char list[LIST_SIZE], const char *old, const char *new) {
    char copy[LIST_SIZE];
    char *at = strstr(list, old);
    assert_non_null(at);
    memcpy(copy, list, (size_t)(at - list));
    snprintf(copy + (at - list), sizeof copy - (size_t)(at - list), "%s%s", new,
             at + strlen(old));
    memcpy(list, copy, sizeof copy);
}
