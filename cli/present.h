// SPDX-License-Identifier: MIT
// Looks which packages the broker has already.
#ifndef CLI_PRESENT_H
#define CLI_PRESENT_H

#include "cli/broker.h"

// A package on its way, and whether its topic's name has its hash.
struct present_query {
    struct broker_delivery *delivery;
    bool hashed;
};

// Sets present of each delivery that lies on its topic already. What lies under
// its hash is what it should be; of a large one only the begin is read. The
// rest is compared byte by byte. Uses connections of its own. On failure says
// why and returns as broker_open and broker_probe do; where we may not read,
// nothing is present.
enum cli_exit present_find(const struct broker_settings *settings,
                           const struct present_query *queries, size_t count);

#endif
