// SPDX-License-Identifier: MIT
#include "cli/ask.h"

#include <stdio.h>
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
