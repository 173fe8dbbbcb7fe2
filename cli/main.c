// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct cli_verb VERBS[] = {
    {"publish", "put files and wheels out for devices to install", cli_publish},
};

static enum cli_exit help(void) {
    printf("Usage: blox VERB [OPTION]... [ARGUMENT]...\n\n"
           "Manages devices that run mpy-blox, over their MQTT broker.\n\n"
           "Verbs ('blox VERB --help' tells more):\n");
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; ++i) {
        printf("  %-10s %s\n", VERBS[i].name, VERBS[i].summary);
    }
    printf("\n  --help     this text\n  --version  the version of this tool\n");
    cli_exit_help();
    return CLI_OK;
}

static enum cli_exit version(void) {
    printf("blox %s\n", BLOX_VERSION);
    return CLI_OK;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        return cli_fail(CLI_USAGE, "no verb given; see 'blox --help'");
    }
    if (strcmp(argv[1], "--help") == 0) {
        return help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        return version();
    }
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; ++i) {
        if (strcmp(argv[1], VERBS[i].name) == 0) {
            return VERBS[i].run(argc - 2, argv + 2);
        }
    }
    return cli_fail(CLI_USAGE, "'%s' is not a verb; see 'blox --help'",
                    argv[1]);
}
