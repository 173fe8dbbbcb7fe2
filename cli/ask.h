// SPDX-License-Identifier: MIT
// Questions to the person at the terminal.
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>

#include "cli/cli.h"

// Asks "<question> [y/N]" on stderr, unless yes was said on the command line.
// Returns CLI_OK for yes, CLI_INTERRUPTED for no, in silence; CLI_USAGE, after
// saying so, when nobody can be asked.
enum cli_exit cli_ask(const char *verb, const char *question, bool yes);

#endif
