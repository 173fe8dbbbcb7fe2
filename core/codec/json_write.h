// SPDX-License-Identifier: MIT
// Writing objects as compact JSON (RFC 8259, no white space) onto a struct
// blox_text. Commas and colons come by themselves; the caller balances begin
// and end and gives a key before each value in an object. What does not fit is
// cut: look at text->cut at the end.
#ifndef CORE_CODEC_JSON_WRITE_H
#define CORE_CODEC_JSON_WRITE_H

#include "core/base/text.h"

struct blox_json_writer {
    struct blox_text *text; // the caller's, must outlive the writer
    bool comma;             // private: the next key or value needs one
};

// Starts behind what text already holds.
void blox_json_write_init(struct blox_json_writer *writer,
                          struct blox_text *text);

// Writes '{', '}'.
void blox_json_object_begin(struct blox_json_writer *writer);
void blox_json_object_end(struct blox_json_writer *writer);

// Writes a key, escaped as a string is.
void blox_json_write_key(struct blox_json_writer *writer, const char *key);
void blox_json_write_key_span(struct blox_json_writer *writer,
                              struct blox_span key);

// Writes a string, escaped: '"', '\\' and control characters; a byte that is
// not part of valid UTF-8 becomes U+FFFD.
void blox_json_write_string(struct blox_json_writer *writer,
                            const char *string);
void blox_json_write_span(struct blox_json_writer *writer,
                          struct blox_span string);
// Writes a value that is JSON already, as it is.
void blox_json_write_raw(struct blox_json_writer *writer,
                         struct blox_span json);

// Writes a string that comes in parts, each of whole UTF-8 characters: begin,
// any number of add, end.
void blox_json_string_begin(struct blox_json_writer *writer);
void blox_json_string_add(struct blox_json_writer *writer,
                          struct blox_span part);
void blox_json_string_end(struct blox_json_writer *writer);

// Adds one byte of a string's UTF-8 to text, escaped where it must be.
void blox_json_add_escaped(struct blox_text *text, uint8_t byte);

// Writes a number, null.
void blox_json_write_u32(struct blox_json_writer *writer, uint32_t number);
void blox_json_write_null(struct blox_json_writer *writer);

#endif
