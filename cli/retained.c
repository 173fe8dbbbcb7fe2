// SPDX-License-Identifier: MIT
#include "cli/retained.h"

#include <stdlib.h>
#include <string.h>

struct retained_one *retained_find(const struct retained *retained,
                                   const char *topic) {
    for (size_t i = 0; i < retained->count; ++i) {
        if (strcmp(retained->ones[i].topic, topic) == 0) {
            return &retained->ones[i];
        }
    }
    return NULL;
}

static void drop(struct retained *retained, struct retained_one *one) {
    free(one->topic);
    free(one->payload);
    *one = retained->ones[--retained->count];
}

static struct retained_one *add(struct retained *retained, const char *topic) {
    retained->ones =
        cli_grow(retained->ones, retained->count + 1, sizeof *retained->ones);
    struct retained_one *one = &retained->ones[retained->count++];
    *one = (struct retained_one){.topic = cli_format("%s", topic)};
    return one;
}

static void take(struct retained *retained,
                 const struct broker_message *message, size_t kept) {
    struct retained_one *one = retained_find(retained, message->topic);
    if (message->size == 0) {
        if (one != NULL) {
            drop(retained, one);
        }
        return;
    }
    one = one != NULL ? one : add(retained, message->topic);
    free(one->payload);
    one->payload = cli_grow(NULL, kept + 1, 1);
    memcpy(one->payload, message->payload, kept);
    one->payload[kept] = '\0';
    one->size = message->size;
    one->fresh = !message->retained;
}

void retained_take(void *context, const struct broker_message *message) {
    take(context, message, message->size);
}

void retained_take_size(void *context, const struct broker_message *message) {
    take(context, message, 0);
}

void retained_free(struct retained *retained) {
    while (retained->count > 0) {
        drop(retained, &retained->ones[retained->count - 1]);
    }
    free(retained->ones);
    retained->ones = NULL;
}

enum cli_exit retained_read(struct retained *retained,
                            const struct broker_settings *settings,
                            const char *const *filters, size_t count) {
    struct broker broker;
    const struct broker_listener listener = {retained, retained_take};
    enum cli_exit result = broker_open(&broker, settings);
    if (result == CLI_OK) {
        result = broker_collect(&broker, &listener, filters, count);
    }
    broker_close(&broker);
    return result;
}

const char *topic_behind(const char *topic, const char *prefix) {
    size_t size = strlen(prefix);
    return strncmp(topic, prefix, size) == 0 ? topic + size : NULL;
}
