// SPDX-License-Identifier: MIT
// What the tests of signed lists share: a device that checks them, and lists
// that its publisher signed.
#ifndef TESTS_CORE_OTA_CHECKING_H
#define TESTS_CORE_OTA_CHECKING_H

#include "core/ota/signature.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/ota/signer.h"

enum { LIST_SIZE = 2048 };

extern const char TOPIC[];    // of the channel
extern const char ENTRIES[];  // of a list that sign() signs
extern const char UNSIGNED[]; // how the sentence about such a list begins

// What a device knows, and what it made of the last list.
struct checker {
    struct signer signer; // whose lists the device takes
    struct signer other;
    struct conf_crypto crypto;
    struct blox_ecdsa_p256 ecdsa;
    struct blox_signature signature;
    struct blox_text why;
    char sentence[160];
    uint8_t last[BLOX_SIGNATURE_RECORD];
    size_t last_size;
    const uint8_t *next;
    const char *topic;
    bool command;
    size_t piece; // bytes fed at once; 0: all
};

// For cmocka: *state is a struct checker that takes the channel's lists.
int checking_setup(void **state);
int checking_teardown(void **state);

// The list signed by the device's publisher, of ENTRIES.
void sign(struct checker *checker, const char *serial, char list[LIST_SIZE]);

// The list with one text in it replaced by another.
void replace(char list[LIST_SIZE], const char *old, const char *new);

// Feeds a list, or the rest of one, to checker->signature. Returns what
// blox_signature_end does.
int feed(struct checker *checker, const char *list, size_t size);

// What the device makes of a list, which it reads twice.
int check_bytes(struct checker *checker, const char *list, size_t size);
int check(struct checker *checker, const char *list);

// Keeps the serial of an accepted list, and what else is to be kept of it.
void keep_serial(struct checker *checker);

// The list is refused, with one sentence that begins so.
void assert_refused(struct checker *checker, const char *list, int error,
                    const char *sentence);

#endif
