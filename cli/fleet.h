// SPDX-License-Identifier: MIT
// What the broker retains of the devices: who is there and what they say.
#ifndef CLI_FLEET_H
#define CLI_FLEET_H

#include <cjson/cJSON.h>

#include "cli/broker.h"

enum node_status { NODE_UNKNOWN, NODE_ONLINE, NODE_OFFLINE };

struct node {
    char *id;
    cJSON *info;   // the last that was JSON; NULL: none
    cJSON *update; // the same
    enum node_status status;
};

// Sorted by id.
struct fleet {
    struct node *nodes;
    size_t count;
};

// The filters that bring all of it: info, status, update of every node.
enum { FLEET_FILTERS = 3 };
extern const char *const fleet_filters[FLEET_FILTERS];

// The same for one node, for the caller to free with fleet_free_filters.
void fleet_node_filters(char *filters[FLEET_FILTERS], const char *id);
void fleet_free_filters(char *filters[FLEET_FILTERS]);

// Takes a message of one of these topics. Returns the node it is about, or
// NULL: another topic, or nothing new.
struct node *fleet_take(struct fleet *fleet,
                        const struct broker_message *message);

// The node with this id, or NULL.
struct node *fleet_find(const struct fleet *fleet, const char *id);
void fleet_free(struct fleet *fleet);

// Connects, fills an empty fleet with what is retained, listens for some
// seconds more, and closes. id NULL: every node. On failure says why.
enum cli_exit fleet_read(struct fleet *fleet, struct broker_settings *settings,
                         const char *id, double seconds);

// The node id in a topic "mpypi/nodes/<id>/<last>"; for the caller to free.
// NULL for another topic.
char *fleet_topic_id(const char *topic, const char *last);

// What a node says, NULL for what it does not: version of mpy-blox, channel,
// state of the update, its error. Valid as long as the node does not change.
const char *node_version(const struct node *node);
const char *node_channel(const struct node *node);
const char *node_state(const struct node *node);
const char *node_error(const struct node *node);

// The platform; of a device of before 1.0 that its uname stands for.
const char *node_platform(const struct node *node);

// The installed version of a package, by any form of its name, or NULL.
const char *node_package(const struct node *node, const char *name);

// Text or a number inside an object, NULL or a default when there is none.
const char *json_text(const cJSON *object, const char *key);
double json_number(const cJSON *object, const char *key, double none);

// "online", "offline" or "unknown".
const char *node_status_text(enum node_status status);

// State and progress in a few words, for the caller to free.
char *node_progress(const struct node *node);

// A node as --json has it.
cJSON *node_json(const struct node *node);

#endif
