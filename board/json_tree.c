// SPDX-License-Identifier: MIT
#include "board/json_tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_WRONG_FILE = 2, DEPTH_MAX = 16, SIZE_MAX_KIB = 1024 };

static const char *file;
static char *at;
static int line;

static _Noreturn void say(int where, const char *format, va_list values) {
    fprintf(stderr, "board: %s: line %d: ", file, where);
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    exit(EXIT_WRONG_FILE);
}

void json_tree_wrong(const struct json_node *node, const char *format, ...) {
    va_list values;
    va_start(values, format);
    say(node->line, format, values);
}

static _Noreturn void wrong(const char *format, ...) {
    va_list values;
    va_start(values, format);
    say(line, format, values);
}

static void skip_space(void) {
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') {
        line += *at++ == '\n';
    }
}

static void expect(char wanted, const char *where) {
    skip_space();
    if (*at != wanted) {
        wrong("expected '%c' %s, found %s%.1s%s", wanted, where,
              *at ? "'" : "the end", at, *at ? "'" : "");
    }
    at++;
}

static struct json_node *new_node(enum json_type type) {
    struct json_node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        wrong("no memory");
    }
    node->type = type;
    node->line = line;
    return node;
}

// In place: only the escapes that names and paths need.
static const char *take_string(void) {
    static const char escapes[] = "\"\\/";
    skip_space();
    if (*at != '"') {
        wrong("expected a string in double quotes");
    }
    char *begin = ++at;
    char *end = begin;
    while (*at != '"') {
        if (*at == '\\' && strchr(escapes, at[1]) == NULL) {
            wrong("only \\\" \\\\ and \\/ may be escaped");
        }
        at += *at == '\\';
        if ((unsigned char)*at < ' ') {
            wrong("the string does not end on its line");
        }
        *end++ = *at++;
    }
    *end = '\0';
    at++;
    return begin;
}

static struct json_node *take_value(int depth);

static void take_children(struct json_node *parent, char close, int depth) {
    struct json_node **end = &parent->first;
    at++;
    skip_space();
    while (*at != close) {
        const char *key = parent->type == JSON_OBJECT ? take_string() : NULL;
        if (key != NULL && json_tree_member(parent, key) != NULL) {
            wrong("the key \"%s\" is there twice; keep one", key);
        }
        if (key != NULL) {
            expect(':', "behind the key");
        }
        *end = take_value(depth + 1);
        (*end)->key = key;
        end = &(*end)->next;
        parent->count++;
        skip_space();
        if (*at != close) {
            expect(',', "between two entries");
            skip_space();
            if (*at == close) {
                wrong("a comma with nothing behind it; take it away");
            }
        }
    }
    at++;
}

static struct json_node *take_number(void) {
    struct json_node *node = new_node(JSON_NUMBER);
    char *end;
    node->number = strtod(at, &end);
    if (end == at || strspn(at, "+-.0123456789eE") < (size_t)(end - at) ||
        *at == '+') {
        wrong("expected a value, found '%.10s'", at);
    }
    at = end;
    return node;
}

static struct json_node *take_word(void) {
    static const char *const words[] = {"null", "false", "true"};
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(words[i]);
        if (strncmp(at, words[i], size) == 0) {
            struct json_node *node = new_node(i == 0 ? JSON_NULL : JSON_BOOL);
            node->number = i == 2;
            at += size;
            return node;
        }
    }
    return take_number();
}

static struct json_node *take_value(int depth) {
    struct json_node *node;
    skip_space();
    if (depth > DEPTH_MAX) {
        wrong("nested deeper than %d", DEPTH_MAX);
    }
    switch (*at) {
    case '{':
    case '[':
        node = new_node(*at == '{' ? JSON_OBJECT : JSON_ARRAY);
        take_children(node, *at == '{' ? '}' : ']', depth);
        return node;
    case '"':
        node = new_node(JSON_STRING);
        node->string = take_string();
        return node;
    case '\0':
        wrong("the file ends too early");
    default:
        return take_word();
    }
}

static char *read_file(const char *path) {
    FILE *input = fopen(path, "re");
    char *text = calloc(1, SIZE_MAX_KIB * 1024 + 1);
    size_t size = 0;
    if (input == NULL || text == NULL ||
        ((size = fread(text, 1, SIZE_MAX_KIB * 1024, input)), ferror(input))) {
        fprintf(stderr, "board: cannot read %s: %s\n", path, strerror(errno));
        exit(EXIT_WRONG_FILE);
    }
    fclose(input);
    text[size] = '\0';
    return text;
}

const struct json_node *json_tree_read(const char *path) {
    file = path;
    at = read_file(path);
    line = 1;
    const struct json_node *root = take_value(0);
    skip_space();
    if (*at != '\0') {
        wrong("something behind the end; take it away");
    }
    return root;
}

const struct json_node *json_tree_member(const struct json_node *object,
                                         const char *key) {
    const struct json_node *node = object->first;
    while (node != NULL && strcmp(node->key, key) != 0) {
        node = node->next;
    }
    return node;
}

const char *json_tree_type(const struct json_node *node) {
    static const char *const names[] = {
        [JSON_NULL] = "null",       [JSON_BOOL] = "true or false",
        [JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
        [JSON_ARRAY] = "a list",    [JSON_OBJECT] = "an object",
    };
    return names[node->type];
}
