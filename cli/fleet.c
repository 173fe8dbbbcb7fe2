// SPDX-License-Identifier: MIT
#include "cli/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "core/pkg/name.h"

static const char PREFIX[] = "mpypi/nodes/";

const char *const fleet_filters[FLEET_FILTERS] = {
    "mpypi/nodes/+/info",
    "mpypi/nodes/+/status",
    "mpypi/nodes/+/update",
};

static const char *const LAST[FLEET_FILTERS] = {"info", "status", "update"};

void fleet_node_filters(char *filters[FLEET_FILTERS], const char *id) {
    for (size_t i = 0; i < FLEET_FILTERS; ++i) {
        filters[i] = cli_format("%s%s/%s", PREFIX, id, LAST[i]);
    }
}

void fleet_free_filters(char *filters[FLEET_FILTERS]) {
    for (size_t i = 0; i < FLEET_FILTERS; ++i) {
        free(filters[i]);
    }
}

char *fleet_topic_id(const char *topic, const char *last) {
    if (strncmp(topic, PREFIX, sizeof PREFIX - 1) != 0) {
        return NULL;
    }
    const char *id = topic + sizeof PREFIX - 1;
    const char *slash = strchr(id, '/');
    if (slash == NULL || slash == id || strcmp(slash + 1, last) != 0) {
        return NULL;
    }
    return cli_format("%.*s", (int)(slash - id), id);
}

// ---- nodes ------------------------------------------------------------------

