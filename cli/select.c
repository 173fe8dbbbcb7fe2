// SPDX-License-Identifier: MIT
#include "cli/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option selection_options[] = {
    {.name = "online",
     .offset = offsetof(struct selection, online),
     .set = cli_set_true,
     .help = "only nodes that are connected"},
    {.name = "offline",
     .offset = offsetof(struct selection, offline),
     .set = cli_set_true,
     .help = "only nodes that are not"},
    {.name = "channel",
     .value = "NAME",
     .offset = offsetof(struct selection, channels),
     .set = cli_add_topic,
     .help = "only nodes of this channel; may be repeated"},
    {.name = "platform",
     .value = "NAME",
     .offset = offsetof(struct selection, platforms),
     .set = cli_add_text,
     .help = "only nodes of this platform, as esp32c3; may be repeated"},
    {.name = "state",
     .value = "STATE",
     .offset = offsetof(struct selection, states),
     .set = cli_add_text,
     .help = "only nodes whose update is in this state, as failed; may be "
             "repeated"},
    {.name = "package",
     .value = "NAME[=VERSION]",
     .offset = offsetof(struct selection, packages),
     .set = cli_add_text,
     .help = "only nodes that have this package; may be repeated"},
    {.name = NULL},
};

static bool any_is(const struct cli_texts *texts, const char *text) {
    if (texts->count == 0) {
        return true;
    }
    for (size_t i = 0; text != NULL && i < texts->count; ++i) {
        if (strcmp(texts->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool any_matches(const struct cli_texts *patterns, const char *id) {
    for (size_t i = 0; i < patterns->count; ++i) {
        if (fnmatch(patterns->items[i], id, 0) == 0) {
            return true;
        }
    }
    return patterns->count == 0;
}

static bool has_package(const struct node *node, const char *wanted) {
    char *name = cli_format("%s", wanted);
    char *equals = strchr(name, '=');
    if (equals != NULL) {
        *equals = '\0';
    }
    const char *version = node_package(node, name);
    bool has =
        version != NULL && (equals == NULL || strcmp(version, equals + 1) == 0);
    free(name);
    return has;
}

static bool any_installed(const struct cli_texts *packages,
                          const struct node *node) {
    for (size_t i = 0; i < packages->count; ++i) {
        if (has_package(node, packages->items[i])) {
            return true;
        }
    }
    return packages->count == 0;
}

static bool status_fits(const struct selection *selection,
                        enum node_status status) {
    return selection->online == selection->offline ||
           (status == NODE_ONLINE) == selection->online;
}

bool selection_has(const struct selection *selection, const struct node *node) {
    return any_matches(&selection->patterns, node->id) &&
           any_is(&selection->channels, node_channel(node)) &&
           any_is(&selection->platforms, node_platform(node)) &&
           any_is(&selection->states, node_state(node)) &&
           any_installed(&selection->packages, node) &&
           status_fits(selection, node->status);
}

enum terminal_style node_state_style(const char *state) {
    static const struct {
        const char *state;
        enum terminal_style style;
    } styles[] = {
        {"confirmed", STYLE_GOOD},  {"rolled_back", STYLE_BAD},
        {"failed", STYLE_BAD},      {"available", STYLE_WARN},
        {"trial", STYLE_WARN},      {"downloading", STYLE_WARN},
        {"installing", STYLE_WARN}, {"rebooting", STYLE_WARN},
    };
    for (size_t i = 0; state != NULL && i < sizeof styles / sizeof *styles;
         ++i) {
        if (strcmp(styles[i].state, state) == 0) {
            return styles[i].style;
        }
    }
    return STYLE_PLAIN;
}
