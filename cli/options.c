// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { TOPIC_PART_MAX = 200 }; // bytes; a topic has at most 65535

const char *cli_set_true(void *field, const char *value) {
    (void)value;
    *(bool *)field = true;
    return NULL;
}

const char *cli_set_text(void *field, const char *value) {
    *(const char **)field = value;
    return NULL;
}

const char *cli_set_number(void *field, const char *value) {
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 ||
        number > UINT_MAX) {
        return "is not a number";
    }
    *(unsigned *)field = (unsigned)number;
    return NULL;
}

static const char *check_topic(const char *value) {
    if (*value == '\0' || strpbrk(value, "+#") != NULL) {
        return "must not be empty nor hold '+' or '#'";
    }
    return strlen(value) > TOPIC_PART_MAX ? "is longer than 200 bytes" : NULL;
}

static const char *check_level(const char *value) {
    return strchr(value, '/') != NULL ? "must not hold a '/'"
                                      : check_topic(value);
}

const char *cli_set_topic(void *field, const char *value) {
    const char *complaint = check_topic(value);
    return complaint != NULL ? complaint : cli_set_text(field, value);
}

const char *cli_set_level(void *field, const char *value) {
    const char *complaint = check_level(value);
    return complaint != NULL ? complaint : cli_set_text(field, value);
}

const char *cli_add_text(void *field, const char *value) {
    struct cli_texts *texts = field;
    texts->items =
        cli_grow(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = value;
    return NULL;
}

const char *cli_add_topic(void *field, const char *value) {
    const char *complaint = check_topic(value);
    return complaint != NULL ? complaint : cli_add_text(field, value);
}

const char *cli_add_level(void *field, const char *value) {
    const char *complaint = check_level(value);
    return complaint != NULL ? complaint : cli_add_text(field, value);
}

bool cli_is_choice(const char *choices, const char *text) {
    size_t size = strlen(text);
    for (const char *word = choices; *word != '\0';) {
        size_t length = strcspn(word, "|");
        if (length == size && strncmp(word, text, size) == 0) {
            return true;
        }
        word += length + (word[length] == '|');
    }
    return false;
}

bool cli_has_choices(const char *value) {
    return value != NULL && strchr(value, '|') != NULL &&
           strpbrk(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL;
}
