// SPDX-License-Identifier: MIT
// Where options come from that the command line does not have: BLOX_* of the
// environment, then config.json.
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/verb.h"

// The places a value can come from, the strongest first.
enum cli_place {
    CLI_PLACE_LINE = 1,
    CLI_PLACE_ENVIRONMENT,
    CLI_PLACE_CONFIG,
};

// Where each option of a verb was said, in the order cli_verb_options visits
// them; 0 for nowhere.
struct cli_said {
    enum cli_place place[96];
};

// Fills in what said leaves open. config.json is read from $BLOX_CONFIG, else
// $XDG_CONFIG_HOME/blox/, else ~/.config/blox/; none is no error. Returns
// CLI_OK; CLI_USAGE for a wrong value in the environment and CLI_INPUT for a
// wrong file, after saying so.
enum cli_exit cli_settings_fill(const struct cli_verb *verb,
                                struct cli_said *said, void *request);

#endif
