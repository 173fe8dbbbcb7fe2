// SPDX-License-Identifier: MIT
// A device's file system as its `info` tells of it, for the planner that
// devices have: installed packages, files that came as src, free room, and in
// /.blox the list and what is to be done. A file's content is not there, only
// the first digits of its hash: where the planner hashes a file, it gets the
// hash that the list asks for when those digits agree.
#ifndef CLI_NODE_FILES_H
#define CLI_NODE_FILES_H

#include "cli/fleet.h"
#include "cli/update_list.h"
#include "core/base/storage.h"

struct node_files {
    const struct node *node;
    const struct update_list *list;
    struct blox_span text; // of the list
    struct blox_storage storage;
    struct blox_sha256 sha256;

    // Private.
    uint8_t *todo;
    size_t todo_size;
    size_t list_at, todo_at; // where they are read
    char *hashed;            // path of the file being hashed
    struct blox_sha256 all;  // of everything else
};

// node, list and text must stay as long as files.
void node_files_init(struct node_files *files, const struct node *node,
                     const struct update_list *list, struct blox_span text);

void node_files_free(struct node_files *files);

#endif
