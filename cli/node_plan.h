// SPDX-License-Identifier: MIT
// What an update list would do to a device, as far as what it said of itself
// tells: the planner of core/ota, run on the host.
#ifndef CLI_NODE_PLAN_H
#define CLI_NODE_PLAN_H

#include "cli/fleet.h"
#include "cli/update_list.h"

struct node_plan {
    struct node_step {
        enum blox_list_type type; // wheel, src or delete
        char *what;               // "bigpkg 1.1", "user_main.py"
        char *had;                // the version that goes; NULL: none is known
        bool replaces;
        bool has_size;
        uint32_t size; // to download
    } * steps;
    size_t count;
    char set[9];   // names the set, as the device's `update` does
    bool for_me;   // any entry is for this device
    bool no_room;  // its flash has certainly not enough
    char why[200]; // why the device would refuse the list; "": it takes it
};

// Makes the plan of a list for a node. Returns whether the device would take
// the list; else why says the sentence. node_plan_free in either case.
bool node_plan_make(struct node_plan *plan, const struct node *node,
                    const char *list, size_t size);

void node_plan_free(struct node_plan *plan);

// Whether the device is one of before 1.0, of which less is known.
bool node_is_original(const struct node *node);

#endif
