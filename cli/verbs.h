// SPDX-License-Identifier: MIT
// The verbs, each of the file that bears its name.
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/verb.h"

extern const struct cli_verb cli_verb_completion;
extern const struct cli_verb cli_verb_help;
extern const struct cli_verb cli_verb_nodes;
extern const struct cli_verb cli_verb_publish;
extern const struct cli_verb cli_verb_show;

#endif
