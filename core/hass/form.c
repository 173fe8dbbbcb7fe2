// SPDX-License-Identifier: MIT
// Forms and what fills them (kind.h).
#include "core/codec/json_write.h"
#include "core/hass/kind.h"

static void add_escaped(struct blox_text *text, struct blox_span span) {
    for (size_t i = 0; i < span.size; ++i) {
        blox_json_add_escaped(text, span.data[i]);
    }
}

// What stands for a value that is none, false or true; as the parts of a kind.
static const char *words_for(char how) {
    switch (how) {
    case '@':
        return "null\0"
               "false\0"
               "true";
    case '&':
        return "null\0"
               "\"OFF\"\0"
               "\"ON\"";
    case '*':
        return "\0\0";
    default:
        return "None\0"
               "OFF\0"
               "ON";
    }
}

// Adds the value as the form asks for it. Returns whether it is such a value.
static bool add_value(struct blox_text *text, char how,
                      const struct blox_hass_value *value) {
    const char *quote = how == '@' ? "\"" : "";
    if (value->kind <= BLOX_HASS_VALUE_TRUE) {
        const char *word =
            blox_hass_part(words_for(how), (enum blox_hass_part)value->kind);
        blox_text_add(text, word);
        return *word != '\0' &&
               (how != '=' || value->kind == BLOX_HASS_VALUE_NONE);
    }
    if (value->kind == BLOX_HASS_VALUE_OTHER) {
        return false;
    }
    if (value->kind == BLOX_HASS_VALUE_JSON ? how != '@'
                                            : how == '%' || how == '&') {
        return false;
    }
    if (value->kind == BLOX_HASS_VALUE_JSON || how == '=') {
        blox_text_add_span(text, value->text);
        return true;
    }
    blox_text_add(text, quote);
    add_escaped(text, value->text);
    blox_text_add(text, quote);
    return true;
}

static void begin_member(struct blox_text *text) {
    if (text->size == 0 || text->data[text->size - 1] != '{') {
        blox_text_add_char(text, ',');
    }
}

static const char *member_end(const char *form) {
    while (*form != '\0' && *form != '|' && *form != ';') {
        ++form;
    }
    return form;
}

// Adds what a mark in a member stands for. Returns whether the member stays.
static bool add_span(struct blox_text *text, char mark, struct blox_span span) {
    if (mark == '$') {
        add_escaped(text, span);
    } else {
        blox_text_add_span(text, span);
    }
    return span.size > 0;
}

static bool is_one_of(char character, const char *characters) {
    while (*characters != '\0' && *characters != character) {
        ++characters;
    }
    return *characters != '\0';
}

int blox_hass_fill(struct blox_text *text, const char *form,
                   const struct blox_hass_filling *filling) {
    struct blox_text before = *text; // the member
    bool stays = true;
    for (char mark = *form; mark != '\0'; mark = *++form) {
        if (mark == '|' || mark == ';') {
            before = *text;
            if (mark == '|') {
                begin_member(text);
            }
        } else if (mark == '$' || mark == '#') {
            stays = add_span(text, mark, filling->spans[*++form - 'a']);
        } else if (mark >= '0' && mark <= '9') {
            stays = (filling->members >> (mark - '0') & 1) != 0;
        } else if (mark == '^') {
            blox_text_add_u32(text, filling->brightness);
        } else if (!is_one_of(mark, "@*=%&")) {
            blox_text_add_char(text, mark);
        } else if (!add_value(text, mark, filling->value)) {
            return BLOX_ERROR_UNSUPPORTED;
        }
        if (!stays) {
            *text = before;
            text->data[text->size] = '\0';
            form = member_end(form) - 1;
            stays = true;
        }
    }
    return BLOX_OK;
}
