// SPDX-License-Identifier: MIT
// Questions to the person at the terminal. Ctrl-C at one of them ends the tool
// with CLI_INTERRUPTED, after saying so, with the terminal as it was; so they
// are asked before anything is done.
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>

#include "cli/cli.h"

// Asks "<question> [y/N]" on stderr, unless yes was said on the command line.
// Returns CLI_OK for yes, CLI_INTERRUPTED for no, in silence; CLI_USAGE, after
// saying so, when nobody can be asked.
enum cli_exit cli_ask(const char *verb, const char *question, bool yes);

// Asks for a secret on stderr and reads a line of standard input without echo;
// whitespace counts. Where that is no terminal it takes the line in silence.
// Returns whether there was one that fits capacity.
bool cli_ask_secret(const char *question, char *text, size_t capacity);

// The same with echo, for what is no secret.
bool cli_ask_text(const char *question, char *text, size_t capacity);

#endif
