// SPDX-License-Identifier: MIT
// Looks at a wheel as a device will: what a device would refuse is refused
// before it is published.
#ifndef CLI_WHEEL_FILE_H
#define CLI_WHEEL_FILE_H

#include "cli/package.h"

// Reads name, version and tags of the wheel in package->data. Checks that it
// is a zip of stored and deflated members that read back sound, each once and
// at a path a device takes; that it has one .dist-info with METADATA, WHEEL
// and RECORD; that each member has the size and hash RECORD gives; that some
// device takes one of its tags. On failure says why and returns CLI_INPUT.
enum cli_exit wheel_file_read(struct package *package);

#endif
