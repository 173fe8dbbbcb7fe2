// SPDX-License-Identifier: MIT
#include "core/codec/json_walk.h"

static bool one_of(uint8_t byte, const char *set) {
    while (*set != '\0' && (uint8_t)*set != byte) {
        ++set;
    }
    return *set != '\0';
}

static uint32_t skip(struct blox_span text, uint32_t at, const char *set) {
    while (at < text.size && one_of(text.data[at], set)) {
        ++at;
    }
    return at;
}

// at is on the opening quote. Returns the offset behind the closing one.
static uint32_t string_end(struct blox_span text, uint32_t at) {
    ++at;
    while (at < text.size && text.data[at] != '"') {
        at += text.data[at] == '\\' ? 2 : 1;
    }
    return at < text.size ? at + 1 : (uint32_t)text.size;
}

static uint32_t container_end(struct blox_span text, uint32_t at) {
    uint32_t depth = 0;
    while (at < text.size) {
        uint8_t byte = text.data[at];
        if (byte == '"') {
            at = string_end(text, at);
            continue;
        }
        ++at;
        depth += one_of(byte, "{[");
        if (one_of(byte, "}]") && --depth == 0) {
            break;
        }
    }
    return at;
}

static uint32_t value_end(struct blox_span text, uint32_t at) {
    if (at < text.size && text.data[at] == '"') {
        return string_end(text, at);
    }
    if (at < text.size && one_of(text.data[at], "{[")) {
        return container_end(text, at);
    }
    while (at < text.size && !one_of(text.data[at], " \t\r\n,}]")) {
        ++at;
    }
    return at;
}

bool blox_json_walk_enter(struct blox_span text, uint32_t *at) {
    uint32_t begin = skip(text, *at, " \t\r\n");
    if (begin >= text.size || text.data[begin] != '{') {
        return false;
    }
    *at = begin + 1;
    return true;
}

bool blox_json_walk_next(struct blox_span text, uint32_t *at,
                         struct blox_json_member *member) {
    uint32_t key = skip(text, *at, " \t\r\n,");
    if (key >= text.size || text.data[key] != '"') {
        *at = key < text.size ? key + 1 : key;
        return false;
    }
    uint32_t key_end = string_end(text, key);
    uint32_t value = skip(text, key_end, " \t\r\n:");
    uint32_t end = value_end(text, value);
    member->key = blox_span_part(text, key + 1, key_end - key - 2);
    member->value = blox_span_part(text, value, end - value);
    member->value_at = value;
    *at = end;
    return true;
}

uint32_t blox_json_walk_length(struct blox_span string) {
    uint32_t length = 0;
    for (uint32_t at = 1; at + 1 < string.size; ++length) {
        bool escape = string.data[at] == '\\';
        at += !escape ? 1 : string.data[at + 1] == 'u' ? 6 : 2;
    }
    return length;
}

void blox_json_walk_place(struct blox_span text, uint32_t at, uint32_t *line,
                          uint32_t *column) {
    *line = *column = 1;
    for (uint32_t i = 0; i < at && i < text.size; ++i) {
        bool end = text.data[i] == '\n';
        *line += end;
        *column = end ? 1 : *column + 1;
    }
}
