// SPDX-License-Identifier: MIT
#include "cli/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 20,
    HEIGHT_DEFAULT = 24,
    HEIGHT_MIN = 4,
    CONTINUES = 0x80, // of a byte in UTF-8 that is not a character's first
    CONTINUES_MASK = 0xc0,
};

bool terminal_is(int fd) {
    return isatty(fd) != 0;
}

int terminal_width(int fd) {
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
    }
    const char *columns = getenv("COLUMNS");
    int width = columns != NULL ? atoi(columns) : 0;
    return width >= WIDTH_MIN ? width : WIDTH_DEFAULT;
}

int terminal_height(int fd) {
    struct winsize size = {0};
    bool said = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    int height = said ? size.ws_row : HEIGHT_DEFAULT;
    return height < HEIGHT_MIN ? HEIGHT_MIN : height;
}

static bool coloured(enum terminal_style style) {
    const char *no = getenv("NO_COLOR");
    return style != STYLE_PLAIN && terminal_is(STDOUT_FILENO) &&
           (no == NULL || *no == '\0');
}

const char *terminal_start(enum terminal_style style) {
    static const char *const codes[] = {
        [STYLE_PLAIN] = "",        [STYLE_GOOD] = "\033[32m",
        [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m",
        [STYLE_DIM] = "\033[2m",   [STYLE_HEAD] = "\033[1m",
    };
    return coloured(style) ? codes[style] : "";
}

const char *terminal_end(enum terminal_style style) {
    return coloured(style) ? "\033[0m" : "";
}

// Bytes of the well-formed, visible character at text; 0 for none.
static size_t visible(const unsigned char *text) {
    static const struct {
        unsigned char mask, lead;
        size_t size;
        uint32_t least;
    } forms[] = {
        {0xe0, 0xc0, 2, 0xa0}, // C1 controls are none
        {0xf0, 0xe0, 3, 0x800},
        {0xf8, 0xf0, 4, 0x10000},
    };
    if (*text < CONTINUES) {
        return *text >= ' ' && *text != 127;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; ++i) {
        if ((*text & forms[i].mask) != forms[i].lead) {
            continue;
        }
        uint32_t point = (uint32_t)(*text & ~forms[i].mask);
        for (size_t at = 1; at < forms[i].size; ++at) {
            if ((text[at] & CONTINUES_MASK) != CONTINUES) {
                return 0;
            }
            point = point << 6 | (text[at] & 0x3fu);
        }
        bool odd = point < forms[i].least || point > 0x10ffff ||
                   (point >= 0xd800 && point < 0xe000) ||
                   (point >= 0x2028 && point < 0x202f); // line and direction
        return odd ? 0 : forms[i].size;
    }
    return 0;
}

char *terminal_clean(char *text) {
    for (char *c = text; *c != '\0';) {
        size_t size = visible((const unsigned char *)c);
        if (size == 0) {
            *c = '?';
        }
        c += size > 0 ? size : 1;
    }
    return text;
}

size_t terminal_columns(const char *text) {
    size_t columns = 0;
    for (const char *c = text; *c != '\0'; ++c) {
        columns += ((unsigned char)*c & CONTINUES_MASK) != CONTINUES;
    }
    return columns;
}

size_t terminal_bytes(const char *text, size_t columns) {
    const char *c = text;
    for (; *c != '\0'; ++c) {
        bool starts = ((unsigned char)*c & CONTINUES_MASK) != CONTINUES;
        if (starts && columns-- == 0) {
            break;
        }
    }
    return (size_t)(c - text);
}
