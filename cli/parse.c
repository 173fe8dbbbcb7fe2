// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/settings.h"

// The words of a command line while it is parsed.
struct words {
    const struct cli_verb *verb;
    void *request;
    struct cli_said said;
    int argc;
    char **argv;
    int at;
    size_t arguments; // rows of the verb's table that were taken
    bool help;        // --help was there
};

// The option that word names.
struct found {
    const char *word;
    const struct cli_option *option;
    size_t base;
    size_t index; // in the order of cli_verb_options
};

static bool names(void *context, const struct cli_option *option, size_t base) {
    struct found *found = context;
    const char *word = found->word;
    size_t size = strcspn(word + 2, "=");
    bool matches = word[1] != '-'
                       ? option->letter != 0 && option->letter == word[1]
                       : strlen(option->name) == size &&
                             strncmp(option->name, word + 2, size) == 0;
    if (matches) {
        found->option = option;
        found->base = base;
    } else {
        ++found->index;
    }
    return matches;
}

static enum cli_exit wrong(const struct words *words, const char *word,
                           const char *what) {
    const char *name = words->verb->name;
    return cli_fail(CLI_USAGE, "%s: '%s' %s; see 'blox %s --help'", name, word,
                    what, name);
}

// The value that is part of word, as in --name=value and -xvalue, or NULL.
static const char *joined_value(const char *word) {
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        return equals != NULL ? equals + 1 : NULL;
    }
    return word[2] != '\0' ? word + 2 : NULL;
}

// The choices "a|b|c" as a person reads them: "a, b or c". The caller frees it.
static char *spell_choices(const char *choices) {
    char *text = cli_format("is not ");
    for (const char *word = choices; *word != '\0';) {
        int size = (int)strcspn(word, "|");
        const char *last = strrchr(choices, '|') + 1;
        char *longer = cli_format("%s%s%.*s", text,
                                  word == choices ? ""
                                  : word == last  ? " or "
                                                  : ", ",
                                  size, word);
        free(text);
        text = longer;
        word += size + (word[size] == '|');
    }
    return text;
}

// Gives a value to its setter. where is how messages call its place.
static enum cli_exit set_value(const struct words *words, const char *where,
                               const char *choices, cli_option_set *set,
                               size_t offset, const char *value) {
    const char *name = words->verb->name;
    char *spelled = NULL;
    const char *complaint = NULL;
    if (cli_has_choices(choices) && !cli_is_choice(choices, value)) {
        complaint = spelled = spell_choices(choices);
    } else {
        complaint = set((char *)words->request + offset, value);
    }
    enum cli_exit result = CLI_OK;
    if (complaint != NULL) {
        result =
            cli_fail(CLI_USAGE, "%s: %s '%s' %s; see 'blox %s --help'", name,
                     where, value != NULL ? value : "", complaint, name);
    }
    free(spelled);
    return result;
}

static enum cli_exit set_option(struct words *words, const struct found *found,
                                const char *value) {
    const char *word = found->word;
    int size = word[1] != '-' ? 2 : (int)strcspn(word, "=");
    char *where = cli_format("%.*s", size, word);
    words->said.place[found->index] = CLI_PLACE_LINE;
    enum cli_exit result =
        set_value(words, where, found->option->value, found->option->set,
                  found->base + found->option->offset, value);
    free(where);
    return result;
}

static enum cli_exit take_option(struct words *words, const char *word) {
    struct found found = {.word = word};
    if (!cli_verb_options(words->verb, names, &found)) {
        return wrong(words, word, "is not an option");
    }
    const char *value = joined_value(word);
    if (found.option->value == NULL) {
        return value == NULL ? set_option(words, &found, NULL)
                             : wrong(words, word, "takes no value");
    }
    if (value == NULL && words->at == words->argc) {
        return wrong(words, word, "needs a value");
    }
    return set_option(words, &found,
                      value != NULL ? value : words->argv[words->at++]);
}

static enum cli_exit take_argument(struct words *words, const char *word) {
    const struct cli_argument *argument = words->verb->arguments;
    argument = argument != NULL ? argument + words->arguments : NULL;
    if (argument == NULL || argument->name == NULL) {
        return wrong(words, word, "is one argument too many");
    }
    words->arguments += argument->many ? 0 : 1;
    return set_value(words, "argument", argument->name, argument->set,
                     argument->offset, word);
}

// An argument that may be given many times counts as given after the first.
static enum cli_exit check_arguments(const struct words *words, bool any) {
    const struct cli_argument *next = words->verb->arguments;
    next = next != NULL ? next + words->arguments : NULL;
    if (next == NULL || next->name == NULL || next->optional ||
        (next->many && any)) {
        return CLI_OK;
    }
    const char *name = words->verb->name;
    return cli_fail(CLI_USAGE, "%s: %s is missing; see 'blox %s --help'", name,
                    next->name, name);
}

static enum cli_exit parse(struct words *words) {
    enum cli_exit result = CLI_OK;
    bool options = true, many = false;
    while (words->at < words->argc && result == CLI_OK && !words->help) {
        const char *word = words->argv[words->at++];
        if (!options || word[0] != '-' || word[1] == '\0') {
            size_t before = words->arguments;
            result = take_argument(words, word);
            many = words->arguments == before;
        } else if (strcmp(word, "--") == 0) {
            options = false;
        } else if (strcmp(word, "--help") == 0) {
            words->help = true;
        } else {
            result = take_option(words, word);
        }
    }
    return result != CLI_OK || words->help ? result
                                           : check_arguments(words, many);
}

// Keeps what setters allocate within reach, as long as the program runs: it is
// no leak. volatile, or compilers drop what nobody reads.
static void *volatile live_request;

static void *new_request(const struct cli_verb *verb) {
    void *request = cli_grow(NULL, 1, verb->request_size + 1);
    memset(request, 0, verb->request_size + 1);
    live_request = request;
    return request;
}

enum cli_exit cli_verb_run(const struct cli_verb *verb, int argc, char **argv) {
    struct words words = {
        .verb = verb, .request = new_request(verb), .argc = argc, .argv = argv};
    enum cli_exit result = parse(&words);
    if (result == CLI_OK && words.help) {
        cli_help_verb(verb);
        return CLI_OK;
    }
    if (result == CLI_OK) {
        result = cli_settings_fill(verb, &words.said, words.request);
    }
    return result == CLI_OK ? verb->run(words.request) : result;
}
