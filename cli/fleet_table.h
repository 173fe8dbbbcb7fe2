// SPDX-License-Identifier: MIT
// Nodes as a table, a row each.
#ifndef CLI_FLEET_TABLE_H
#define CLI_FLEET_TABLE_H

#include "cli/fleet.h"
#include "cli/select.h"
#include "cli/table.h"

// An empty table with its headings; table_free() frees it.
void fleet_table_begin(struct table *table);

// Adds a row for each node that is meant.
void fleet_table_rows(struct table *table, const struct fleet *fleet,
                      const struct selection *selection);

#endif
