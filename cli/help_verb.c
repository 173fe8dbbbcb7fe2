// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "cli/verbs.h"

struct help_request {
    struct cli_texts words;
    bool manual;
};

static enum cli_exit help_about(int count, char **words) {
    int matched;
    const struct cli_verb *verb = cli_verb_find(count, words, &matched);
    if (verb != NULL && matched == count) {
        cli_help_verb(verb);
        return CLI_OK;
    }
    if (count == 1 && cli_verb_is_family(words[0])) {
        cli_help_family(words[0]);
        return CLI_OK;
    }
    return cli_fail(CLI_USAGE, "'%s%s%s' is not a verb; see 'blox --help'",
                    words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
}

static enum cli_exit run(void *request) {
    const struct help_request *help = request;
    if (help->manual) {
        cli_manual();
        return CLI_OK;
    }
    if (help->words.count == 0) {
        cli_help_tool();
        return CLI_OK;
    }
    return help_about((int)help->words.count, (char **)help->words.items);
}

static const struct cli_option OPTIONS[] = {
    {.name = "man",
     .offset = offsetof(struct help_request, manual),
     .set = cli_set_true,
     .help = "the manual page instead, for man -l"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "VERB",
     .offset = offsetof(struct help_request, words),
     .set = cli_add_text,
     .help = "what to tell about",
     .optional = true,
     .many = true},
    {.name = NULL},
};

const struct cli_verb cli_verb_help = {
    .name = "help",
    .summary = "tell about a verb",
    .about = "Tells what a verb does, with all its options, as 'blox VERB "
             "--help' does; without a VERB, which verbs there are.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .exits = CLI_EXITS_FILES,
    .request_size = sizeof(struct help_request),
    .run = run,
};
