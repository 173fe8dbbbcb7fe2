// SPDX-License-Identifier: MIT
// What every part of the host tool shares: exit codes, verbs, errors.
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

// The exit codes; what they mean is said by cli_exit_meaning.
enum cli_exit {
    CLI_OK = 0,
    CLI_INTERNAL = 1,    // out of memory and the like
    CLI_USAGE = 2,       // an option or argument is wrong
    CLI_INPUT = 3,       // a file is missing or is not what it should be
    CLI_CONNECTION = 4,  // no broker, or the connection was lost
    CLI_REFUSED = 5,     // the broker said no
    CLI_INTERRUPTED = 6, // stopped with Ctrl-C before it was done
    CLI_FAILED = 7,      // a device refused, failed or went back
    CLI_SILENT = 8,      // a device did not answer in time
    CLI_DIFFERENT = 9,   // what was compared is not the same
    CLI_EXIT_COUNT,
};

// An exit code in a few words. The string is constant.
const char *cli_exit_meaning(enum cli_exit code);

// Writes "blox: " and the formatted sentence to stderr, control characters
// made harmless. Returns code.
__attribute__((format(printf, 2, 3))) enum cli_exit
cli_fail(enum cli_exit code, const char *format, ...);

// Writes a warning to stderr the same way.
__attribute__((format(printf, 1, 2))) void cli_warn(const char *format, ...);

// Whether errors and warnings are swallowed from now on, for what is tried
// again anyway.
void cli_hush(bool hushed);

// Memory that is always there: on failure the tool says so and ends with
// CLI_INTERNAL. The caller frees it.
void *cli_grow(void *memory, size_t count, size_t size);
__attribute__((format(printf, 1, 2))) char *cli_format(const char *format, ...);

#endif
