// SPDX-License-Identifier: MIT
// Completion of bash and zsh: shell functions with what the tables say.
#include <stdio.h>
#include <string.h>

#include "cli/verbs.h"

// ---- bash -------------------------------------------------------------------

static bool print_name(void *context, const struct cli_option *option,
                       size_t base) {
    (void)context, (void)base;
    printf(" --%s", option->name);
    return false;
}

static void print_choices(const char *choices) {
    for (const char *c = choices; *c != '\0'; ++c) {
        putchar(*c == '|' ? ' ' : *c);
    }
}

// A case that completes the value of one option.
static bool print_value(void *context, const struct cli_option *option,
                        size_t base) {
    (void)context, (void)base;
    if (option->value == NULL) {
        return false;
    }
    printf("        ");
    if (option->letter != 0) {
        printf("-%c | ", option->letter);
    }
    printf("--%s) ", option->name);
    if (cli_has_choices(option->value)) {
        printf("words='");
        print_choices(option->value);
        printf("' ;;\n");
    } else if (strncmp(option->value, "FILE", 4) == 0) {
        printf("files=-f ;;\n");
    } else if (strcmp(option->value, "DIR") == 0) {
        printf("files=-d ;;\n");
    } else {
        printf("words= ;;\n");
    }
    return false;
}

// What the verb's arguments complete to: their choices, or files.
static const char *argument_choices(const struct cli_verb *verb) {
    const struct cli_argument *argument = verb->arguments;
    for (; argument != NULL && argument->name != NULL; ++argument) {
        if (cli_has_choices(argument->name)) {
            return argument->name;
        }
    }
    return "";
}

static bool takes_files(const struct cli_verb *verb) {
    const struct cli_argument *argument = verb->arguments;
    for (; argument != NULL && argument->name != NULL; ++argument) {
        if (strncmp(argument->name, "FILE", 4) == 0 ||
            strcmp(argument->name, "DIR") == 0) {
            return true;
        }
    }
    return false;
}

static void print_verb_case(const struct cli_verb *verb) {
    printf("    '%s')\n        words='", verb->name);
    print_choices(argument_choices(verb));
    printf("'\n        %s\n", takes_files(verb) ? "files=-f" : "files=");
    printf("        [[ $now == -* ]] && files= && words='--help");
    cli_verb_options(verb, print_name, NULL);
    printf("'\n        case $last in\n");
    cli_verb_options(verb, print_value, NULL);
    printf("        esac ;;\n");
}

// First words of all verbs, or the second words of a family.
static void print_words(const char *family) {
    size_t size = family != NULL ? strlen(family) : 0;
    const char *before = "";
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const char *name = cli_verbs[i]->name;
        int first = (int)strcspn(name, " ");
        if (family == NULL && (strlen(before) < (size_t)first ||
                               strncmp(before, name, (size_t)first) != 0)) {
            printf(" %.*s", first, name);
        } else if (family != NULL && strncmp(name, family, size) == 0 &&
                   name[size] == ' ') {
            printf(" %s", name + size + 1);
        }
        before = name;
    }
}

static void print_families(void) {
    const char *before = "";
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const char *space = strchr(cli_verbs[i]->name, ' ');
        char family[32] = "";
        if (space != NULL) {
            snprintf(family, sizeof family, "%.*s",
                     (int)(space - cli_verbs[i]->name), cli_verbs[i]->name);
        }
        if (space != NULL && strncmp(before, family, strlen(family)) != 0) {
            printf("    %s)\n        words='", family);
            print_words(family);
            printf("'\n        (($COMP_CWORD > 2)) && "
                   "verb+=\" ${COMP_WORDS[2]}\" ;;\n");
        }
        before = cli_verbs[i]->name;
    }
}

void cli_complete_bash(void) {
    printf("# SPDX-License-Identifier: MIT\n"
           "# bash completion for blox, made by 'blox completion bash'\n"
           "_blox() {\n"
           "    local now=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}\n"
           "    local last=${COMP_WORDS[COMP_CWORD-1]} words= files=\n"
           "    if ((COMP_CWORD == 1)); then\n"
           "        words='--help --version");
    print_words(NULL);
    printf("'\n        verb=\n    fi\n"
           "    case $verb in\n");
    print_families();
    printf("    esac\n    case $verb in\n");
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        print_verb_case(cli_verbs[i]);
    }
    printf("    esac\n"
           "    COMPREPLY=($(compgen $files -W \"$words\" -- \"$now\"))\n"
           "}\n"
           "complete -o filenames -F _blox blox\n");
}

