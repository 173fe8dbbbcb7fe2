// SPDX-License-Identifier: MIT
// The objects of _blox_pkg, shared by the files of this module.
#ifndef BIND_PKG_OBJECT_H
#define BIND_PKG_OBJECT_H

#include "bind/common/module.h"
#include "core/codec/inflate.h"
#include "core/pkg/zip.h"

// Reading and seeking in a Python object with readinto() and seek(), as the
// part of core/base/storage.h that a zip needs. What the object raises is kept
// until blox_pkg_file_check().
struct blox_pkg_file {
    struct blox_storage ops;
    mp_obj_t object;
    mp_obj_t view; // shows it our buffers
    mp_obj_t raised;
};

// Part of an object on MicroPython's heap, which must not move.
void blox_pkg_file_init(struct blox_pkg_file *file, mp_obj_t object);

// Raises what was kept, or else the core's error when it is one.
void blox_pkg_file_check(struct blox_pkg_file *file, int error,
                         struct blox_text *why);

typedef struct {
    mp_obj_base_t base;
    struct blox_pkg_file file;
    struct blox_zip zip;
    uint8_t *window; // of the last member that was read to its end, or NULL
    size_t window_size;
} blox_pkg_zip_obj;

enum { BLOX_PKG_INPUT = 256 };

// One member, being read.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t zip;    // blox_pkg_zip_obj
    uint8_t *window; // on MicroPython's heap; NULL: stored, or given back
    size_t window_size;
    uint32_t at;   // offset in the file of what is read next
    uint32_t left; // bytes of content still to come
    uint32_t crc32;
    struct blox_zip_entry entry;
    struct blox_inflate inflate;
    uint8_t input[BLOX_PKG_INPUT];
} blox_pkg_member_obj;

extern const mp_obj_type_t blox_pkg_zip_type;
extern const mp_obj_type_t blox_pkg_member_type;

#endif
