// SPDX-License-Identifier: MIT
#include "cli/fleet_table.h"

#include <stdlib.h>

static const char *or_dash(const char *text) {
    return text != NULL ? text : "-";
}

static enum terminal_style status_style(enum node_status status) {
    return status == NODE_ONLINE    ? STYLE_GOOD
           : status == NODE_OFFLINE ? STYLE_DIM
                                    : STYLE_WARN;
}

static void add_row(struct table *table, const struct node *node) {
    char *progress = node_progress(node);
    const char *error = node_error(node);
    table_cell(table, STYLE_PLAIN, "%s", node->id);
    table_cell(table, status_style(node->status), "%s",
               node_status_text(node->status));
    table_cell(table, STYLE_PLAIN, "%s", or_dash(node_version(node)));
    table_cell(table, STYLE_PLAIN, "%s", or_dash(node_platform(node)));
    table_cell(table, STYLE_PLAIN, "%s", or_dash(node_channel(node)));
    table_cell(table, node_state_style(node_state(node)), "%s", progress);
    table_cell(table, STYLE_PLAIN, "%s", error != NULL ? error : "");
    free(progress);
}

void fleet_table_begin(struct table *table) {
    static const char *const headings[] = {
        "NODE", "STATUS", "VERSION", "PLATFORM", "CHANNEL", "STATE", "ERROR",
    };
    table_begin(table, headings, sizeof headings / sizeof *headings);
}

void fleet_table_rows(struct table *table, const struct fleet *fleet,
                      const struct selection *selection) {
    for (size_t i = 0; i < fleet->count; ++i) {
        if (selection_has(selection, &fleet->nodes[i])) {
            add_row(table, &fleet->nodes[i]);
        }
    }
}
