// SPDX-License-Identifier: MIT
// Takes retained messages off a broker.
#ifndef CLI_CLEAR_H
#define CLI_CLEAR_H

#include "cli/broker.h"

// Sends a retained message without payload to each topic. Returns as
// broker_deliver does.
enum cli_exit clear_topics(struct broker *broker, const char *const *topics,
                           size_t count);

#endif
