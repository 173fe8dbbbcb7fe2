// SPDX-License-Identifier: MIT
#include "core/codec/json_write.h"

#include "core/codec/utf8.h"

void blox_json_write_init(struct blox_json_writer *writer,
                          struct blox_text *text) {
    writer->text = text;
    writer->comma = false;
}

static void begin_item(struct blox_json_writer *writer) {
    if (writer->comma) {
        blox_text_add_char(writer->text, ',');
    }
    writer->comma = true;
}

void blox_json_object_begin(struct blox_json_writer *writer) {
    begin_item(writer);
    blox_text_add_char(writer->text, '{');
    writer->comma = false;
}

void blox_json_object_end(struct blox_json_writer *writer) {
    blox_text_add_char(writer->text, '}');
    writer->comma = true;
}

static void add_control(struct blox_text *text, uint8_t byte) {
    if (byte == '\n' || byte == '\r' || byte == '\t') {
        blox_text_add_char(text, '\\');
        blox_text_add_char(text, byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
        return;
    }
    blox_text_add(text, "\\u00");
    blox_text_add_char(text, (char)('0' + (byte >> 4)));
    blox_text_add_char(text, "0123456789abcdef"[byte & 15]);
}

void blox_json_add_escaped(struct blox_text *text, uint8_t byte) {
    if (byte < ' ' || byte == 0x7f) {
        add_control(text, byte);
        return;
    }
    if (byte == '"' || byte == '\\') {
        blox_text_add_char(text, '\\');
    }
    blox_text_add_char(text, (char)byte);
}

// The size of the valid UTF-8 character at the front of text, 0 for none.
static size_t character(struct blox_span text) {
    struct blox_utf8 utf8 = {0};
    for (size_t i = 0; i < text.size; ++i) {
        if (!blox_utf8_feed(&utf8, text.data[i])) {
            return 0;
        }
        if (utf8.left == 0) {
            return i + 1;
        }
    }
    return 0;
}

void blox_json_string_begin(struct blox_json_writer *writer) {
    begin_item(writer);
    blox_text_add_char(writer->text, '"');
}

void blox_json_string_add(struct blox_json_writer *writer,
                          struct blox_span part) {
    while (part.size > 0) {
        size_t size = character(part);
        if (size == 1) {
            blox_json_add_escaped(writer->text, part.data[0]);
        } else if (size > 1) {
            blox_text_add_span(writer->text, blox_span(part.data, size));
        } else {
            blox_text_add(writer->text, "\\ufffd");
            size = 1;
        }
        part = blox_span_part(part, size, part.size);
    }
}

void blox_json_string_end(struct blox_json_writer *writer) {
    blox_text_add_char(writer->text, '"');
}

void blox_json_write_span(struct blox_json_writer *writer,
                          struct blox_span string) {
    blox_json_string_begin(writer);
    blox_json_string_add(writer, string);
    blox_json_string_end(writer);
}

void blox_json_write_raw(struct blox_json_writer *writer,
                         struct blox_span json) {
    begin_item(writer);
    blox_text_add_span(writer->text, json);
}

void blox_json_write_string(struct blox_json_writer *writer,
                            const char *string) {
    blox_json_write_span(writer, blox_span_text(string));
}

void blox_json_write_key_span(struct blox_json_writer *writer,
                              struct blox_span key) {
    blox_json_write_span(writer, key);
    blox_text_add_char(writer->text, ':');
    writer->comma = false;
}

void blox_json_write_key(struct blox_json_writer *writer, const char *key) {
    blox_json_write_key_span(writer, blox_span_text(key));
}

void blox_json_write_u32(struct blox_json_writer *writer, uint32_t number) {
    begin_item(writer);
    blox_text_add_u32(writer->text, number);
}

void blox_json_write_null(struct blox_json_writer *writer) {
    begin_item(writer);
    blox_text_add(writer->text, "null");
}
