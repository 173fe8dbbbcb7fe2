// SPDX-License-Identifier: MIT
#include "cli/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    GAP = 2,      // columns between two columns
    SHORTEST = 6, // a column is not cut below
    WITHOUT_LIMIT = 1 << 30,
};

static const char CUT[] = ".."; // ends a cell that does not fit

static void add(struct table *table, enum terminal_style style, char *text) {
    table->cells =
        cli_grow(table->cells, table->count + 1, sizeof *table->cells);
    table->cells[table->count++] =
        (struct table_cell){terminal_clean(text), style};
}

void table_begin(struct table *table, const char *const *headings,
                 size_t columns) {
    *table = (struct table){.columns = columns};
    for (size_t i = 0; i < columns; ++i) {
        add(table, STYLE_HEAD, cli_format("%s", headings[i]));
    }
}

void table_cell(struct table *table, enum terminal_style style,
                const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) {
        text = cli_format("?");
    }
    va_end(arguments);
    add(table, style, text);
}

static void measure(const struct table *table, size_t *widths) {
    memset(widths, 0, TABLE_COLUMNS_MAX * sizeof *widths);
    for (size_t i = 0; i < table->count; ++i) {
        size_t columns = terminal_columns(table->cells[i].text);
        size_t *width = &widths[i % table->columns];
        *width = columns > *width ? columns : *width;
    }
}

// Takes from the widest column until the table fits.
static void shrink(const struct table *table, size_t *widths, size_t limit) {
    for (;;) {
        size_t total = (table->columns - 1) * GAP, widest = 0;
        for (size_t i = 0; i < table->columns; ++i) {
            total += widths[i];
            widest = widths[i] > widths[widest] ? i : widest;
        }
        if (total <= limit || widths[widest] <= SHORTEST) {
            return;
        }
        --widths[widest];
    }
}

static void print_cell(FILE *out, const struct table_cell *cell, size_t width,
                       bool last) {
    size_t columns = terminal_columns(cell->text);
    fputs(terminal_start(cell->style), out);
    if (columns > width) {
        fprintf(out, "%.*s%s", (int)terminal_bytes(cell->text, width - 2),
                cell->text, CUT);
        columns = width;
    } else {
        fputs(cell->text, out);
    }
    fputs(terminal_end(cell->style), out);
    if (!last) {
        fprintf(out, "%*s", (int)(width - columns + GAP), "");
    }
}

// A row's last cell with something in it ends the line.
static size_t used_cells(const struct table *table, size_t row) {
    size_t used = table->columns;
    while (used > 1 &&
           table->cells[row * table->columns + used - 1].text[0] == '\0') {
        --used;
    }
    return used;
}

static void print_rows(FILE *out, const struct table *table, size_t rows) {
    size_t widths[TABLE_COLUMNS_MAX];
    measure(table, widths);
    shrink(table, widths,
           terminal_is(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO)
                                      : WITHOUT_LIMIT);
    for (size_t row = 0; row < rows; ++row) {
        size_t used = used_cells(table, row);
        for (size_t i = 0; i < used; ++i) {
            print_cell(out, &table->cells[row * table->columns + i], widths[i],
                       i + 1 == used);
        }
        fputc('\n', out);
    }
}

void table_print(const struct table *table) {
    print_rows(stdout, table, table->count / table->columns);
    fflush(stdout);
}

// The rows that the screen has room for, for the caller to free.
static char *render(const struct table *table, size_t rows, size_t shown) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
    print_rows(out, table, shown);
    if (shown < rows) {
        fprintf(out, "and %zu more\n", rows - shown);
    }
    fclose(out);
    return text;
}

void table_redraw(struct table *table) {
    size_t rows = table->count / table->columns;
    size_t room = (size_t)terminal_height(STDOUT_FILENO) - 1;
    size_t shown = rows > room ? room - 1 : rows;
    char *text = render(table, rows, shown);
    if (table->text != NULL && strcmp(table->text, text) == 0) {
        free(text);
        return;
    }
    if (table->drawn > 0) {
        printf("\033[%zuA\033[J", table->drawn);
    }
    fputs(text, stdout);
    fflush(stdout);
    free(table->text);
    table->text = text;
    table->drawn = shown + (shown < rows);
}

void table_forget(struct table *table) {
    free(table->text);
    table->text = NULL;
    table->drawn = 0;
}

void table_clear(struct table *table) {
    while (table->count > table->columns) {
        free(table->cells[--table->count].text);
    }
}

void table_free(struct table *table) {
    table_clear(table);
    while (table->count > 0) {
        free(table->cells[--table->count].text);
    }
    table_forget(table);
    free(table->cells);
}
