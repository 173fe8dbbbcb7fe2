// SPDX-License-Identifier: MIT
// Zip and Member: iterating over a zip, reading one member in pieces.
#include "bind/pkg/object.h"
#include "core/codec/crc32.h"
#include "core/pkg/sentence.h"

enum {
    SENTENCE_SIZE = 160,
    WINDOW_MAX = 32768,
    WINDOW_MIN = 512,
};

// Zip(file, size): file has readinto() and seek().
static mp_obj_t zip_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    blox_pkg_zip_obj *self = mp_obj_malloc(blox_pkg_zip_obj, type);
    blox_pkg_file_init(&self->file, arguments[0]);
    self->window = NULL;
    self->window_size = 0;
    int error = blox_zip_open(&self->zip, &self->file.ops, self,
                              (uint32_t)mp_obj_get_int(arguments[1]), &why);
    blox_pkg_file_check(&self->file, error, &why);
    return MP_OBJ_FROM_PTR(self);
}

// Reads the entry at *cursor. Returns whether there is one.
static bool next_entry(blox_pkg_zip_obj *self, uint32_t *cursor,
                       struct blox_zip_entry *entry) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    int result = blox_zip_next(&self->zip, cursor, entry, &why);
    blox_pkg_file_check(&self->file, result, &why);
    return result > 0;
}

// next(cursor) -> (cursor of the next, name, method, crc32, compressed size,
// size, offset, time, date), or None behind the last. Folders are left out.
static mp_obj_t zip_next(mp_obj_t self_in, mp_obj_t cursor_in) {
    uint32_t cursor = (uint32_t)mp_obj_get_int(cursor_in);
    struct blox_zip_entry entry;
    do {
        if (!next_entry(MP_OBJ_TO_PTR(self_in), &cursor, &entry)) {
            return mp_const_none;
        }
    } while (entry.directory);
    mp_obj_t items[9] = {
        mp_obj_new_int_from_uint(cursor),
        blox_new_str(blox_span(entry.name, entry.name_size)),
        MP_OBJ_NEW_SMALL_INT(entry.method),
        mp_obj_new_int_from_uint(entry.crc32),
        mp_obj_new_int_from_uint(entry.compressed_size),
        mp_obj_new_int_from_uint(entry.size),
        mp_obj_new_int_from_uint(entry.offset),
        MP_OBJ_NEW_SMALL_INT(entry.time),
        MP_OBJ_NEW_SMALL_INT(entry.date),
    };
    return mp_obj_new_tuple(9, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(zip_next_obj, zip_next);

// ---- Members

// The file may have been read elsewhere meanwhile, so each read seeks.
static int32_t read_packed(void *context, uint8_t *data, size_t size) {
    blox_pkg_member_obj *self = context;
    blox_pkg_zip_obj *zip = MP_OBJ_TO_PTR(self->zip);
    const struct blox_storage *ops = &zip->file.ops;
    int error = ops->seek(ops->context, NULL, self->at);
    int32_t got = error < 0 ? error : ops->read(ops->context, NULL, data, size);
    self->at += got > 0 ? (uint32_t)got : 0;
    return got;
}

// What a member needs, rounded up so that the next one can use it, too: 32 KiB
// in one piece are hard to come by a second time.
static size_t wanted_window(const blox_pkg_member_obj *self) {
    size_t window = WINDOW_MIN;
    while (window < self->entry.size && window < WINDOW_MAX) {
        window *= 2;
    }
    return window;
}

// The zip's window when it is free and large enough, else a new one.
static void take_window(blox_pkg_member_obj *self) {
    blox_pkg_zip_obj *zip = MP_OBJ_TO_PTR(self->zip);
    size_t wanted = wanted_window(self);
    if (wanted > zip->window_size) {
        self->window = m_malloc(wanted);
        self->window_size = wanted;
        return;
    }
    self->window = zip->window;
    self->window_size = zip->window_size;
    zip->window = NULL;
    zip->window_size = 0;
}

// For the next member, when it is larger than what the zip has.
static void give_window(blox_pkg_member_obj *self) {
    blox_pkg_zip_obj *zip = MP_OBJ_TO_PTR(self->zip);
    if (self->window_size > zip->window_size) {
        zip->window = self->window;
        zip->window_size = self->window_size;
    }
    self->window = NULL;
    self->window_size = 0;
}

static void begin_inflate(blox_pkg_member_obj *self) {
    take_window(self);
    const struct blox_inflate_config config = {
        .read = read_packed,
        .context = self,
        .input = self->input,
        .input_size = sizeof self->input,
        .window = self->window,
        .window_size = self->window_size,
        .compressed_size = self->entry.compressed_size,
    };
    blox_inflate_init(&self->inflate, &config);
}

// Where the data of the entry begins.
static uint32_t find_data(blox_pkg_zip_obj *zip, blox_pkg_member_obj *self) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    uint32_t offset = 0;
    blox_text_init(&why, sentence, sizeof sentence);
    int error = blox_zip_seek(&zip->zip, &self->entry, &offset, &why);
    blox_pkg_file_check(&zip->file, error, &why);
    return offset;
}

// open(cursor) -> Member: of the entry that next(cursor) gives.
static mp_obj_t zip_open(mp_obj_t self_in, mp_obj_t cursor_in) {
    blox_pkg_zip_obj *zip = MP_OBJ_TO_PTR(self_in);
    uint32_t cursor = (uint32_t)mp_obj_get_int(cursor_in);
    blox_pkg_member_obj *self = mp_obj_malloc(
        blox_pkg_member_obj, (mp_obj_type_t *)&blox_pkg_member_type);
    self->zip = self_in;
    self->window = NULL;
    self->window_size = 0;
    do {
        if (!next_entry(zip, &cursor, &self->entry)) {
            blox_raise(BLOX_ERROR_ARGUMENT, blox_span(NULL, 0));
        }
    } while (self->entry.directory);
    self->left = self->entry.size;
    self->crc32 = 0;
    self->at = find_data(zip, self);
    if (self->entry.method == BLOX_ZIP_DEFLATED) {
        begin_inflate(self);
    }
    return MP_OBJ_FROM_PTR(self);
}
static MP_DEFINE_CONST_FUN_OBJ_2(zip_open_obj, zip_open);

static void fail(blox_pkg_member_obj *self, int error, const char *what) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_pkg_zip_obj *zip = MP_OBJ_TO_PTR(self->zip);
    blox_text_init(&why, sentence, sizeof sentence);
    blox_pkg_fail(&why, error,
                  blox_span(self->entry.name, self->entry.name_size), what);
    blox_pkg_file_check(&zip->file, error, &why);
}

