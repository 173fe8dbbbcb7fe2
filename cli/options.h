// SPDX-License-Identifier: MIT
// Command lines as tables: parsing, errors and --help all come from them.
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

// Takes an option's value into its field; value is NULL for an option without
// one. value stays valid as long as the program runs. Returns NULL, or what is
// wrong with the value in a few words.
typedef const char *cli_option_set(void *field, const char *value);

// One option. A table of them ends with a row whose name is NULL.
struct cli_option {
    char letter;       // 0 for none
    const char *name;  // without the dashes
    const char *value; // what --help calls the value; NULL for none
    size_t offset;     // of the field in the group's target
    cli_option_set *set;
    const char *help;
};

// Options under one heading of --help, with the struct they fill.
struct cli_option_group {
    const char *heading;
    const struct cli_option *options;
    void *target;
};

// A verb's whole command line. Groups end with one whose options are NULL.
struct cli_command_line {
    const char *verb;
    const char *usage; // what follows the verb's name in the usage line
    const char *about; // paragraphs for --help
    const struct cli_option_group *groups;
    struct cli_option argument; // what takes each argument without a dash
    void *argument_target;
};

enum cli_parsed { CLI_PARSED_GO, CLI_PARSED_HELP, CLI_PARSED_WRONG };

// Parses everything behind the verb: --name value, --name=value, -x value,
// -xvalue; arguments and options may mix; after -- all are arguments. Returns
// CLI_PARSED_HELP after printing --help, CLI_PARSED_WRONG after saying what is
// wrong.
enum cli_parsed cli_parse(const struct cli_command_line *line, int argc,
                          char **argv);

// Setters for common kinds of field: bool, const char *, unsigned.
cli_option_set cli_set_true;
cli_option_set cli_set_text;
cli_option_set cli_set_number;

// A list that grows, for options that may be repeated (cli_add_text).
struct cli_texts {
    const char **items;
    size_t count;
};

cli_option_set cli_add_text;

#endif
