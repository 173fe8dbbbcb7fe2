// SPDX-License-Identifier: MIT
// _blox_verify: Signature, check_key. Loaded when a device that has a key gets
// a list; python/mpy_blox/mqtt/signed.py drives it.
#include <string.h>

#include "bind/common/crypto.h"
#include "bind/common/module.h"
#include "bind/verify/p256.h"
#include "core/ota/signature.h"

enum { SENTENCE_SIZE = 160, CHUNK = 256 };

typedef struct {
    mp_obj_base_t base;
    struct blox_signature signature;
    struct blox_bind_sha256 sha256;
    struct blox_ecdsa_p256 ecdsa;
    mp_obj_t strings[2]; // what the signature's spans point into
    uint8_t key[BLOX_P256_KEY], next[BLOX_P256_KEY];
    struct blox_text why;
    char sentence[SENTENCE_SIZE];
} signature_obj;

static void take_key(mp_obj_t text, uint8_t key[BLOX_P256_KEY],
                     struct blox_text *why) {
    int error = blox_signature_key(blox_bind_span(text), key, why);
    if (error != BLOX_OK) {
        blox_raise(error, blox_text_span(why));
    }
}

static void configure(signature_obj *self, const mp_obj_t *arguments) {
    bool has_next = arguments[3] != mp_const_none;
    self->strings[0] = arguments[0];
    self->strings[1] = arguments[4];
    take_key(arguments[2], self->key, &self->why);
    if (has_next) {
        take_key(arguments[3], self->next, &self->why);
    }
    struct blox_signature_config config = {
        .sha256 = &self->sha256.ops,
        .ecdsa = &self->ecdsa,
        .topic = blox_bind_span(arguments[0]),
        .command = mp_obj_is_true(arguments[1]),
        .key = self->key,
        .next = has_next ? self->next : NULL,
        .last = blox_bind_span(arguments[4]),
        .why = &self->why,
    };
    blox_signature_init(&self->signature, &config);
}

// Signature(topic, command, key, next, last): keys in base64, next or None;
// last is the topic's record, or b''
static mp_obj_t signature_make_new(const mp_obj_type_t *type, size_t n_args,
                                   size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 5, 5, false);
    signature_obj *self = blox_object_new(type, sizeof *self);
    blox_text_init(&self->why, self->sentence, sizeof self->sentence);
    blox_bind_sha256_init(&self->sha256);
    blox_p256_init(&self->ecdsa);
    configure(self, arguments);
    return MP_OBJ_FROM_PTR(self);
}

static void signature_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    const signature_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_record) {
        dest[0] = blox_new_bytes(
            blox_span(self->signature.record, sizeof self->signature.record));
    } else if (name == MP_QSTR_serial) {
        dest[0] = blox_new_str(blox_span_text(self->signature.serial));
    } else if (name == MP_QSTR_new_key) {
        dest[0] = blox_new_str(blox_span_text(self->signature.new_key));
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

// The rest of what step() needs when an engine's call has returned.
static int judged(signature_obj *self, int result) {
    blox_bind_raise_kept(&self->sha256.raised);
    if (result < 0) {
        blox_raise(result, blox_text_span(&self->why));
    }
    return result;
}

// read(file) -> whether a piece of the list was there
static mp_obj_t signature_read(mp_obj_t self_in, mp_obj_t file) {
    signature_obj *self = MP_OBJ_TO_PTR(self_in);
    const mp_stream_p_t *stream = mp_get_stream_raise(file, MP_STREAM_OP_READ);
    uint8_t chunk[CHUNK];
    int error = 0;
    mp_uint_t count = stream->read(file, chunk, sizeof chunk, &error);
    if (count == MP_STREAM_ERROR) {
        blox_raise(BLOX_ERROR_IO, blox_span(NULL, 0));
    }
    judged(self,
           blox_signature_feed(&self->signature, blox_span(chunk, count)));
    return mp_obj_new_bool(count > 0);
}
static MP_DEFINE_CONST_FUN_OBJ_2(signature_read_obj, signature_read);

// end() -> whether the list is to be read once more from its start; if not, it
// is right. Raises ValueError: why it is refused.
static mp_obj_t signature_end(mp_obj_t self_in) {
    signature_obj *self = MP_OBJ_TO_PTR(self_in);
    int result = judged(self, blox_signature_end(&self->signature));
    return mp_obj_new_bool(result > 0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(signature_end_obj, signature_end);

// check_key(text): raises ValueError when text is no public key
static mp_obj_t verify_check_key(mp_obj_t text) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_ecdsa_p256 ecdsa;
    uint8_t key[BLOX_P256_KEY];
    blox_text_init(&why, sentence, sizeof sentence);
    blox_p256_init(&ecdsa);
    take_key(text, key, &why);
    if (!ecdsa.is_point(ecdsa.context, key)) {
        blox_text_add(&why, "update.public_key: not a point of the "
                            "curve P-256");
        blox_raise(BLOX_ERROR_FORMAT, blox_text_span(&why));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(verify_check_key_obj, verify_check_key);

static const mp_rom_map_elem_t signature_table[] = {
    BLOX_METHOD(MP_QSTR_read, signature_read_obj),
    BLOX_METHOD(MP_QSTR_end, signature_end_obj),
};
static MP_DEFINE_CONST_DICT(signature_dict, signature_table);

BLOX_TYPE(blox_verify_signature_type, MP_QSTR_Signature, MP_TYPE_FLAG_NONE,
          make_new, signature_make_new, attr, signature_attr, locals_dict,
          &signature_dict);

BLOX_MODULE(MP_QSTR__blox_verify, blox_verify_module,
            BLOX_TYPES(&blox_verify_signature_type),
            BLOX_MEMBER(MP_QSTR_Signature, blox_verify_signature_type),
            BLOX_MEMBER(MP_QSTR_check_key, verify_check_key_obj));
