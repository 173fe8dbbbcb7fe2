// SPDX-License-Identifier: MIT
// What is installed under a prefix such as "/lib": every directory
// <name>-<version>.dist-info with METADATA in it is a package (PEP 376).
#ifndef CORE_PKG_INSTALLED_H
#define CORE_PKG_INSTALLED_H

#include "core/base/storage.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

struct blox_installed {
    char dist_info[BLOX_PATH_MAX + 1]; // directory, relative to the prefix
};

// Finds a package; names compare after PEP 503. A dist-info directory without
// METADATA (a torn removal) is passed over. Returns BLOX_OK,
// BLOX_ERROR_MISSING (not installed), or an error of storage.
int blox_installed_find(const struct blox_storage *storage, const char *prefix,
                        struct blox_span name,
                        struct blox_installed *installed);

// To iterate over an installed package's files:
// blox_record_open("<prefix>/<dist_info>/RECORD"), core/pkg/record.h.

#endif
