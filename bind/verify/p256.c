// SPDX-License-Identifier: MIT
// BearSSL's files are included here, not compiled each by itself: so every
// build needs three more folders to look in, and no list of files. Its generic
// curve code is half as large as the one for P-256 alone (docs/signing.md has
// figures), and what is signed is seldom.
#include "bind/verify/p256.h"

// Numbers are as long as those of its longest curve, 528 bits, which makes
// 3.6 KiB of C stack of what needs less than half: ours has 256.
#include <src/inner.h>
#undef BR_MAX_EC_SIZE
#define BR_MAX_EC_SIZE 256

// The verifier knows three curves; ours is the only one it is asked for.
#define br_secp384r1 br_secp256r1
#define br_secp521r1 br_secp256r1

#include <src/codec/ccopy.c>
#include <src/ec/ec_secp256r1.c>
#include <src/ec/ecdsa_i31_bits.c>
#include <src/ec/ecdsa_i31_vrfy_raw.c>
#include <src/int/i31_add.c>
#include <src/int/i31_bitlen.c>
#include <src/int/i31_decmod.c>
#include <src/int/i31_decode.c>
#include <src/int/i31_encode.c>
#include <src/int/i31_fmont.c>
#include <src/int/i31_iszero.c>
#include <src/int/i31_modpow.c>
#include <src/int/i31_montmul.c>
#include <src/int/i31_muladd.c>
#include <src/int/i31_ninv31.c>
#include <src/int/i31_rshift.c>
#include <src/int/i31_sub.c>
#include <src/int/i31_tmont.c>
#include <src/int/i32_div32.c>

// Both files name these for themselves.
#undef I31_LEN
#undef POINT_LEN
#include <src/ec/ec_prime_i31.c>

// BearSSL does not write to the key, but its struct does not say so.
static bool verify(void *context, const uint8_t key[BLOX_P256_KEY],
                   const uint8_t digest[BLOX_SHA256_SIZE],
                   const uint8_t rs[BLOX_P256_SIGNATURE]) {
    uint8_t point[BLOX_P256_KEY];
    (void)context;
    memcpy(point, key, sizeof point);
    br_ec_public_key public_key = {
        .curve = BR_EC_secp256r1, .q = point, .qlen = sizeof point};
    return br_ecdsa_i31_vrfy_raw(&br_ec_prime_i31, digest, BLOX_SHA256_SIZE,
                                 &public_key, rs, BLOX_P256_SIGNATURE) == 1;
}

// Once the point: BearSSL refuses one that is not on the curve.
static bool is_point(void *context, const uint8_t key[BLOX_P256_KEY]) {
    static const uint8_t one[] = {1};
    uint8_t point[BLOX_P256_KEY];
    (void)context;
    memcpy(point, key, sizeof point);
    return br_ec_prime_i31.mul(point, sizeof point, one, sizeof one,
                               BR_EC_secp256r1) == 1;
}

void blox_p256_init(struct blox_ecdsa_p256 *ecdsa) {
    const struct blox_ecdsa_p256 ops = {
        .verify = verify,
        .is_point = is_point,
    };
    *ecdsa = ops;
}
