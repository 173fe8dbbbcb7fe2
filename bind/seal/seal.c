// SPDX-License-Identifier: MIT
// _blox_seal: seals and unseals the secure configuration (core/conf/seal.h).
// A module of its own because it is resident on every device, while the checks
// of _blox_conf are needed only after a change.
#include "bind/common/crypto.h"
#include "bind/common/module.h"

#include "core/conf/seal.h"

// What one call of the engine works with. Lives on the stack, which the
// garbage collector sees, and never moves.
struct sealing {
    struct blox_bind_sha256 sha256;
    struct blox_bind_aes aes;
    struct blox_seal seal;
};

static void begin(struct sealing *sealing, mp_obj_t unique_id) {
    blox_bind_sha256_init(&sealing->sha256);
    blox_bind_aes_init(&sealing->aes);
    sealing->seal.hash = &sealing->sha256.ops;
    sealing->seal.cipher = &sealing->aes.ops;
    sealing->seal.unique_id = blox_bind_span(unique_id);
    sealing->seal.why = NULL;
}

// Raises what went wrong, else makes bytes of what is in buffer; frees it.
static mp_obj_t end(struct sealing *sealing, uint8_t *buffer, int32_t size) {
    mp_obj_t result = size < 0
                          ? mp_const_none
                          : blox_new_bytes(blox_span(buffer, (size_t)size));
    blox_free(buffer);
    if (size < 0) {
        blox_bind_raise_kept(&sealing->sha256.raised);
        blox_bind_raise_kept(&sealing->aes.raised);
        blox_raise(size, sealing->seal.why == NULL
                             ? blox_span(NULL, 0)
                             : blox_span_text(sealing->seal.why));
    }
    return result;
}

// seal(plain, unique_id, iv) -> record
static mp_obj_t seal(mp_obj_t plain_in, mp_obj_t unique_id, mp_obj_t iv_in) {
    struct sealing sealing;
    struct blox_span plain = blox_bind_span(plain_in);
    struct blox_span iv = blox_bind_span(iv_in);
    if (iv.size != BLOX_AES_BLOCK) {
        mp_raise_ValueError(MP_ERROR_TEXT("iv must be 16 bytes"));
    }
    begin(&sealing, unique_id);
    size_t size = blox_seal_size(plain.size);
    uint8_t *record = m_malloc(size);
    return end(&sealing, record,
               blox_seal_write(&sealing.seal, iv.data, plain, record, size));
}
static MP_DEFINE_CONST_FUN_OBJ_3(seal_obj, seal);

// unseal(record, unique_id) -> plain
static mp_obj_t unseal(mp_obj_t record_in, mp_obj_t unique_id) {
    struct sealing sealing;
    struct blox_span record = blox_bind_span(record_in);
    begin(&sealing, unique_id);
    uint8_t *plain = m_malloc(record.size + 1);
    return end(&sealing, plain,
               blox_seal_read(&sealing.seal, record, plain, record.size + 1));
}
static MP_DEFINE_CONST_FUN_OBJ_2(unseal_obj, unseal);

// unseal_original(iv, payload, unique_id) -> plain
static mp_obj_t unseal_original(mp_obj_t iv, mp_obj_t payload_in,
                                mp_obj_t unique_id) {
    struct sealing sealing;
    struct blox_span payload = blox_bind_span(payload_in);
    begin(&sealing, unique_id);
    uint8_t *plain = m_malloc(payload.size + 1);
    return end(&sealing, plain,
               blox_seal_read_original(&sealing.seal, blox_bind_span(iv),
                                       payload, plain, payload.size + 1));
}
static MP_DEFINE_CONST_FUN_OBJ_3(unseal_original_obj, unseal_original);

BLOX_MODULE(MP_QSTR__blox_seal, blox_seal_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_seal, seal_obj),
            BLOX_MEMBER(MP_QSTR_unseal, unseal_obj),
            BLOX_MEMBER(MP_QSTR_unseal_original, unseal_original_obj));
