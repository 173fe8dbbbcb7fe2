// SPDX-License-Identifier: MIT
// What every part of the host tool shares: exit codes, verbs, errors.
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>

// The exit codes; `blox --help` lists them in the words of exit_code.c.
enum cli_exit {
    CLI_OK = 0,
    CLI_INTERNAL = 1,    // out of memory and the like
    CLI_USAGE = 2,       // an option or argument is wrong
    CLI_INPUT = 3,       // a file is missing or is not what it should be
    CLI_CONNECTION = 4,  // no broker, or the connection was lost
    CLI_REFUSED = 5,     // the broker said no
    CLI_INTERRUPTED = 6, // stopped with Ctrl-C before it was done
};

// One verb of the tool. run gets the arguments behind the verb.
struct cli_verb {
    const char *name;
    const char *summary; // one line for `blox --help`
    enum cli_exit (*run)(int argc, char **argv);
};

enum cli_exit cli_publish(int argc, char **argv);

// Lists the exit codes on stdout.
void cli_exit_help(void);

// Writes "blox: " and the formatted sentence to stderr, control characters
// made harmless. Returns code.
__attribute__((format(printf, 2, 3))) enum cli_exit
cli_fail(enum cli_exit code, const char *format, ...);

// Writes a warning to stderr the same way.
__attribute__((format(printf, 1, 2))) void cli_warn(const char *format, ...);

// Memory that is always there: on failure the tool says so and ends with
// CLI_INTERNAL. The caller frees it.
void *cli_grow(void *memory, size_t count, size_t size);
__attribute__((format(printf, 1, 2))) char *cli_format(const char *format, ...);

#endif
