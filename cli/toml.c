// SPDX-License-Identifier: MIT
#include "cli/toml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/codec/utf8.h"

enum { DEPTH = 64 }; // arrays and inline tables in each other

// What a table was made by; kept in cJSON's valueint, which objects do not use.
enum origin {
    IMPLIED = 0, // the way to another: a header may still define it
    HEADER = 1,  // [table]
    DOTTED = 2,  // a.b = 1: more dotted keys may add to it, no header
    CLOSED = 3,  // { inline }: nothing adds to it
};

struct toml {
    const char *at, *end;
    unsigned line;
    unsigned depth;
    const char *why; // of the first error
    cJSON *table;    // that keys go into
};

// Text that grows.
struct grown {
    char *data;
    size_t size;
};

static bool fail(struct toml *toml, const char *why) {
    if (toml->why == NULL) {
        toml->why = why;
    }
    return false;
}

static int peek(const struct toml *toml) {
    return toml->at < toml->end ? (unsigned char)*toml->at : -1;
}

static bool is_next(const struct toml *toml, const char *text) {
    size_t size = strlen(text);
    return (size_t)(toml->end - toml->at) >= size &&
           memcmp(toml->at, text, size) == 0;
}

static bool take(struct toml *toml, const char *text) {
    if (!is_next(toml, text)) {
        return false;
    }
    toml->at += strlen(text);
    return true;
}

static bool expect(struct toml *toml, const char *text, const char *why) {
    return take(toml, text) || fail(toml, why);
}

static void skip_blanks(struct toml *toml) {
    while (peek(toml) == ' ' || peek(toml) == '\t') {
        ++toml->at;
    }
}

static bool take_newline(struct toml *toml) {
    if (!take(toml, "\n") && !take(toml, "\r\n")) {
        return false;
    }
    ++toml->line;
    return true;
}

static bool is_control(int c) {
    return (c >= 0 && c < ' ' && c != '\t') || c == 127;
}

static bool skip_comment(struct toml *toml) {
    if (peek(toml) != '#') {
        return true;
    }
    while (peek(toml) >= 0 && !is_next(toml, "\n") && !is_next(toml, "\r\n")) {
        if (is_control(peek(toml))) {
            return fail(toml, "a control character in a comment");
        }
        ++toml->at;
    }
    return true;
}

// Blanks, comments and newlines, as they may stand in an array.
static bool skip_lines(struct toml *toml) {
    do {
        skip_blanks(toml);
        if (!skip_comment(toml)) {
            return false;
        }
    } while (take_newline(toml));
    return true;
}

// ---- strings ----------------------------------------------------------------

static void add(struct grown *grown, const char *data, size_t size) {
    grown->data = cli_grow(grown->data, grown->size + size + 1, 1);
    if (size > 0) {
        memcpy(grown->data + grown->size, data, size);
    }
    grown->size += size;
    grown->data[grown->size] = '\0';
}

