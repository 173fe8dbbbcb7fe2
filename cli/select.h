// SPDX-License-Identifier: MIT
// Which nodes a verb is about.
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "cli/fleet.h"
#include "cli/terminal.h"

struct selection {
    struct cli_texts patterns; // of ids
    struct cli_texts channels;
    struct cli_texts platforms;
    struct cli_texts states;
    struct cli_texts packages; // NAME or NAME=VERSION
    bool online;
    bool offline;
};

// The table for struct selection; patterns are arguments of a verb.
extern const struct cli_option selection_options[];

// Whether a node is meant: of each kind that was given, one must hold.
bool selection_has(const struct selection *selection, const struct node *node);

// How a state of an update is shown.
enum terminal_style node_state_style(const char *state);

#endif
