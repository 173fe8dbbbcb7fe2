// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"

static enum cli_exit version(void) {
    printf("blox %s\n", BLOX_VERSION);
    return CLI_OK;
}

static enum cli_exit fail_family(const char *word, const char *next) {
    if (next == NULL) {
        return cli_fail(CLI_USAGE, "%s: no verb given; see 'blox help %s'",
                        word, word);
    }
    if (strcmp(next, "--help") == 0) {
        cli_help_family(word);
        return CLI_OK;
    }
    return cli_fail(CLI_USAGE, "%s: '%s' is not a verb; see 'blox help %s'",
                    word, next, word);
}

// Output that never reached its reader is no success.
static enum cli_exit finish(enum cli_exit result) {
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return cli_fail(CLI_INPUT,
                        "standard output: cannot be written; free room or "
                        "mend the pipe");
    }
    return result;
}

static enum cli_exit run(int argc, char **argv) {
    int words;
    if (argc < 1) {
        return cli_fail(CLI_USAGE, "no verb given; see 'blox --help'");
    }
    if (strcmp(argv[0], "--help") == 0) {
        cli_help_tool();
        return CLI_OK;
    }
    if (strcmp(argv[0], "--version") == 0) {
        return version();
    }
    const struct cli_verb *verb = cli_verb_find(argc, argv, &words);
    if (verb != NULL) {
        return cli_verb_run(verb, argc - words, argv + words);
    }
    if (cli_verb_is_family(argv[0])) {
        return fail_family(argv[0], argc > 1 ? argv[1] : NULL);
    }
    return cli_fail(CLI_USAGE, "'%s' is not a verb; see 'blox --help'",
                    argv[0]);
}

int main(int argc, char **argv) {
    return finish(run(argc - 1, argv + 1));
}