static size_t read_content(blox_pkg_member_obj *self, uint8_t *data,
                           size_t size) {
    int32_t got = self->window != NULL
                      ? blox_inflate_read(&self->inflate, data, size)
                      : read_packed(self, data, size);
    if (got < 0) {
        fail(self, (int)got, "its compressed data is damaged");
    }
    if (got == 0) {
        fail(self, BLOX_ERROR_DIGEST, "ends early");
    }
    return (size_t)got;
}

// All content was read: does the data end here, and is it what it should be?
static void check_end(blox_pkg_member_obj *self) {
    uint8_t beyond;
    if (self->window != NULL) {
        if (blox_inflate_read(&self->inflate, &beyond, 1) != 0) {
            fail(self, BLOX_ERROR_DIGEST, "its size differs from the zip's");
        }
        give_window(self);
    }
    if (self->crc32 != self->entry.crc32) {
        fail(self, BLOX_ERROR_DIGEST, "its CRC-32 differs from the zip's");
    }
}

// readinto(buffer) -> bytes read, 0 at the end. The last piece comes only
// when the CRC-32 of all is right.
static mp_obj_t member_readinto(mp_obj_t self_in, mp_obj_t buffer) {
    blox_pkg_member_obj *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t info;
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_WRITE);
    size_t size = info.len < self->left ? info.len : self->left;
    size_t done = 0;
    while (done < size) {
        done += read_content(self, (uint8_t *)info.buf + done, size - done);
    }
    self->crc32 = blox_crc32(self->crc32, info.buf, size);
    self->left -= (uint32_t)size;
    if (self->left == 0) {
        check_end(self);
    }
    return mp_obj_new_int_from_uint((mp_uint_t)size);
}
static MP_DEFINE_CONST_FUN_OBJ_2(member_readinto_obj, member_readinto);

// ---- Types

static const mp_rom_map_elem_t zip_table[] = {
    BLOX_METHOD(MP_QSTR_next, zip_next_obj),
    BLOX_METHOD(MP_QSTR_open, zip_open_obj),
};
static MP_DEFINE_CONST_DICT(zip_dict, zip_table);

static const mp_rom_map_elem_t member_table[] = {
    BLOX_METHOD(MP_QSTR_readinto, member_readinto_obj),
};
static MP_DEFINE_CONST_DICT(member_dict, member_table);

BLOX_TYPE(blox_pkg_zip_type, MP_QSTR_Zip, MP_TYPE_FLAG_NONE, make_new,
          zip_make_new, locals_dict, &zip_dict);

BLOX_TYPE(blox_pkg_member_type, MP_QSTR_Member, MP_TYPE_FLAG_NONE, locals_dict,
          &member_dict);
