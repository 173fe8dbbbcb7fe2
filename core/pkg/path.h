// SPDX-License-Identifier: MIT
// Which paths from outside are let onto the file system (PROTOCOL §2, §8).
#ifndef CORE_PKG_PATH_H
#define CORE_PKG_PATH_H

#include "core/base/span.h"

enum { BLOX_PATH_MAX = 200 }; // bytes of a path in a list or a wheel

// Checks the path of a `src` or `delete` entry: relative to '/', UTF-8, 1 to
// BLOX_PATH_MAX bytes, no '..' or '.' or empty segment, no control character,
// '\', '+' or '#', nothing at or under '.blox' in any letter case. Returns
// NULL when the path is allowed, else the reason as a constant phrase, such
// as "the path has a '..' segment".
const char *blox_path_refuse_source(struct blox_span path);

// Checks the name of a wheel's member, relative to /lib: as above, but '+'
// and '#' are allowed (versions have '+').
const char *blox_path_refuse_member(struct blox_span path);

#endif
