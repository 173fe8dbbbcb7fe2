// SPDX-License-Identifier: MIT
// A flash image read and written without MicroPython, with littlefs alone:
// what is on it does not depend on the code under test.
#ifndef TESTS_POWER_IMAGE_H
#define TESTS_POWER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/flash.h"

enum { IMAGE_FILES_MAX = 400, IMAGE_PATH_MAX = 256 };

// A file system's files and directories but for /.blox: equal if and only if
// (in practice) the trees are.
struct image_tree {
    uint64_t files;       // of all paths and contents
    uint64_t directories; // of all their paths
    uint64_t rescuers;    // the part of files that brings a device back
};

// Makes a new chip: nothing in NVS, and a file system with the files below
// the host's folder. Returns false, having said why, when that fails.
bool image_make(struct sim_flash *flash, const char *folder);

// The tree below a folder of the host. Returns false when there is no folder.
bool image_tree_of_folder(const char *folder, struct image_tree *tree);

// The tree of the chip; leftover gets the first path in /.blox that must not
// be there once a device is at rest, or "". (With a broker `todo` may: what
// the updater that runs was last asked for.) Returns false when the file
// system cannot be read.
bool image_tree_of_chip(struct sim_flash *flash, struct image_tree *tree,
                        char leftover[IMAGE_PATH_MAX]);

// Blocks of the file system that are free, or -1.
int image_free_blocks(struct sim_flash *flash);

// Writes a file of this many blocks; it counts as no part of the tree.
bool image_fill(struct sim_flash *flash, int blocks);

// Writes and removes a file in each directory so many times: littlefs moves
// metadata to other blocks after a hundred erases.
bool image_age(struct sim_flash *flash, int times);

// Prints the tree, with sizes, /.blox included.
void image_print(struct sim_flash *flash, FILE *to);

#endif
