// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The words of a command line while it is parsed.
struct words {
    const struct cli_command_line *line;
    int argc;
    char **argv;
    int at;
};

// An option with the struct it fills.
struct found {
    const struct cli_option *option;
    void *target;
};

const char *cli_set_true(void *field, const char *value) {
    (void)value;
    *(bool *)field = true;
    return NULL;
}

const char *cli_set_text(void *field, const char *value) {
    *(const char **)field = value;
    return NULL;
}

const char *cli_set_number(void *field, const char *value) {
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 ||
        number > UINT_MAX) {
        return "is not a number";
    }
    *(unsigned *)field = (unsigned)number;
    return NULL;
}

const char *cli_add_text(void *field, const char *value) {
    struct cli_texts *texts = field;
    texts->items =
        cli_grow(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = value;
    return NULL;
}

static bool named(const struct cli_option *option, const char *word) {
    if (word[1] != '-') {
        return option->letter != 0 && option->letter == word[1];
    }
    size_t size = strcspn(word + 2, "=");
    return strlen(option->name) == size &&
           strncmp(option->name, word + 2, size) == 0;
}

static struct found find(const struct cli_command_line *line,
                         const char *word) {
    for (const struct cli_option_group *group = line->groups;
         group->options != NULL; ++group) {
        for (const struct cli_option *option = group->options;
             option->name != NULL; ++option) {
            if (named(option, word)) {
                return (struct found){option, group->target};
            }
        }
    }
    return (struct found){NULL, NULL};
}

static enum cli_parsed wrong(const struct words *words, const char *word,
                             const char *what) {
    cli_fail(CLI_USAGE, "%s: '%s' %s; see 'blox %s --help'", words->line->verb,
             word, what, words->line->verb);
    return CLI_PARSED_WRONG;
}

// The value that is part of word, as in --name=value and -xvalue, or NULL.
static const char *joined_value(const char *word) {
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        return equals != NULL ? equals + 1 : NULL;
    }
    return word[2] != '\0' ? word + 2 : NULL;
}

static enum cli_parsed take(const struct words *words, struct found found,
                            const char *word, const char *value) {
    void *field = (char *)found.target + found.option->offset;
    const char *complaint = found.option->set(field, value);
    if (complaint == NULL) {
        return CLI_PARSED_GO;
    }
    bool is_short = word[0] == '-' && word[1] != '-';
    int size = is_short ? 2 : (int)strcspn(word, "=");
    char *shown = cli_format("%.*s", size, word);
    cli_fail(CLI_USAGE, "%s: %s '%s' %s; see 'blox %s --help'",
             words->line->verb, word[0] == '-' ? shown : "argument",
             value != NULL ? value : "", complaint, words->line->verb);
    free(shown);
    return CLI_PARSED_WRONG;
}

static enum cli_parsed take_option(struct words *words, const char *word) {
    struct found found = find(words->line, word);
    if (found.option == NULL) {
        return wrong(words, word, "is not an option");
    }
    const char *value = joined_value(word);
    if (found.option->value == NULL) {
        return value == NULL ? take(words, found, word, NULL)
                             : wrong(words, word, "takes no value");
    }
    if (value == NULL && words->at == words->argc) {
        return wrong(words, word, "needs a value");
    }
    return take(words, found, word,
                value != NULL ? value : words->argv[words->at++]);
}

static enum cli_parsed take_argument(const struct words *words,
                                     const char *word) {
    struct found found = {&words->line->argument, words->line->argument_target};
    return take(words, found, "argument", word);
}

static void print_option(const struct cli_option *option) {
    char head[64];
    char letter[] = {'-', option->letter, ',', ' ', '\0'};
    int size = snprintf(head, sizeof head, "  %s--%s%s%s",
                        option->letter != 0 ? letter : "    ", option->name,
                        option->value != NULL ? " " : "",
                        option->value != NULL ? option->value : "");
    printf("%-27s", head);
    if (size > 26) {
        printf("\n%27s", "");
    }
    for (const char *c = option->help; *c != '\0'; ++c) {
        putchar(*c);
        if (*c == '\n') {
            printf("%27s", "");
        }
    }
    putchar('\n');
}

static enum cli_parsed print_help(const struct cli_command_line *line) {
    printf("Usage: blox %s %s\n\n%s", line->verb, line->usage, line->about);
    for (const struct cli_option_group *group = line->groups;
         group->options != NULL; ++group) {
        printf("\n%s:\n", group->heading);
        for (const struct cli_option *option = group->options;
             option->name != NULL; ++option) {
            print_option(option);
        }
    }
    printf("      --help               this text\n");
    cli_exit_help();
    return CLI_PARSED_HELP;
}

enum cli_parsed cli_parse(const struct cli_command_line *line, int argc,
                          char **argv) {
    struct words words = {line, argc, argv, 0};
    enum cli_parsed parsed = CLI_PARSED_GO;
    bool options = true;
    while (words.at < argc && parsed == CLI_PARSED_GO) {
        const char *word = argv[words.at++];
        if (!options || word[0] != '-' || word[1] == '\0') {
            parsed = take_argument(&words, word);
        } else if (strcmp(word, "--") == 0) {
            options = false;
        } else if (strcmp(word, "--help") == 0) {
            parsed = print_help(line);
        } else {
            parsed = take_option(&words, word);
        }
    }
    return parsed;
}