static bool take_code(struct toml *toml, struct grown *grown, int digits) {
    uint32_t code = 0;
    for (int i = 0; i < digits; ++i) {
        static const char hex[] = "0123456789abcdef";
        int c = peek(toml);
        const char *digit =
            c > 0 ? strchr(hex, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (digit == NULL) {
            return fail(toml, "an escape without its hex digits");
        }
        code = code << 4 | (uint32_t)(digit - hex);
        ++toml->at;
    }
    if (code == 0) {
        return fail(toml, "a NUL in a string, which has no use here");
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return fail(toml, "an escape that is no Unicode character");
    }
    uint8_t bytes[BLOX_UTF8_MAX];
    add(grown, (const char *)bytes, blox_utf8_encode(code, bytes));
    return true;
}

// A '\' at the end of a line takes all white space behind it away.
static bool take_line_end(struct toml *toml) {
    const char *at = toml->at;
    skip_blanks(toml);
    if (!take_newline(toml)) {
        toml->at = at;
        return false;
    }
    do {
        skip_blanks(toml);
    } while (take_newline(toml));
    return true;
}

static bool take_escape(struct toml *toml, struct grown *grown, bool many) {
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    if (many && take_line_end(toml)) {
        return true;
    }
    int c = peek(toml);
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (name != NULL) {
        ++toml->at;
        add(grown, &values[name - names], 1);
        return true;
    }
    if (take(toml, "u")) {
        return take_code(toml, grown, 4);
    }
    return take(toml, "U") ? take_code(toml, grown, 8)
                           : fail(toml, "an escape that does not exist");
}

// One piece of a string that is not its end.
static bool take_piece(struct toml *toml, struct grown *grown, char quote,
                       bool many) {
    if (quote == '"' && take(toml, "\\")) {
        return take_escape(toml, grown, many);
    }
    if (many && take_newline(toml)) {
        add(grown, "\n", 1);
        return true;
    }
    if (peek(toml) < 0 || is_control(peek(toml))) {
        return fail(toml, "a string that does not end");
    }
    add(grown, toml->at++, 1);
    return true;
}

static bool take_line_string(struct toml *toml, struct grown *grown) {
    const char quote[] = {*toml->at++, '\0'};
    while (!take(toml, quote)) {
        if (!take_piece(toml, grown, quote[0], false)) {
            return false;
        }
    }
    return true;
}

// Up to two quotes may stand right before the three that end it.
static bool take_long_string(struct toml *toml, struct grown *grown) {
    const char quote[] = {*toml->at, *toml->at, *toml->at, '\0'};
    toml->at += 3;
    take_newline(toml);
    while (!take(toml, quote)) {
        if (!take_piece(toml, grown, quote[0], true)) {
            return false;
        }
    }
    for (int i = 0; i < 2 && peek(toml) == quote[0]; ++i) {
        add(grown, toml->at++, 1);
    }
    return true;
}

static bool take_string(struct toml *toml, struct grown *grown) {
    add(grown, "", 0);
    return is_next(toml, "\"\"\"") || is_next(toml, "'''")
               ? take_long_string(toml, grown)
               : take_line_string(toml, grown);
}

// ---- keys and tables --------------------------------------------------------

static bool is_bare(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// One part of a key, for the caller to free.
static bool take_part(struct toml *toml, struct grown *part) {
    *part = (struct grown){NULL, 0};
    if (is_next(toml, "\"\"\"") || is_next(toml, "'''")) {
        return fail(toml, "a key over several lines");
    }
    if (peek(toml) == '"' || peek(toml) == '\'') {
        return take_string(toml, part);
    }
    while (is_bare(peek(toml))) {
        add(part, toml->at++, 1);
    }
    return part->size > 0 || fail(toml, "a key is missing");
}

static cJSON *member(cJSON *table, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(table, key);
}

static cJSON *need(cJSON *item) {
    if (item == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
    return item;
}

static cJSON *put(cJSON *table, const char *key, cJSON *item) {
    cJSON_AddItemToObject(table, key, need(item));
    return item;
}

// The table that a part of a key leads to; the newest of an array of tables.
static cJSON *step_into(struct toml *toml, cJSON *table, const char *key,
                        bool header) {
    cJSON *found = member(table, key);
    if (found == NULL) {
        found = put(table, key, cJSON_CreateObject());
        found->valueint = header ? IMPLIED : DOTTED;
    }
    if (header && cJSON_IsArray(found) && found->valueint == HEADER) {
        found = cJSON_GetArrayItem(found, cJSON_GetArraySize(found) - 1);
    }
    bool open = cJSON_IsObject(found) && (header ? found->valueint != CLOSED
                                                 : found->valueint == DOTTED);
    if (!open) {
        fail(toml, "a table that is something else already");
        return NULL;
    }
    return found;
}

// Takes a dotted key; *table is the table of its last part, *last, which the
// caller frees.
static bool take_key(struct toml *toml, cJSON **table, struct grown *last,
                     bool header) {
    skip_blanks(toml);
    bool taken = take_part(toml, last);
    for (skip_blanks(toml); taken && take(toml, "."); skip_blanks(toml)) {
        *table = step_into(toml, *table, last->data, header);
        free(last->data);
        *last = (struct grown){NULL, 0};
        skip_blanks(toml);
        taken = *table != NULL && take_part(toml, last);
    }
    return taken;
}

static bool take_value(struct toml *toml, cJSON **value);

static bool take_pair(struct toml *toml, cJSON *table) {
    struct grown key;
    cJSON *value = NULL;
    bool taken = take_key(toml, &table, &key, false) &&
                 expect(toml, "=", "a key without '='");
    skip_blanks(toml);
    taken = taken && take_value(toml, &value);
    if (taken && member(table, key.data) != NULL) {
        taken = fail(toml, "a key is there twice");
    }
    if (taken) {
        put(table, key.data, value);
    } else {
        cJSON_Delete(value);
    }
    free(key.data);
    return taken;
}

static cJSON *open_table(struct toml *toml, cJSON *parent, const char *key) {
    cJSON *found = member(parent, key);
    if (found == NULL) {
        found = put(parent, key, cJSON_CreateObject());
    } else if (!cJSON_IsObject(found) || found->valueint != IMPLIED) {
        fail(toml, "a table is there twice");
        return NULL;
    }
    found->valueint = HEADER;
    return found;
}

static cJSON *open_array(struct toml *toml, cJSON *parent, const char *key) {
    cJSON *found = member(parent, key);
    if (found == NULL) {
        found = put(parent, key, cJSON_CreateArray());
        found->valueint = HEADER;
    } else if (!cJSON_IsArray(found) || found->valueint != HEADER) {
        fail(toml, "an array of tables that is something else already");
        return NULL;
    }
    cJSON *table = need(cJSON_CreateObject());
    table->valueint = HEADER;
    cJSON_AddItemToArray(found, table);
    return table;
}

static bool take_header(struct toml *toml, cJSON *root) {
    struct grown key;
    bool array = take(toml, "[[");
    if (!array) {
        take(toml, "[");
    }
    bool taken = take_key(toml, &root, &key, true) &&
                 expect(toml, array ? "]]" : "]", "a header without its end");
    if (taken) {
        toml->table = array ? open_array(toml, root, key.data)
                            : open_table(toml, root, key.data);
    }
    free(key.data);
    return taken && toml->table != NULL;
}

// ---- values -----------------------------------------------------------------

static bool take_array(struct toml *toml, cJSON *array) {
    take(toml, "[");
    while (skip_lines(toml) && !take(toml, "]")) {
        cJSON *item = NULL;
        if (!take_value(toml, &item)) {
            cJSON_Delete(item);
            return false;
        }
        cJSON_AddItemToArray(array, item);
        if (!skip_lines(toml)) {
            return false;
        }
        if (!take(toml, ",") && !is_next(toml, "]")) {
            return fail(toml, "an array without its ']'");
        }
    }
    return toml->why == NULL;
}

// Nothing adds to an inline table later, nor to the tables in it.
static void close_tables(cJSON *table) {
    table->valueint = CLOSED;
    cJSON *item;
    cJSON_ArrayForEach(item, table) {
        if (cJSON_IsObject(item) && item->valueint != CLOSED) {
            close_tables(item);
        }
    }
}

static bool take_inline(struct toml *toml, cJSON *table) {
    take(toml, "{");
    skip_blanks(toml);
    bool more = !take(toml, "}");
    while (more) {
        if (!take_pair(toml, table)) {
            return false;
        }
        skip_blanks(toml);
        more = take(toml, ",");
        if (!more && !take(toml, "}")) {
            return fail(toml, "an inline table without its '}'");
        }
    }
    close_tables(table);
    return true;
}

static bool take_nested(struct toml *toml, cJSON **value) {
    bool table = peek(toml) == '{';
    *value = need(table ? cJSON_CreateObject() : cJSON_CreateArray());
    if (++toml->depth > DEPTH) {
        return fail(toml, "arrays or tables nested too deeply");
    }
    bool taken = table ? take_inline(toml, *value) : take_array(toml, *value);
    --toml->depth;
    return taken;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Every '_' stands between two digits; then they are taken out.
static bool strip_underscores(char *word) {
    char *to = word;
    for (const char *c = word; *c != '\0'; ++c) {
        if (*c != '_') {
            *to++ = *c;
        } else if (c == word || !is_bare(c[-1]) || !is_bare(c[1]) ||
                   c[-1] == '_' || c[1] == '_') {
            return false;
        }
    }
    *to = '\0';
    return true;
}

// Whether word is a date or a time (RFC 3339), by its shape.
static bool is_date(const char *word) {
    size_t size = strlen(word);
    return (size >= 8 && word[2] == ':' && word[5] == ':' &&
            is_digit(word[0])) ||
           (size >= 10 && word[4] == '-' && word[7] == '-' &&
            is_digit(word[0]));
}

// Without a sign or prefix: no zero in front, no bare '.' or 'e'.
static bool is_decimal(const char *word) {
    word += *word == '+' || *word == '-';
    bool zero = *word == '0' && is_digit(word[1]);
    const char *dot = strchr(word, '.');
    return is_digit(*word) && !zero &&
           strspn(word, "0123456789.eE+-") == strlen(word) &&
           (dot == NULL || is_digit(dot[1]));
}

static bool read_number(char *word, double *number) {
    static const char *const prefixes[] = {"0x", "0o", "0b"};
    static const int bases[] = {16, 8, 2};
    char *end;
    if (!strip_underscores(word)) {
        return false;
    }
    for (int i = 0; i < 3; ++i) {
        if (strncmp(word, prefixes[i], 2) == 0) {
            *number = (double)strtoull(word + 2, &end, bases[i]);
            return *end == '\0' && is_bare(word[2]) && word[2] != '-';
        }
    }
    const char *name = word + (*word == '+' || *word == '-');
    if (strcmp(name, "inf") != 0 && strcmp(name, "nan") != 0 &&
        !is_decimal(word)) {
        return false;
    }
    *number = strtod(word, &end);
    return *end == '\0';
}

// A word that is no string: true, a number, a date.
static bool read_word(struct toml *toml, char *word, cJSON **value) {
    double number;
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        *value = need(cJSON_CreateBool(*word == 't'));
    } else if (is_date(word)) {
        *value = need(cJSON_CreateString(word));
    } else if (read_number(word, &number)) {
        *value = need(cJSON_CreateNumber(number));
    } else {
        return fail(toml, "a value that is none");
    }
    return true;
}

static void add_word(struct toml *toml, struct grown *word) {
    while (is_bare(peek(toml)) || peek(toml) == '+' || peek(toml) == '.' ||
           peek(toml) == ':') {
        add(word, toml->at++, 1);
    }
}

static bool take_word(struct toml *toml, cJSON **value) {
    struct grown word = {NULL, 0};
    add(&word, "", 0);
    add_word(toml, &word);
    // A date and its time may have a blank between them.
    if (word.size == 10 && is_date(word.data) && peek(toml) == ' ' &&
        toml->end - toml->at > 1 && is_digit(toml->at[1])) {
        add(&word, toml->at++, 1);
        add_word(toml, &word);
    }
    bool taken = read_word(toml, word.data, value);
    free(word.data);
    return taken;
}

static bool take_value(struct toml *toml, cJSON **value) {
    int c = peek(toml);
    if (c == '[' || c == '{') {
        return take_nested(toml, value);
    }
    if (c != '"' && c != '\'') {
        return take_word(toml, value);
    }
    struct grown text = {NULL, 0};
    bool taken = take_string(toml, &text);
    if (taken) {
        *value = need(cJSON_CreateString(text.data));
    }
    free(text.data);
    return taken;
}

// ---- the document -----------------------------------------------------------

static bool take_line(struct toml *toml, cJSON *root) {
    skip_blanks(toml);
    bool taken = true;
    if (peek(toml) == '[') {
        taken = take_header(toml, root);
    } else if (peek(toml) >= 0 && strchr("#\r\n", peek(toml)) == NULL) {
        taken = take_pair(toml, toml->table);
    }
    skip_blanks(toml);
    if (!taken || !skip_comment(toml)) {
        return false;
    }
    return take_newline(toml) || peek(toml) < 0 ||
           fail(toml, "something behind the end of a value");
}

cJSON *toml_read(const char *text, size_t size, struct toml_error *error) {
    cJSON *root = need(cJSON_CreateObject());
    struct toml toml = {text, text + size, 1, 0, NULL, root};
    root->valueint = DOTTED;
    take(&toml, "\xef\xbb\xbf");
    if (!blox_utf8_valid(blox_span(text, size))) {
        fail(&toml, "not UTF-8");
    }
    while (toml.why == NULL && peek(&toml) >= 0) {
        take_line(&toml, root);
    }
    if (toml.why == NULL) {
        return root;
    }
    *error = (struct toml_error){toml.line, toml.why};
    cJSON_Delete(root);
    return NULL;
}
