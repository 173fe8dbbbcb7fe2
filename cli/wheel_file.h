// SPDX-License-Identifier: MIT
// Looks at a wheel as a device will, with the device's own reader
// (core/pkg/unpack.h): what a device would refuse is refused before it is
// published.
#ifndef CLI_WHEEL_FILE_H
#define CLI_WHEEL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/mpy_file.h"
#include "cli/wheel_store.h"

// What originals take in one piece (PROTOCOL §9).
enum { WHEEL_ORIGINAL_MAX = 48 * 1024 };

struct wheel_member {
    char *path;
    const uint8_t *data; // size bytes, in the wheel_file
    size_t size;
    size_t packed; // bytes in the zip
    bool deflated;
    bool is_mpy;
    struct mpy_head mpy; // when is_mpy
};

struct wheel_file {
    const char *file; // what messages call it
    char *name;       // as METADATA has it
    char *version;
    char *platform;    // that its tag names; empty for py3-none-any
    const char **tags; // all of WHEEL
    size_t tag_count;
    unsigned window_bits;
    struct wheel_member *members; // sorted by path
    size_t count;

    bool native;          // some members are native code
    unsigned sub_version; // of which: 6.<sub_version>
    unsigned arch;

    // Private.
    struct wheel_store store;
    char *tag_text;
};

// Reads the wheel of size bytes at data, which must outlive it, and checks all
// of PROTOCOL §8, and that native members are for the platform of its tag and
// all of one sub-version. On failure says why and returns CLI_INPUT.
// wheel_file_free is called in either case.
enum cli_exit wheel_file_read(struct wheel_file *wheel, const char *file,
                              const uint8_t *data, size_t size);

// The text of a file in .dist-info ("METADATA"), NUL-terminated; NULL when
// there is none.
const char *wheel_file_info(const struct wheel_file *wheel, const char *name);

// Checks what devices that run the original ask for besides (PROTOCOL §9). On
// failure says why and returns CLI_INPUT.
enum cli_exit wheel_file_check_original(const struct wheel_file *wheel);

// The tags with ", " between them, for the caller to free.
char *wheel_file_tags(const struct wheel_file *wheel);

void wheel_file_free(struct wheel_file *wheel);

#endif