// Where a node is, or would be.
static size_t place_of(const struct fleet *fleet, const char *id) {
    size_t low = 0, high = fleet->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(fleet->nodes[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct node *fleet_find(const struct fleet *fleet, const char *id) {
    size_t at = place_of(fleet, id);
    return at < fleet->count && strcmp(fleet->nodes[at].id, id) == 0
               ? &fleet->nodes[at]
               : NULL;
}

// The node of that id, new if need be. Takes id over.
static struct node *obtain(struct fleet *fleet, char *id) {
    struct node *node = fleet_find(fleet, id);
    if (node != NULL) {
        free(id);
        return node;
    }
    size_t at = place_of(fleet, id);
    fleet->nodes =
        cli_grow(fleet->nodes, fleet->count + 1, sizeof *fleet->nodes);
    memmove(&fleet->nodes[at + 1], &fleet->nodes[at],
            (fleet->count - at) * sizeof *fleet->nodes);
    ++fleet->count;
    fleet->nodes[at] = (struct node){.id = id};
    return &fleet->nodes[at];
}

static void free_node(struct node *node) {
    cJSON_Delete(node->info);
    cJSON_Delete(node->update);
    free(node->id);
}

// A cleared topic: the node was removed, or said to be gone.
static bool is_nothing(const struct broker_message *message) {
    return message->size == 0;
}

static bool take_object(cJSON **place, const struct broker_message *message) {
    cJSON *object = cJSON_ParseWithLength(message->payload, message->size);
    if (!cJSON_IsObject(object) && !is_nothing(message)) {
        cJSON_Delete(object);
        return false;
    }
    cJSON_Delete(*place);
    *place = object;
    return true;
}

static bool payload_is(const struct broker_message *message, const char *text) {
    return message->size == strlen(text) &&
           memcmp(message->payload, text, message->size) == 0;
}

static bool take_status(struct node *node,
                        const struct broker_message *message) {
    node->status = payload_is(message, "online")    ? NODE_ONLINE
                   : payload_is(message, "offline") ? NODE_OFFLINE
                                                    : NODE_UNKNOWN;
    return true;
}

static bool take(struct node *node, size_t kind,
                 const struct broker_message *message) {
    switch (kind) {
    case 0:
        return take_object(&node->info, message);
    case 1:
        return take_status(node, message);
    default:
        return take_object(&node->update, message);
    }
}

struct node *fleet_take(struct fleet *fleet,
                        const struct broker_message *message) {
    for (size_t i = 0; i < FLEET_FILTERS; ++i) {
        char *id = fleet_topic_id(message->topic, LAST[i]);
        if (id == NULL) {
            continue;
        }
        if (is_nothing(message) && fleet_find(fleet, id) == NULL) {
            free(id);
            return NULL;
        }
        struct node *node = obtain(fleet, id);
        return take(node, i, message) ? node : NULL;
    }
    return NULL;
}

void fleet_free(struct fleet *fleet) {
    for (size_t i = 0; i < fleet->count; ++i) {
        free_node(&fleet->nodes[i]);
    }
    free(fleet->nodes);
    *fleet = (struct fleet){0};
}

// ---- reading ----------------------------------------------------------------

static void on_message(void *context, const struct broker_message *message) {
    fleet_take(context, message);
}

enum cli_exit fleet_read(struct fleet *fleet, struct broker_settings *settings,
                         const char *id, double seconds) {
    struct broker broker;
    char *filters[FLEET_FILTERS] = {NULL};
    const struct broker_listener listener = {fleet, on_message};
    if (id != NULL) {
        fleet_node_filters(filters, id);
    }
    enum cli_exit result = broker_open(&broker, settings);
    if (result == CLI_OK) {
        result = broker_collect(&broker, &listener,
                                id != NULL ? (const char *const *)filters
                                           : fleet_filters,
                                FLEET_FILTERS);
    }
    if (result == CLI_OK && seconds > 0) {
        result = broker_listen(&broker, seconds, NULL);
    }
    broker_close(&broker);
    fleet_free_filters(filters);
    return result;
}

// ---- what they say ----------------------------------------------------------

const char *json_text(const cJSON *object, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

double json_number(const cJSON *object, const char *key, double none) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(value) ? value->valuedouble : none;
}

const char *node_package(const struct node *node, const char *name) {
    const cJSON *versions =
        cJSON_GetObjectItemCaseSensitive(node->info, "versions");
    const cJSON *version;
    cJSON_ArrayForEach(version, versions) {
        if (cJSON_IsString(version) && version->string != NULL &&
            blox_name_equal(blox_span_text(version->string),
                            blox_span_text(name))) {
            return version->valuestring;
        }
    }
    return NULL;
}

const char *node_version(const struct node *node) {
    return node_package(node, "mpy-blox");
}

const char *node_channel(const struct node *node) {
    return json_text(node->info, "channel");
}

const char *node_state(const struct node *node) {
    return json_text(node->update, "state");
}

const char *node_error(const struct node *node) {
    return json_text(node->update, "error");
}

const char *node_platform(const struct node *node) {
    const char *platform = json_text(node->info, "platform");
    const cJSON *uname = cJSON_GetObjectItemCaseSensitive(node->info, "uname");
    return platform != NULL ? platform : json_text(uname, "sysname");
}

const char *node_status_text(enum node_status status) {
    static const char *const texts[] = {"unknown", "online", "offline"};
    return texts[status];
}

char *node_progress(const struct node *node) {
    const char *state = node_state(node);
    double total = json_number(node->update, "total", 0);
    double received = json_number(node->update, "received", 0);
    if (state == NULL) {
        return cli_format("-");
    }
    if (strcmp(state, "downloading") == 0 && total > 0) {
        return cli_format("%s %.0f/%.0f %.0f %%", state,
                          json_number(node->update, "done", 0) + 1,
                          json_number(node->update, "of", 1),
                          received / total * 100);
    }
    return cli_format("%s", state);
}

cJSON *node_json(const struct node *node) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "node", node->id);
    cJSON_AddStringToObject(object, "status", node_status_text(node->status));
    cJSON_AddItemToObject(object, "info",
                          node->info != NULL ? cJSON_Duplicate(node->info, 1)
                                             : cJSON_CreateNull());
    cJSON_AddItemToObject(object, "update",
                          node->update != NULL
                              ? cJSON_Duplicate(node->update, 1)
                              : cJSON_CreateNull());
    return object;
}
