// SPDX-License-Identifier: MIT
// What a verb of the tool is: one constant table from which its command line is
// parsed and its help, manual and completion are made. A new verb is a file
// that defines one and a line in verbs.c.
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cli/options.h"

// A line to try, and what it does. A table ends with a row of NULL.
struct cli_example {
    const char *does;    // "Shows every node that is offline"
    const char *command; // "blox nodes --offline"
};

struct cli_verb {
    const char *name;    // one word, or two: "publish", "wheel build"
    const char *summary; // one line, lower case, no dot
    const char *usage;   // what follows the name, when the tables do not say it
    const char *about;   // paragraphs of plain sentences, "\n\n" between them
    const struct cli_argument *arguments;  // or NULL
    const struct cli_option_group *groups; // ends with options NULL; or NULL
    const struct cli_example *examples;    // or NULL
    unsigned exits;      // a set of enum cli_exit: which can end it
    size_t request_size; // of the struct that run gets, zero at first

    // Does it. request is filled as the tables say and lives as long as the
    // program, as does all its setters allocate. Says what goes wrong itself.
    enum cli_exit (*run)(void *request);
};

#define CLI_EXIT(name) (1u << CLI_##name)

enum {
    CLI_EXITS_ALWAYS = CLI_EXIT(OK) | CLI_EXIT(INTERNAL) | CLI_EXIT(USAGE),
    CLI_EXITS_FILES = CLI_EXITS_ALWAYS | CLI_EXIT(INPUT),
    CLI_EXITS_BROKER = CLI_EXITS_FILES | CLI_EXIT(CONNECTION) |
                       CLI_EXIT(REFUSED) | CLI_EXIT(INTERRUPTED),
};

// All verbs, in the order of --help; ends with NULL.
extern const struct cli_verb *const cli_verbs[];

// The verb whose name the first words are, or NULL; *words is how many.
const struct cli_verb *cli_verb_find(int argc, char **argv, int *words);

// Whether some verb's name begins with this word and has another behind it.
bool cli_verb_is_family(const char *word);

// Parses a command line behind the verb's name and runs the verb: --name value,
// --name=value, -x value, -xvalue; arguments and options may mix; after -- all
// are arguments. What the line leaves open comes from the environment, else
// from config.json. Returns what run returned; CLI_OK after printing --help;
// CLI_USAGE, or CLI_INPUT for a bad config.json, after saying what is wrong.
enum cli_exit cli_verb_run(const struct cli_verb *verb, int argc, char **argv);

// Calls visit for each option of a verb until that returns true; returns
// whether it did. base is the offset of the option's struct in the request.
typedef bool cli_option_visit(void *context, const struct cli_option *option,
                              size_t base);
bool cli_verb_options(const struct cli_verb *verb, cli_option_visit *visit,
                      void *context);

// Prints a verb's whole --help; of a family, its verbs; of the tool.
void cli_help_verb(const struct cli_verb *verb);
void cli_help_family(const char *word);
void cli_help_tool(void);

// Prints what follows "blox" in a verb's usage line.
void cli_help_usage(const struct cli_verb *verb);

// Prints the manual page in roff, and what makes bash and zsh complete.
void cli_manual(void);
void cli_complete_bash(void);
void cli_complete_zsh(void);

#endif
