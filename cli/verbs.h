// SPDX-License-Identifier: MIT
// The verbs, each of the file that bears its name.
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/verb.h"

extern const struct cli_verb cli_verb_channel_clear;
extern const struct cli_verb cli_verb_channel_show;
extern const struct cli_verb cli_verb_cmd;
extern const struct cli_verb cli_verb_completion;
extern const struct cli_verb cli_verb_diff;
extern const struct cli_verb cli_verb_gc;
extern const struct cli_verb cli_verb_help;
extern const struct cli_verb cli_verb_keygen;
extern const struct cli_verb cli_verb_logs;
extern const struct cli_verb cli_verb_nodes;
extern const struct cli_verb cli_verb_plan;
extern const struct cli_verb cli_verb_provision;
extern const struct cli_verb cli_verb_publish;
extern const struct cli_verb cli_verb_show;
extern const struct cli_verb cli_verb_sign;
extern const struct cli_verb cli_verb_verify;
extern const struct cli_verb cli_verb_watch;
extern const struct cli_verb cli_verb_wheel_build;
extern const struct cli_verb cli_verb_wheel_check;
extern const struct cli_verb cli_verb_wheel_show;

#endif
