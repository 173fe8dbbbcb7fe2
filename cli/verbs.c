// SPDX-License-Identifier: MIT
#include "cli/verbs.h"

#include <string.h>

const struct cli_verb *const cli_verbs[] = {
    &cli_verb_publish,       &cli_verb_plan,        &cli_verb_nodes,
    &cli_verb_show,          &cli_verb_watch,       &cli_verb_logs,
    &cli_verb_cmd,           &cli_verb_diff,        &cli_verb_channel_show,
    &cli_verb_channel_clear, &cli_verb_gc,          &cli_verb_wheel_build,
    &cli_verb_wheel_show,    &cli_verb_wheel_check, &cli_verb_keygen,
    &cli_verb_sign,          &cli_verb_verify,      &cli_verb_provision,
    &cli_verb_completion,    &cli_verb_help,        NULL,
};

// How many words of the command line are the verb's name: 0 for another verb.
static int words_matched(const char *name, int argc, char **argv) {
    size_t first = strcspn(name, " ");
    if (argc < 1 || strlen(argv[0]) != first ||
        strncmp(name, argv[0], first) != 0) {
        return 0;
    }
    if (name[first] == '\0') {
        return 1;
    }
    return argc > 1 && strcmp(name + first + 1, argv[1]) == 0 ? 2 : 0;
}

const struct cli_verb *cli_verb_find(int argc, char **argv, int *words) {
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        *words = words_matched(cli_verbs[i]->name, argc, argv);
        if (*words > 0) {
            return cli_verbs[i];
        }
    }
    return NULL;
}

bool cli_verb_is_family(const char *word) {
    size_t size = strlen(word);
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const char *name = cli_verbs[i]->name;
        if (strncmp(name, word, size) == 0 && name[size] == ' ') {
            return true;
        }
    }
    return false;
}

bool cli_verb_options(const struct cli_verb *verb, cli_option_visit *visit,
                      void *context) {
    const struct cli_option_group *group = verb->groups;
    for (; group != NULL && group->options != NULL; ++group) {
        for (const struct cli_option *option = group->options;
             option->name != NULL; ++option) {
            if (visit(context, option, group->offset)) {
                return true;
            }
        }
    }
    return false;
}
