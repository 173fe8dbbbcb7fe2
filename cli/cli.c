// SPDX-License-Identifier: MIT
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *cli_exit_meaning(enum cli_exit code) {
    static const char *const meanings[CLI_EXIT_COUNT] = {
        [CLI_OK] = "done",
        [CLI_INTERNAL] = "the tool itself failed, as when memory runs out",
        [CLI_USAGE] = "an option or argument is wrong",
        [CLI_INPUT] = "a file is missing or is not what it should be",
        [CLI_CONNECTION] = "no broker, or the connection was lost",
        [CLI_REFUSED] = "the broker said no: password, permission, size",
        [CLI_INTERRUPTED] = "stopped with Ctrl-C before it was done",
        [CLI_FAILED] = "a device refused, failed or went back",
        [CLI_SILENT] = "a device did not answer in time",
        [CLI_DIFFERENT] = "what was compared is not the same",
    };
    return meanings[code];
}

static bool swallowed;

void cli_hush(bool hushed) {
    swallowed = hushed;
}

static void write_sentence(const char *format, va_list arguments) {
    char sentence[1024];
    if (swallowed) {
        return;
    }
    vsnprintf(sentence, sizeof sentence, format, arguments);
    for (char *c = sentence; *c != '\0'; ++c) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            *c = '?';
        }
    }
    fflush(stdout);
    fprintf(stderr, "blox: %s\n", sentence);
}

enum cli_exit cli_fail(enum cli_exit code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_sentence(format, arguments);
    va_end(arguments);
    return code;
}

void cli_warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_sentence(format, arguments);
    va_end(arguments);
}

static void *need(void *memory) {
    if (memory == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
    return memory;
}

void *cli_grow(void *memory, size_t count, size_t size) {
    return need(reallocarray(memory, count > 0 ? count : 1, size));
}

char *cli_format(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    return need(size < 0 ? NULL : text);
}
