// SPDX-License-Identifier: MIT
// Messages a broker retains, kept in memory: lists of channels, packages.
#ifndef CLI_RETAINED_H
#define CLI_RETAINED_H

#include "cli/broker.h"

struct retained {
    struct retained_one {
        char *topic;
        char *payload; // with a NUL behind it
        size_t size;
        bool fresh; // came while we listened
    } * ones;       // in the order they came
    size_t count;
};

// What a broker_listener calls, its context a struct retained: keeps the
// message, the newest of each topic; one without payload clears the topic.
void retained_take(void *context, const struct broker_message *message);

// The same, but of the payload only the size is kept.
void retained_take_size(void *context, const struct broker_message *message);

// The message with this topic, or NULL.
struct retained_one *retained_find(const struct retained *retained,
                                   const char *topic);
void retained_free(struct retained *retained);

// Connects, keeps what is retained under these filters, and closes. On failure
// says why.
enum cli_exit retained_read(struct retained *retained,
                            const struct broker_settings *settings,
                            const char *const *filters, size_t count);

// The part of a topic behind a prefix, or NULL.
const char *topic_behind(const char *topic, const char *prefix);

#endif
