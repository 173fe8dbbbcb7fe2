// SPDX-License-Identifier: MIT
// What a person sees: width, colours, text from devices made harmless.
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum terminal_style {
    STYLE_PLAIN,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_DIM,
    STYLE_HEAD,
};

// Whether a stream's file descriptor is a terminal.
bool terminal_is(int fd);

// Its columns; when it does not say, $COLUMNS, else 80.
int terminal_width(int fd);

// Its lines, at least 4; 24 when it does not say.
int terminal_height(int fd);

// What starts a style on stdout, and what ends any: escape sequences on a
// terminal without NO_COLOR, empty strings else.
const char *terminal_start(enum terminal_style style);
const char *terminal_end(enum terminal_style style);

// Makes text harmless in place: control characters and what is not UTF-8
// become '?'. Returns text.
char *terminal_clean(char *text);

// Columns of clean UTF-8 text, one for each character; bytes of its first
// columns.
size_t terminal_columns(const char *text);
size_t terminal_bytes(const char *text, size_t columns);

#endif
