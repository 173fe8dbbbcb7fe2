// SPDX-License-Identifier: MIT
// A JSON document as a tree that knows the line of everything in it. For files
// that people write: the first error ends the program with a sentence.
#ifndef BOARD_JSON_TREE_H
#define BOARD_JSON_TREE_H

#include <stdbool.h>

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_node {
    enum json_type type;
    int line;
    const char *key;         // of an object's member, else NULL
    const char *string;      // of a string
    double number;           // of a number; of a bool 0 or 1
    struct json_node *first; // of an array or object
    struct json_node *next;
    int count; // of its children
};

// Reads a file. What it gives lives as long as the program.
const struct json_node *json_tree_read(const char *path);

// Ends the program: "board: kitchen.json: line 3: " and the sentence.
_Noreturn void json_tree_wrong(const struct json_node *node, const char *format,
                               ...);

// The member of that key, or NULL.
const struct json_node *json_tree_member(const struct json_node *object,
                                         const char *key);

// "a number", "a list" and so on.
const char *json_tree_type(const struct json_node *node);

#endif
