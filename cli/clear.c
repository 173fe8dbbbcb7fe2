// SPDX-License-Identifier: MIT
#include "cli/clear.h"

#include <stdlib.h>

static void on_moved(void *context, uint64_t bytes) {
    (void)context, (void)bytes;
}

static void on_acknowledged(void *context, const struct broker_delivery *one) {
    (void)context, (void)one;
}

enum cli_exit clear_topics(struct broker *broker, const char *const *topics,
                           size_t count) {
    const struct broker_observer observer = {NULL, on_moved, on_acknowledged};
    struct broker_delivery *deliveries =
        cli_grow(NULL, count, sizeof *deliveries);
    for (size_t i = 0; i < count; ++i) {
        deliveries[i] = (struct broker_delivery){
            .topic = topics[i], .retain = true, .label = topics[i]};
    }
    enum cli_exit result = broker_deliver(broker, deliveries, count, &observer);
    free(deliveries);
    return result;
}
