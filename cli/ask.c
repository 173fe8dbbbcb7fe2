// SPDX-License-Identifier: MIT
#include "cli/ask.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "cli/terminal.h"

// How it was before a question to the terminal.
struct before {
    struct sigaction interrupt, terminate;
    sigset_t mask;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

// Signals come while an answer is awaited, and at the end: between the question
// and read(2) one would be lost.
static void begin(struct before *before) {
    const struct sigaction action = {.sa_handler = on_signal};
    sigset_t held;
    stopped = 0;
    fflush(stdout);
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    sigaction(SIGINT, &action, &before->interrupt);
    sigaction(SIGTERM, &action, &before->terminate);
}

// Returns true when there is a line to read, or the end; false on a signal.
static bool wait_for_answer(const struct before *before) {
    fd_set in;
    int ready;
    do {
        FD_ZERO(&in);
        FD_SET(STDIN_FILENO, &in);
        ready = pselect(STDIN_FILENO + 1, &in, NULL, NULL, NULL, &before->mask);
    } while (ready < 0 && errno == EINTR && !stopped);
    return ready > 0;
}

// Every verb asks before it does anything.
static void end(const struct before *before) {
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
    sigaction(SIGINT, &before->interrupt, NULL);
    sigaction(SIGTERM, &before->terminate, NULL);
    if (stopped) {
        fputc('\n', stderr);
        exit(cli_fail(CLI_INTERRUPTED,
                      "stopped at a question; nothing was done"));
    }
}

enum cli_exit cli_ask(const char *verb, const char *question, bool yes) {
    char line[16] = "";
    struct before before;
    if (yes) {
        return CLI_OK;
    }
    if (!terminal_is(STDIN_FILENO)) {
        return cli_fail(CLI_USAGE,
                        "%s: nobody to ask whether that is meant; give --yes",
                        verb);
    }
    begin(&before);
    fprintf(stderr, "%s [y/N] ", question);
    bool said =
        wait_for_answer(&before) && fgets(line, sizeof line, stdin) != NULL;
    end(&before);
    return said && (line[0] == 'y' || line[0] == 'Y') ? CLI_OK
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
    struct before before;
    if (!terminal_is(STDIN_FILENO)) {
        return read_line(text, capacity);
    }
    begin(&before);
    fprintf(stderr, "%s", question);
    bool read = wait_for_answer(&before) && read_line(text, capacity);
    end(&before);
    return read;
}

bool cli_ask_secret(const char *question, char *text, size_t capacity) {
    struct termios shown, hidden;
    struct before before;
    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        return read_line(text, capacity);
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    begin(&before);
    // First the echo: what is typed once the prompt is there must count.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, "%s", question);
    bool read = wait_for_answer(&before) && read_line(text, capacity);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    end(&before);
    fputc('\n', stderr);
    return read;
}