// ---- zsh --------------------------------------------------------------------

// Text inside a single-quoted word of _arguments; in brackets, colons count.
static void quote(const char *text) {
    for (const char *c = text; *c != '\0'; ++c) {
        if (*c == '\'') {
            printf("'\\''");
        } else if (strchr(":[]", *c) != NULL) {
            printf("\\%c", *c);
        } else {
            putchar(*c);
        }
    }
}

static void print_zsh_value(const char *value) {
    printf(":");
    quote(value);
    if (cli_has_choices(value)) {
        printf(":(");
        print_choices(value);
        printf(")");
    } else if (strncmp(value, "FILE", 4) == 0) {
        printf(":_files");
    } else if (strcmp(value, "DIR") == 0) {
        printf(":_files -/");
    } else {
        printf(": ");
    }
}

static void print_zsh_option(const char *dashes, const char *name, size_t size,
                             const struct cli_option *option) {
    printf(" \\\n            '*%s%.*s[", dashes, (int)size, name);
    quote(option->help);
    printf("]");
    if (option->value != NULL) {
        print_zsh_value(option->value);
    }
    printf("'");
}

static bool print_zsh_options(void *context, const struct cli_option *option,
                              size_t base) {
    (void)context, (void)base;
    if (option->letter != 0) {
        print_zsh_option("-", &option->letter, 1, option);
    }
    print_zsh_option("--", option->name, strlen(option->name), option);
    return false;
}

static void print_zsh_verb(const struct cli_verb *verb) {
    printf("    '%s')\n        _arguments '--help[all about it]'", verb->name);
    cli_verb_options(verb, print_zsh_options, NULL);
    const struct cli_argument *argument = verb->arguments;
    for (; argument != NULL && argument->name != NULL; ++argument) {
        printf(" \\\n            '%s", argument->many       ? "*"
                                       : argument->optional ? ":"
                                                            : "");
        print_zsh_value(argument->name);
        printf("'");
    }
    printf(" ;;\n");
}

static void print_zsh_families(void) {
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const char *name = cli_verbs[i]->name;
        const char *space = strchr(name, ' ');
        size_t size = space != NULL ? (size_t)(space - name) + 1 : 0;
        if (space != NULL &&
            (i == 0 || strncmp(cli_verbs[i - 1]->name, name, size) != 0)) {
            char family[32];
            snprintf(family, sizeof family, "%.*s", (int)size - 1, name);
            printf("    %s)\n        if ((CURRENT == 3)); then\n"
                   "            compadd --",
                   family);
            print_words(family);
            printf("\n            return\n        fi\n"
                   "        verb+=\" $words[3]\"\n"
                   "        shift words; ((CURRENT--)) ;;\n");
        }
    }
}

void cli_complete_zsh(void) {
    printf("#compdef blox\n# SPDX-License-Identifier: MIT\n"
           "# zsh completion for blox, made by 'blox completion zsh'\n"
           "_blox() {\n"
           "    local verb=$words[2]\n"
           "    if ((CURRENT == 2)); then\n"
           "        compadd -- --help --version");
    print_words(NULL);
    printf("\n        return\n    fi\n"
           "    case $verb in\n");
    print_zsh_families();
    printf("    esac\n    shift words; ((CURRENT--))\n"
           "    case $verb in\n");
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        print_zsh_verb(cli_verbs[i]);
    }
    printf("    esac\n}\n_blox \"$@\"\n");
}

// ---- the verb ---------------------------------------------------------------

struct completion_request {
    const char *shell;
};

static enum cli_exit run(void *request) {
    const struct completion_request *completion = request;
    if (strcmp(completion->shell, "bash") == 0) {
        cli_complete_bash();
    } else {
        cli_complete_zsh();
    }
    return CLI_OK;
}

static const struct cli_argument ARGUMENTS[] = {
    {.name = "bash|zsh",
     .offset = offsetof(struct completion_request, shell),
     .set = cli_set_text,
     .help = "the shell"},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Completes in this shell, until it ends",
     "source <(blox completion bash)"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_completion = {
    .name = "completion",
    .summary = "print what makes a shell complete",
    .about = "Prints a script that makes a shell complete verbs, options and "
             "files. 'make install' puts both where the shells find them.",
    .arguments = ARGUMENTS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_ALWAYS,
    .request_size = sizeof(struct completion_request),
    .run = run,
};
