// SPDX-License-Identifier: MIT
// Tables on stdout: aligned; on a terminal cut to its width and coloured.
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli.h"
#include "cli/terminal.h"

enum { TABLE_COLUMNS_MAX = 12 };

struct table {
    size_t columns;
    struct table_cell {
        char *text;
        enum terminal_style style;
    } * cells; // row by row, the headings first
    size_t count;
    char *text;   // that table_redraw showed last
    size_t drawn; // its lines
};

// Starts a table with these headings, at most TABLE_COLUMNS_MAX.
void table_begin(struct table *table, const char *const *headings,
                 size_t columns);

// Adds the next cell of the row; rows follow each other. What comes from
// devices is made harmless.
__attribute__((format(printf, 3, 4))) void table_cell(struct table *table,
                                                      enum terminal_style style,
                                                      const char *format, ...);

// Prints headings and rows.
void table_print(const struct table *table);

// On a terminal: replaces what the last call printed, if anything changed, as
// far as it fits the screen. Call it with the rows of now; nothing else may be
// printed between.
void table_redraw(struct table *table);

// Something else was printed: the next redraw begins below it.
void table_forget(struct table *table);

// Drops all rows, keeps the headings.
void table_clear(struct table *table);

void table_free(struct table *table);

#endif
