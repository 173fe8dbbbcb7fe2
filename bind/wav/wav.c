// SPDX-License-Identifier: MIT
// _blox_wav: the head of a WAV file and its samples (core/sound/wav.h, pcm.h);
// driven by python/mpy_blox/sound/.
#include "core/sound/wav.h"
#include "bind/common/module.h"
#include "core/sound/pcm.h"

enum { SENTENCE_SIZE = 160 };

typedef struct {
    mp_obj_base_t base;
    struct blox_wav wav;
} head_obj;

// Head()
static mp_obj_t head_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    (void)arguments;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    head_obj *self = blox_object_new(type, sizeof *self);
    blox_wav_init(&self->wav);
    return MP_OBJ_FROM_PTR(self);
}

// feed(data) -> bytes taken
static mp_obj_t head_feed(mp_obj_t self_in, mp_obj_t data) {
    head_obj *self = MP_OBJ_TO_PTR(self_in);
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    int32_t taken = blox_wav_feed(&self->wav, blox_bind_span(data), &why);
    if (taken < 0) {
        blox_raise((int)taken, blox_text_span(&why));
    }
    return MP_OBJ_NEW_SMALL_INT(taken);
}
static MP_DEFINE_CONST_FUN_OBJ_2(head_feed_obj, head_feed);

// skipped(): the `skip` bytes were seeked over.
static mp_obj_t head_skipped(mp_obj_t self_in) {
    head_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_wav_skipped(&self->wav);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(head_skipped_obj, head_skipped);

// ended(): raises ValueError with what the file lacks.
static mp_obj_t head_ended(mp_obj_t self_in) {
    head_obj *self = MP_OBJ_TO_PTR(self_in);
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    int error = blox_wav_ended(&self->wav, &why);
    blox_raise(error, blox_text_span(&why));
}
static MP_DEFINE_CONST_FUN_OBJ_1(head_ended_obj, head_ended);

// format() -> (format, channels, rate, bits, block size, byte rate, offset of
// the samples, their size or None when they go to the end), or None before all
// of it is known.
static mp_obj_t head_format(mp_obj_t self_in) {
    const struct blox_wav *wav = &((head_obj *)MP_OBJ_TO_PTR(self_in))->wav;
    if (blox_wav_next(wav) != BLOX_WAV_DATA) {
        return mp_const_none;
    }
    mp_obj_t items[8] = {
        MP_OBJ_NEW_SMALL_INT(wav->format),
        MP_OBJ_NEW_SMALL_INT(wav->channels),
        MP_OBJ_NEW_SMALL_INT(wav->sample_rate),
        MP_OBJ_NEW_SMALL_INT(wav->bits),
        MP_OBJ_NEW_SMALL_INT(wav->block_size),
        mp_obj_new_int_from_uint(wav->byte_rate),
        mp_obj_new_int_from_uint(wav->data_offset),
        wav->data_size == BLOX_WAV_TO_END
            ? mp_const_none
            : mp_obj_new_int_from_uint(wav->data_size),
    };
    return mp_obj_new_tuple(8, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(head_format_obj, head_format);

// need, skip: bytes to feed, or to seek over before that.
static void head_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    head_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_need) {
        dest[0] = mp_obj_new_int_from_uint(self->wav.need);
    } else if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_skip) {
        dest[0] = mp_obj_new_int_from_uint(self->wav.skip);
    } else {
        dest[1] = MP_OBJ_SENTINEL;
    }
}

// ---- Samples

// widen(buffer, size, bits) -> the new size: 8 bits become 16, and 24 32.
static mp_obj_t widen(mp_obj_t buffer, mp_obj_t size, mp_obj_t bits) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_WRITE);
    mp_int_t used = mp_obj_get_int(size);
    bool fits = used >= 0 && (size_t)used <= info.len;
    int32_t wide = fits ? blox_pcm_widen(info.buf, info.len, (size_t)used,
                                         (int)mp_obj_get_int(bits))
                        : BLOX_ERROR_BUFFER;
    if (wide < 0) {
        blox_raise((int)wide, blox_span(NULL, 0));
    }
    return MP_OBJ_NEW_SMALL_INT(wide);
}
static MP_DEFINE_CONST_FUN_OBJ_3(widen_obj, widen);

static const mp_rom_map_elem_t head_table[] = {
    BLOX_METHOD(MP_QSTR_feed, head_feed_obj),
    BLOX_METHOD(MP_QSTR_skipped, head_skipped_obj),
    BLOX_METHOD(MP_QSTR_ended, head_ended_obj),
    BLOX_METHOD(MP_QSTR_format, head_format_obj),
};
static MP_DEFINE_CONST_DICT(head_dict, head_table);

BLOX_TYPE(blox_wav_head_type, MP_QSTR_Head, MP_TYPE_FLAG_NONE, make_new,
          head_make_new, attr, head_attr, locals_dict, &head_dict);

BLOX_MODULE(MP_QSTR__blox_wav, blox_wav_module, BLOX_TYPES(&blox_wav_head_type),
            BLOX_MEMBER(MP_QSTR_Head, blox_wav_head_type),
            BLOX_MEMBER(MP_QSTR_widen, widen_obj));
