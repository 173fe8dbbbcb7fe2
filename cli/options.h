// SPDX-License-Identifier: MIT
// Options and arguments as tables: parsing, errors, --help, the man page and
// completion all come from them.
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

// Takes a value into its field; value is NULL for an option without one. value
// stays valid as long as the program runs. Returns NULL, or what is wrong with
// the value in a few words, such as "is not a number".
typedef const char *cli_option_set(void *field, const char *value);

// One option. A table of them ends with a row whose name is NULL. value is what
// a person reads for the value; FILE and DIR let shells complete files, and
// small words with bars between them ("a|b|c") are the only values allowed.
struct cli_option {
    char letter;       // 0 for none
    const char *name;  // without the dashes
    const char *value; // NULL for an option without a value
    size_t offset;     // of the field in the group's struct
    cli_option_set *set;
    const char *help;     // without a dot; wrapped where it is shown
    const char *standard; // the default, as a person reads it; or NULL
    // The key in config.json, in capitals and behind BLOX_ the variable in the
    // environment, that say it when the command line does not; NULL for none.
    const char *setting;
    // The name of an option that says the same in another way: when it was said
    // in a stronger place this one is not looked for in a weaker. Or NULL.
    const char *instead;
};

// Options under one heading of --help. offset is that of the struct they fill
// in the verb's request.
struct cli_option_group {
    const char *heading;
    const struct cli_option *options;
    size_t offset;
};

// One argument, in the order they are given. A table ends with a row whose name
// is NULL.
struct cli_argument {
    const char *name; // as options have their value
    size_t offset;    // of the field in the verb's request
    cli_option_set *set;
    const char *help;
    bool optional;
    bool many; // takes all that follow, too; the last one only
};

// Setters for common kinds of field: bool, const char *, unsigned.
cli_option_set cli_set_true;
cli_option_set cli_set_text;
cli_option_set cli_set_number;

// One part of a topic, such as the name of a node: not empty, no '/', '+', '#'.
// cli_set_topic takes slashes too, for a channel.
cli_option_set cli_set_level;
cli_option_set cli_set_topic;

// A list that grows, for options that may be repeated (cli_add_text). It lives
// as long as the program.
struct cli_texts {
    const char **items;
    size_t count;
};

cli_option_set cli_add_text;
cli_option_set cli_add_level;
cli_option_set cli_add_topic;

// Whether text is one of the words of choices ("a|b|c").
bool cli_is_choice(const char *choices, const char *text);

// Whether a value that is called so allows its own words only.
bool cli_has_choices(const char *value);

#endif
