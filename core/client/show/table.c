/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tables: KEPT_ROWS rows are kept to measure the columns, the rest is
 * written at once with those widths.
 */

#include <config.h>

#include "client/show/table.h"

#include <stdlib.h>

#include "base/memory.h"

#define KEPT_ROWS 1000
#define GAP 2

struct column {
    char *title;
    bool right;         /* numbers */
    bool optional;      /* left out when all its cells are dull */
    bool told;          /* has a cell that is not dull */
    bool hidden;        /* is left out */
    size_t width;       /* of the widest cell so far */
};

struct table {
    FILE *out;
    bool bold;
    bool started;       /* the header is written, widths are fixed */
    struct column *columns;
    size_t n_columns, columns_capacity;
    char **cells;       /* kept rows, one after the other */
    size_t n_cells, cells_capacity;
    size_t rows;
    size_t last;        /* index of the last column that is shown */
};

struct table *
table_create(FILE *out, bool bold)
{
    struct table *table = mem_zalloc(sizeof *table);

    table->out = out;
    table->bold = bold;
    return table;
}

void
table_column(struct table *table, const char *title, bool right,
             bool optional)
{
    struct column *column;

    mem_grow(&table->columns, &table->columns_capacity, table->n_columns,
             sizeof *table->columns);
    column = &table->columns[table->n_columns++];
    *column = (struct column) { .title = text_safe(title), .right = right,
                                .optional = optional };
    column->width = text_width(column->title);
}

static void
put_spaces(FILE *out, size_t n)
{
    while (n--) {
        putc(' ', out);
    }
}

/* Writes a cell; the last column is not padded. */
static void
put_cell(const struct table *table, size_t index, const char *text)
{
    const struct column *column = &table->columns[index];
    size_t width = text_width(text);
    size_t pad = width < column->width ? column->width - width : 0;
    bool last = index == table->last;

    if (column->hidden) {
        return;
    }
    if (column->right) {
        put_spaces(table->out, pad);
    }
    fputs(text, table->out);
    if (last) {
        return;
    }
    put_spaces(table->out, (column->right ? 0 : pad) + GAP);
}

/* Hides optional columns in which no cell says anything. */
static void
hide_dull(struct table *table)
{
    for (size_t i = 0; i < table->n_columns && table->rows; i++) {
        struct column *column = &table->columns[i];

        column->hidden = column->optional && !column->told;
    }
}

/* Writes the header and the kept rows. */
static void
start(struct table *table)
{
    table->started = true;
    for (size_t i = 0; i < table->n_columns; i++) {
        table->last = table->columns[i].hidden ? table->last : i;
    }
    if (table->bold) {
        fputs("\033[1m", table->out);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        put_cell(table, i, table->columns[i].title);
    }
    fputs(table->bold ? "\033[0m\n" : "\n", table->out);
    for (size_t i = 0; i < table->n_cells; i++) {
        put_cell(table, i % table->n_columns, table->cells[i]);
        if (i % table->n_columns == table->n_columns - 1) {
            putc('\n', table->out);
        }
        free(table->cells[i]);
    }
    table->n_cells = 0;
}

void
table_cell(struct table *table, const char *text, bool dull)
{
    char *safe = text_safe(text);
    size_t index = table->n_cells % table->n_columns;
    struct column *column = &table->columns[index];
    size_t width = text_width(safe);

    column->told |= !dull;
    if (!table->started && width > column->width) {
        column->width = width;
    }
    mem_grow(&table->cells, &table->cells_capacity, table->n_cells,
             sizeof *table->cells);
    table->cells[table->n_cells++] = safe;
    if (index + 1 < table->n_columns) {
        return;
    }
    table->rows++;
    if (table->started) {
        for (size_t i = 0; i < table->n_columns; i++) {
            put_cell(table, i, table->cells[i]);
            free(table->cells[i]);
        }
        putc('\n', table->out);
        table->n_cells = 0;
    } else if (table->rows == KEPT_ROWS) {
        start(table);
    }
}

size_t
table_rows(const struct table *table)
{
    return table->rows;
}

void
table_finish(struct table *table)
{
    if (!table->started) {
        hide_dull(table);
        start(table);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        free(table->columns[i].title);
    }
    free(table->columns);
    free(table->cells);
    free(table);
}
