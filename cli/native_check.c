// SPDX-License-Identifier: MIT
#include "cli/native_check.h"

#include <stdio.h>
#include <string.h>

#include "core/pkg/name.h"

bool native_any(const struct package *packages, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; ++i) {
        any = any || packages[i].mpy != NULL;
    }
    return any;
}

// The mpy version a firmware loads: what the device says, else what its
// MicroPython is known to load. "" when neither tells.
static const char *mpy_of(const struct node *node) {
    const cJSON *uname = cJSON_GetObjectItemCaseSensitive(node->info, "uname");
    const char *mpy = json_text(node->info, "mpy");
    const char *version = json_text(uname, "version");
    unsigned major = 0, minor = 0;
    if (mpy != NULL) {
        return mpy;
    }
    if (version == NULL) {
        return "";
    }
    version += *version == 'v';
    if (sscanf(version, "%u.%u", &major, &minor) != 2 || major != 1) {
        return "";
    }
    return minor > 22 ? "6.3" : minor == 22 ? "6.2" : "";
}

static bool same_name(const struct package *a, const struct package *b) {
    return b->name != NULL &&
           blox_name_equal(blox_span_text(a->name), blox_span_text(b->name));
}

static bool is_for(const struct package *package, const char *platform) {
    return *package->platform == '\0' || platform == NULL ||
           strcmp(package->platform, platform) == 0;
}

// Whether some wheel of the same name serves a firmware of this platform and
// mpy version.
static bool is_served(const struct package *packages, size_t count,
                      const struct package *package, const char *platform,
                      const char *mpy) {
    for (size_t i = 0; i < count; ++i) {
        const struct package *other = &packages[i];
        if (same_name(package, other) && is_for(other, platform) &&
            (other->mpy == NULL || strcmp(other->mpy, mpy) == 0)) {
            return true;
        }
    }
    return false;
}

static enum cli_exit check_node(const char *id, const struct node *node,
                                const struct package *packages, size_t count,
                                const struct package *package) {
    const char *platform = node != NULL ? node_platform(node) : NULL;
    const char *mpy = node != NULL ? mpy_of(node) : "";
    if (!is_for(package, platform) ||
        is_served(packages, count, package, platform, mpy)) {
        return CLI_OK;
    }
    if (*mpy == '\0') {
        return cli_fail(CLI_INPUT,
                        "%s: not known to load native code of mpy %s, which "
                        "%s has; give --force when it does",
                        id, package->mpy, package->label);
    }
    return cli_fail(CLI_INPUT,
                    "%s: its firmware loads native code of mpy %s, %s has %s; "
                    "build it for that MicroPython, or give --force",
                    id, mpy, package->label, package->mpy);
}

static bool has(const struct cli_texts *texts, const char *text) {
    bool found = false;
    for (size_t i = 0; i < texts->count && text != NULL; ++i) {
        found = found || strcmp(texts->items[i], text) == 0;
    }
    return found;
}

static enum cli_exit check_package(const struct fleet *fleet,
                                   const struct cli_texts *channels,
                                   const struct cli_texts *nodes,
                                   const struct package *packages, size_t count,
                                   const struct package *package) {
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < fleet->count && result == CLI_OK; ++i) {
        const struct node *node = &fleet->nodes[i];
        if (has(channels, node_channel(node))) {
            result = check_node(node->id, node, packages, count, package);
        }
    }
    for (size_t i = 0; i < nodes->count && result == CLI_OK; ++i) {
        const struct node *node = fleet_find(fleet, nodes->items[i]);
        result = check_node(nodes->items[i], node, packages, count, package);
    }
    return result;
}

enum cli_exit native_check(const struct fleet *fleet,
                           const struct cli_texts *channels,
                           const struct cli_texts *nodes,
                           const struct package *packages, size_t count) {
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < count && result == CLI_OK; ++i) {
        if (packages[i].mpy != NULL) {
            result = check_package(fleet, channels, nodes, packages, count,
                                   &packages[i]);
        }
    }
    return result;
}
