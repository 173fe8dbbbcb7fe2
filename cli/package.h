// SPDX-License-Identifier: MIT
// One entry of an update list, with the bytes that go with it.
#ifndef CLI_PACKAGE_H
#define CLI_PACKAGE_H

#include <stdbool.h>

#include "cli/file.h"

enum package_kind { PACKAGE_WHEEL, PACKAGE_SRC, PACKAGE_DELETE };

// The package topics of PROTOCOL §3, as bits of a set.
enum package_form {
    PACKAGE_FORM_A = 1, // original 0.4 to 0.6
    PACKAGE_FORM_B = 2, // original 0.3
    PACKAGE_FORM_C = 4, // README of the original
};

struct package {
    enum package_kind kind;
    const char *file; // on this machine; NULL for a delete
    char *path;       // on the device; NULL for a wheel
    char *name;       // of a wheel, as its METADATA has it
    char *version;
    char *tags;     // of a wheel, separated by ", "
    char *platform; // of a wheel: "esp32c3", empty when any device takes it
    char *mpy;      // of a wheel with native members: "6.3"; else NULL
    char *label;    // what a person calls it
    struct file_bytes bytes;
    char sha256[65];
};

// Each fills *package, after checking what a device would check before it
// installs anything: paths, the wheel's structure and names. On failure says
// why and returns CLI_INPUT, or CLI_USAGE for a path that no device takes.
// package_free is called in either case.
enum cli_exit package_wheel(struct package *package, const char *file);
enum cli_exit package_src(struct package *package, const char *file,
                          const char *path);
enum cli_exit package_delete(struct package *package, const char *path);

void package_free(struct package *package);

// Why two packages cannot be in one list, in a sentence that the caller frees;
// NULL when they can. Wheels of one name can when they are of one version, for
// different platforms or for different sub-versions of native code; and one
// may be stage one of the other, its version with .dev0 (docs/migration.md).
char *package_clash(const struct package *a, const struct package *b);

// The topic of one form, for the caller to free; NULL for a package that has
// no bytes to send.
char *package_topic(const struct package *package, enum package_form form);

// Whether the topic of this form names the package's hash.
bool package_topic_has_hash(const struct package *package,
                            enum package_form form);

// The update list of PROTOCOL §2, compact, for the caller to free. A wheel for
// one platform is a platform-wheel, which devices of before 1.0 skip: of the
// wheels of a name, the one such devices take is a `wheel` besides; stage one
// is that and nothing else.
char *package_list(const struct package *packages, size_t count);

#endif
