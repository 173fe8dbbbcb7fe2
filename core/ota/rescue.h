// SPDX-License-Identifier: MIT
// Whether a main.py (or boot.py) carries the rescue: PROTOCOL §6.
#ifndef CORE_OTA_RESCUE_H
#define CORE_OTA_RESCUE_H

#include "core/base/storage.h"

// Finds a line `RESCUE = <n>` that begins at the left margin. Returns n, the
// newest journal format the file understands; 0 when it declares none;
// BLOX_ERROR_MISSING without such a file; or an error of storage.
int blox_rescue_format(const struct blox_storage *storage, const char *path);

#endif
