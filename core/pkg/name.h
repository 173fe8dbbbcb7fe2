// SPDX-License-Identifier: MIT
// Names of packages (PEP 503): case does not count and runs of '-', '_' and
// '.' are one '-', so mpy-blox, mpy_blox and Mpy.Blox are the same.
#ifndef CORE_PKG_NAME_H
#define CORE_PKG_NAME_H

#include "core/base/text.h"

enum { BLOX_NAME_MAX = 64 };    // bytes of a package's name
enum { BLOX_VERSION_MAX = 64 }; // bytes of a version

// Whether name may name a package: 1 to BLOX_NAME_MAX ASCII letters, digits,
// '-', '_', '.', a letter or digit first and last.
bool blox_name_valid(struct blox_span name);

// Whether version may be one: 1 to BLOX_VERSION_MAX of the characters of PEP
// 440 (letters, digits, '.', '+', '!', '-', '_').
bool blox_version_valid(struct blox_span version);

// Whether a and b name the same package.
bool blox_name_equal(struct blox_span a, struct blox_span b);

// Adds the normalised form of name to text: "mpy-blox".
void blox_name_normalise(struct blox_text *text, struct blox_span name);

// Splits "<name>-<version>.dist-info" at its last '-'. name and version point
// into directory. Returns BLOX_OK, or BLOX_ERROR_FORMAT when it is no such
// name.
int blox_name_split(struct blox_span directory, struct blox_span *name,
                    struct blox_span *version);

#endif
