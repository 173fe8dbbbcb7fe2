// SPDX-License-Identifier: MIT
// What is installed under a prefix such as "/lib": every directory
// <name>-<version>.dist-info with a readable METADATA is a package (PEP 376).
#ifndef CORE_PKG_INSTALLED_H
#define CORE_PKG_INSTALLED_H

#include "core/base/storage.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

struct blox_installed {
    char name[BLOX_NAME_MAX + 1];       // as METADATA has it
    char version[BLOX_VERSION_MAX + 1]; // as METADATA has it
    char dist_info[BLOX_PATH_MAX + 1];  // directory, relative to the prefix
};

// Gives the installed packages one after the other; start with *index 0.
// A dist-info directory without readable METADATA (a torn removal) is passed
// over. Nothing may be added to or removed from the prefix meanwhile. Returns
// 1, 0 after the last one, or an error of storage.
int blox_installed_next(const struct blox_storage *storage, const char *prefix,
                        uint32_t *index, struct blox_installed *installed);

// Finds a package; names compare after PEP 503. Returns BLOX_OK,
// BLOX_ERROR_MISSING (not installed), or an error of storage.
int blox_installed_find(const struct blox_storage *storage, const char *prefix,
                        struct blox_span name,
                        struct blox_installed *installed);

// To iterate over an installed package's files:
// blox_record_open("<prefix>/<dist_info>/RECORD"), core/pkg/record.h.

#endif
