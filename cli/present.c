// SPDX-License-Identifier: MIT
#include "cli/present.h"

#include <string.h>

enum {
    WHOLE_MAX = 16384, // bytes that are read to the end even under a hash
    ENOUGH = 8192,     // bytes of a larger one that show that it is there
};

static const uint64_t ALL = UINT64_MAX;

static void compare(void *context, const struct broker_message *message) {
    struct broker_delivery *delivery = context;
    delivery->present =
        strcmp(message->topic, delivery->topic) == 0 &&
        message->size == delivery->size &&
        memcmp(message->payload, delivery->payload, delivery->size) == 0;
}

static bool is_large(const struct present_query *query) {
    return query->hashed && query->delivery->size > WHOLE_MAX;
}

static enum cli_exit probe(struct broker *broker,
                           const struct present_query *query) {
    struct broker_delivery *delivery = query->delivery;
    const struct broker_listener listener = {delivery, compare};
    enum broker_held held;
    enum cli_exit result = broker_probe(broker, &listener, delivery->topic,
                                        is_large(query) ? ENOUGH : ALL, &held);
    broker->listener = NULL;
    delivery->present = delivery->present || held == HELD_UNREAD;
    return result;
}

static enum cli_exit probe_large(const struct broker_settings *settings,
                                 const struct present_query *query) {
    struct broker broker;
    enum cli_exit result = broker_open(&broker, settings);
    if (result == CLI_OK) {
        result = probe(&broker, query);
    }
    broker_close(&broker);
    return result;
}

static enum cli_exit probe_small(const struct broker_settings *settings,
                                 const struct present_query *queries,
                                 size_t count) {
    struct broker broker;
    enum cli_exit result = broker_open(&broker, settings);
    for (size_t i = 0; i < count && result == CLI_OK; ++i) {
        if (!is_large(&queries[i])) {
            result = probe(&broker, &queries[i]);
        }
    }
    broker_close(&broker);
    return result;
}

enum cli_exit present_find(const struct broker_settings *settings,
                           const struct present_query *queries, size_t count) {
    size_t large = 0;
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < count && result == CLI_OK; ++i) {
        if (is_large(&queries[i])) {
            ++large;
            result = probe_large(settings, &queries[i]);
        }
    }
    return result == CLI_OK && large < count
               ? probe_small(settings, queries, count)
               : result;
}
