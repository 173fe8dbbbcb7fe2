// SPDX-License-Identifier: MIT
// --help of a verb, of a family of verbs and of the tool.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/verb.h"

enum {
    WIDTH = 79,
    OPTION_COLUMN = 27, // where what an option does begins
    VERB_COLUMN = 18,
};

// Prints words of text, wrapped; at is the column that was reached. Two line
// feeds are a paragraph.
static void wrap(const char *text, int at, int indent) {
    bool first = true;
    while (*text != '\0') {
        if (strncmp(text, "\n\n", 2) == 0) {
            printf("\n\n%*s", indent, "");
            text += 2;
            at = indent;
            first = true;
        }
        int size = (int)strcspn(text, " \n");
        if (!first && at + 1 + size > WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
            first = true;
        }
        at += printf("%s%.*s", first ? "" : " ", size, text);
        first = false;
        text += size;
        text += *text == ' ' || (*text == '\n' && text[1] != '\n');
    }
    putchar('\n');
}

// Prints what stands left of a table's text, and moves to the column.
static void head(const char *text, int column) {
    if (printf("%-*s", column, text) > column ||
        strlen(text) == (size_t)column) {
        printf("\n%*s", column, "");
    }
}

static void print_option(const struct cli_option *option) {
    char letter[] = {'-', option->letter, ',', ' ', '\0'};
    char *left =
        cli_format("  %s--%s%s%s", option->letter != 0 ? letter : "    ",
                   option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
    char *right =
        option->standard == NULL
            ? cli_format("%s", option->help)
            : cli_format("%s (default: %s)", option->help, option->standard);
    head(left, OPTION_COLUMN);
    wrap(right, OPTION_COLUMN, OPTION_COLUMN);
    free(left);
    free(right);
}

void cli_help_usage(const struct cli_verb *verb) {
    printf("%s", verb->name);
    if (verb->usage != NULL) {
        printf(" %s", verb->usage);
        return;
    }
    printf("%s", verb->groups != NULL ? " [OPTION]..." : "");
    const struct cli_argument *argument = verb->arguments;
    for (; argument != NULL && argument->name != NULL; ++argument) {
        printf(argument->optional ? " [%s]%s" : " %s%s", argument->name,
               argument->many ? "..." : "");
    }
}

static void print_arguments(const struct cli_argument *argument) {
    if (argument == NULL) {
        return;
    }
    printf("\nArguments:\n");
    for (; argument->name != NULL; ++argument) {
        char *left = cli_format("  %s", argument->name);
        head(left, OPTION_COLUMN);
        wrap(argument->help, OPTION_COLUMN, OPTION_COLUMN);
        free(left);
    }
}

static void print_examples(const struct cli_example *example) {
    if (example == NULL) {
        return;
    }
    printf("\nExamples:\n");
    for (; example->command != NULL; ++example) {
        printf("  # %s\n  %s\n", example->does, example->command);
    }
}

static void print_exits(unsigned exits) {
    printf("\nExit codes:\n");
    for (int code = 0; code < CLI_EXIT_COUNT; ++code) {
        if ((exits & 1u << code) != 0) {
            printf("  %d  %s\n", code, cli_exit_meaning(code));
        }
    }
}

void cli_help_verb(const struct cli_verb *verb) {
    printf("Usage: blox ");
    cli_help_usage(verb);
    printf("\n\n");
    wrap(verb->about, 0, 0);
    print_arguments(verb->arguments);
    const struct cli_option_group *group = verb->groups;
    for (; group != NULL && group->options != NULL; ++group) {
        printf("\n%s:\n", group->heading);
        for (const struct cli_option *option = group->options;
             option->name != NULL; ++option) {
            print_option(option);
        }
    }
    printf("%s      --help               this text\n",
           verb->groups == NULL ? "\n" : "");
    print_examples(verb->examples);
    print_exits(verb->exits);
}

static void print_verbs(const char *family) {
    size_t size = family != NULL ? strlen(family) : 0;
    for (size_t i = 0; cli_verbs[i] != NULL; ++i) {
        const char *name = cli_verbs[i]->name;
        if (family == NULL ||
            (strncmp(name, family, size) == 0 && name[size] == ' ')) {
            printf("  %-*s%s\n", VERB_COLUMN - 2, name, cli_verbs[i]->summary);
        }
    }
}

void cli_help_family(const char *word) {
    printf("Usage: blox %s VERB [OPTION]... [ARGUMENT]...\n\n"
           "Verbs ('blox help %s VERB' tells more):\n",
           word, word);
    print_verbs(word);
}

void cli_help_tool(void) {
    printf("Usage: blox VERB [OPTION]... [ARGUMENT]...\n\n"
           "Manages devices that run mpy-blox, over their MQTT broker.\n\n"
           "Verbs ('blox help VERB' tells more):\n");
    print_verbs(NULL);
    printf("\n  --help          this text\n"
           "  --version       the version of this tool\n\n");
    wrap("Options that are not given are looked for in the environment as "
         "BLOX_*, then in ~/.config/blox/config.json; 'man blox' tells which.",
         0, 0);
    print_exits(~0u);
}
