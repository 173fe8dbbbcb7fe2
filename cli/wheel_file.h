// SPDX-License-Identifier: MIT
// What a publisher must know of a wheel: that it is one, and its name.
#ifndef CLI_WHEEL_FILE_H
#define CLI_WHEEL_FILE_H

#include "cli/package.h"

// Reads name, version and tags of the wheel in package->data; checks that
// it is a zip whose every member reads back sound, that it has one
// .dist-info with METADATA, WHEEL and RECORD, and that its member paths are
// ones a device takes. On failure says why and returns CLI_INPUT.
enum cli_exit wheel_file_read(struct package *package);

#endif
