// SPDX-License-Identifier: MIT
#include "cli/ask.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/terminal.h"

enum cli_exit cli_ask(const char *verb, const char *question, bool yes) {
    char line[16] = "";
    if (yes) {
        return CLI_OK;
    }
    if (!terminal_is(STDIN_FILENO)) {
        return cli_fail(CLI_USAGE,
                        "%s: nobody to ask whether that is meant; give --yes",
                        verb);
    }
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
    return fgets(line, sizeof line, stdin) != NULL &&
                   (line[0] == 'y' || line[0] == 'Y')
               ? CLI_OK
               : CLI_INTERRUPTED;
}

static bool read_line(char *text, size_t capacity) {
    if (fgets(text, (int)capacity, stdin) == NULL) {
        return false;
    }
    size_t size = strcspn(text, "\r\n");
    bool whole = text[size] != '\0' || feof(stdin);
    text[size] = '\0';
    return whole;
}

bool cli_ask_text(const char *question, char *text, size_t capacity) {
    fflush(stdout);
    if (terminal_is(STDIN_FILENO)) {
        fprintf(stderr, "%s", question);
    }
    return read_line(text, capacity);
}

bool cli_ask_secret(const char *question, char *text, size_t capacity) {
    struct termios shown, hidden;
    fflush(stdout);
    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        return read_line(text, capacity);
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    // First the echo: what is typed once the prompt is there must count.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, "%s", question);
    bool read = read_line(text, capacity);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return read;
}
