// SPDX-License-Identifier: MIT
// core/base/storage.h over MicroPython's file systems: open(), os and the
// stream protocol. An exception never passes through the engine: an OSError
// becomes the engine's error, any other (KeyboardInterrupt, MemoryError) is
// kept and raised by blox_bind_storage_check once the engine has returned.
#ifndef BIND_COMMON_STORAGE_H
#define BIND_COMMON_STORAGE_H

#include "bind/common/compat.h"
#include "core/base/storage.h"

// Part of an object on MicroPython's heap, so that the collector sees it.
struct blox_bind_storage {
    struct blox_storage ops; // for the engine
    mp_obj_t os;             // the module
    mp_obj_t open;           // the built-in function
    mp_obj_t path;           // of the running listing, as a str
    mp_obj_t listing;        // its iterator, or MP_OBJ_NULL
    uint32_t listed;         // entries taken from it
    mp_obj_t raised;         // kept exception, or MP_OBJ_NULL
};

// Fills the table. The struct must not move afterwards.
void blox_bind_storage_init(struct blox_bind_storage *storage);

// Raises the kept exception, if there is one. Call after every engine call.
void blox_bind_storage_check(struct blox_bind_storage *storage);

#endif
