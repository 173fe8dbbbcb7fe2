// SPDX-License-Identifier: MIT
// _blox_pkg: Zip, records, read_records, normalise, tag_accepted.
// python/mpy_blox/zipfile.py and wheel/ stand on it.
#include "bind/pkg/object.h"
#include "core/pkg/name.h"
#include "core/pkg/record.h"
#include "core/pkg/tag.h"

enum { NAME_SIZE = BLOX_NAME_MAX + 1, READ_SIZE = 256 };

static void store_line(mp_obj_t lines, const struct blox_record_line *line) {
    mp_obj_t value = mp_const_none;
    if (line->has_hash) {
        mp_obj_t items[2] = {
            blox_new_bytes(blox_span(line->sha256, BLOX_SHA256_SIZE)),
            mp_obj_new_int_from_uint(line->size),
        };
        value = mp_obj_new_tuple(2, items);
    }
    mp_obj_dict_store(
        lines, blox_new_str(blox_span(line->path, line->path_size)), value);
}

static void check(const struct blox_record *record, int result) {
    if (result < 0) {
        blox_raise(result, blox_span_text(record->why));
    }
}

static void feed(struct blox_record *record, mp_obj_t lines,
                 struct blox_span text) {
    int result;
    while ((result = blox_record_feed(record, &text)) > 0) {
        store_line(lines, &record->line);
    }
    check(record, result);
}

static mp_obj_t end(struct blox_record *record, mp_obj_t lines) {
    int result = blox_record_end(record);
    check(record, result);
    if (result > 0) {
        store_line(lines, &record->line);
    }
    return lines;
}

// records(text) -> {path: (sha256, size) or None}
static mp_obj_t records(mp_obj_t text) {
    struct blox_record record;
    mp_obj_t lines = mp_obj_new_dict(0);
    blox_record_init(&record);
    feed(&record, lines, blox_bind_span(text));
    return end(&record, lines);
}
static MP_DEFINE_CONST_FUN_OBJ_1(records_obj, records);

// read_records(file) -> the same, of a file that has readinto()
static mp_obj_t read_records(mp_obj_t file) {
    struct blox_record record;
    uint8_t *data = m_malloc(READ_SIZE);
    mp_obj_t view = blox_view_set(blox_view_new(), data, READ_SIZE);
    mp_obj_t lines = mp_obj_new_dict(0);
    size_t size;
    blox_record_init(&record);
    do {
        size = (size_t)mp_obj_get_int(blox_call(file, MP_QSTR_readinto, view));
        feed(&record, lines, blox_span(data, size <= READ_SIZE ? size : 0));
    } while (size > 0);
    return end(&record, lines);
}
static MP_DEFINE_CONST_FUN_OBJ_1(read_records_obj, read_records);

// normalise(name) -> the name as PEP 503 compares it
static mp_obj_t normalise(mp_obj_t name) {
    char buffer[NAME_SIZE];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    blox_name_normalise(&text, blox_bind_span(name));
    return blox_new_str(blox_text_span(&text));
}
static MP_DEFINE_CONST_FUN_OBJ_1(normalise_obj, normalise);

// tag_accepted(tag, platform) -> whether a device of this platform takes it
static mp_obj_t tag_accepted(mp_obj_t tag, mp_obj_t platform) {
    return mp_obj_new_bool(
        blox_tag_accepted(blox_bind_span(tag), blox_bind_span(platform)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(tag_accepted_obj, tag_accepted);

BLOX_MODULE(MP_QSTR__blox_pkg, blox_pkg_module,
            BLOX_TYPES(&blox_pkg_zip_type, &blox_pkg_member_type),
            BLOX_MEMBER(MP_QSTR_Zip, blox_pkg_zip_type),
            BLOX_MEMBER(MP_QSTR_records, records_obj),
            BLOX_MEMBER(MP_QSTR_read_records, read_records_obj),
            BLOX_MEMBER(MP_QSTR_normalise, normalise_obj),
            BLOX_MEMBER(MP_QSTR_tag_accepted, tag_accepted_obj));
