// SPDX-License-Identifier: MIT
// core/base/crypto.h over MicroPython's hashlib and cryptolib. As with
// storage, exceptions do not pass through an engine: they become
// BLOX_ERROR_IO, and what is not an OSError is kept in `raised` until
// blox_bind_raise_kept.
#ifndef BIND_COMMON_CRYPTO_H
#define BIND_COMMON_CRYPTO_H

#include "bind/common/compat.h"
#include "core/base/crypto.h"

// Parts of an object on MicroPython's heap.
struct blox_bind_sha256 {
    struct blox_sha256 ops;
    mp_obj_t type;   // hashlib.sha256
    mp_obj_t hash;   // the running one
    mp_obj_t view;   // shows it the data, without an object per call
    mp_obj_t raised; // kept exception, or MP_OBJ_NULL
};

struct blox_bind_aes {
    struct blox_aes256_cbc ops;
    mp_obj_t type;   // cryptolib.aes
    mp_obj_t raised; // kept exception, or MP_OBJ_NULL
};

// Fill the tables; import hashlib, or cryptolib, which raises ImportError
// where the firmware lacks it. The structs must not move afterwards.
void blox_bind_sha256_init(struct blox_bind_sha256 *sha256);
void blox_bind_aes_init(struct blox_bind_aes *aes);

// Raises *raised, if there is one, and forgets it.
void blox_bind_raise_kept(mp_obj_t *raised);

#endif
