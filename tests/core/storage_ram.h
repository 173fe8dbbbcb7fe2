// SPDX-License-Identifier: MIT
// A file system in memory behind core/base/storage.h, for tests: it counts
// blocks and operations, fails the operation it is told to, and loses power.
//
// The model of littlefs: a file's data reaches the flash when it is closed (a
// new or rewritten file is, after a power cut, what it was at its last
// close), and rename, remove and make_directory are atomic. A file takes its
// size rounded up to blocks and one more for its metadata, a directory two.
#ifndef TESTS_CORE_STORAGE_RAM_H
#define TESTS_CORE_STORAGE_RAM_H

#include "core/base/storage.h"

enum { STORAGE_RAM_FILES = 1200, STORAGE_RAM_OPEN = 8 };

struct storage_ram_file {
    char *path; // NULL: free
    bool directory;
    uint8_t *data; // as it survives a power cut
    size_t size;
};

struct storage_ram_handle {
    bool used;
    int mode;      // enum blox_storage_mode
    size_t file;   // index into files
    uint32_t at;   // for reading
    uint8_t *data; // written and not yet closed
    size_t size;
    uint32_t power; // of the boot that opened it
};

struct storage_ram {
    struct blox_storage ops; // hand &ram->ops to the engine
    struct storage_ram_file files[STORAGE_RAM_FILES];
    struct storage_ram_handle handles[STORAGE_RAM_OPEN];
    uint32_t block_size; // 4096
    uint32_t blocks;     // in all; 512

    uint32_t operations; // so far
    uint32_t writes;     // of them, those that change the flash
    uint32_t open_files; // handles not yet closed

    // Set by the test:
    uint32_t fail_at;   // the operation of this number (from 1) fails; 0: none
    int fail_with;      // with this error
    bool fail_for_ever; // and all later ones too
    uint32_t cut_at;    // power is lost at this write (from 1): 0: never
    bool off;           // power is off: everything fails until storage_ram_boot
    uint32_t power;     // boots so far
    uint32_t read_at_most; // bytes a read returns; 0: all that is asked for
};

// An empty file system of 512 blocks of 4096 bytes. Free it with
// storage_ram_free().
void storage_ram_init(struct storage_ram *ram);
void storage_ram_free(struct storage_ram *ram);

// Forgets counters, faults and all open handles; the files stay.
void storage_ram_boot(struct storage_ram *ram);

// Makes a file (and the directories above it) without counting; replaces one
// that is there.
void storage_ram_put(struct storage_ram *ram, const char *path,
                     const void *data, size_t size);

// Removes a file without counting, if there.
void storage_ram_drop(struct storage_ram *ram, const char *path);

// Makes a directory without counting.
void storage_ram_mkdir(struct storage_ram *ram, const char *path);

// The file of this path, or NULL.
const struct storage_ram_file *storage_ram_get(const struct storage_ram *ram,
                                               const char *path);

// Blocks in use now.
uint32_t storage_ram_used(const struct storage_ram *ram);

// A checksum of every path and content under prefix, in any order of making:
// equal when the trees are equal.
uint32_t storage_ram_hash(const struct storage_ram *ram, const char *prefix);

#endif
