// SPDX-License-Identifier: MIT
// Native code is bound to the firmware's mpy sub-version (PROTOCOL §9): looks
// whether the devices an update is for are known to load it.
#ifndef CLI_NATIVE_CHECK_H
#define CLI_NATIVE_CHECK_H

#include "cli/fleet.h"
#include "cli/package.h"

// Checks wheels with native members against what the nodes of these channels,
// and these nodes, say of their firmware. On failure says which device does not
// load what and returns CLI_INPUT.
enum cli_exit native_check(const struct fleet *fleet,
                           const struct cli_texts *channels,
                           const struct cli_texts *nodes,
                           const struct package *packages, size_t count);

// Whether any of the packages has native members.
bool native_any(const struct package *packages, size_t count);

#endif
