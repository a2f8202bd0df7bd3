/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_TABLE_H
#define XVS_CLIENT_SHOW_TABLE_H

/*
 * Tables for people: columns as wide as their widest cell, numbers to the
 * right, control characters made harmless.  The first rows decide the widths;
 * then rows are written as they come, so that a long table needs no memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct table;

/* 'bold' marks the header line (a terminal). */
struct table *table_create(FILE *out, bool bold);
/*
 * Adds a column; all of them before the first cell.  'title' is copied.  An
 * optional column is left out when all cells of a short table are dull.
 */
void table_column(struct table *table, const char *title, bool right,
                  bool optional);
/*
 * The next cell of the row; a row is complete with its last column.  A dull
 * cell says nothing that is not known anyway (no value, or the default).
 */
void table_cell(struct table *table, const char *text, bool dull);
size_t table_rows(const struct table *table);
/* Writes what is kept and frees; the header is written even without rows. */
void table_finish(struct table *table);

/* Columns that the text takes on a terminal. */
size_t text_width(const char *text);
/* Columns of one character: 0, 1 or 2. */
size_t text_char_width(uint32_t character);
/* Writes the text with control and malformed bytes as "\xNN". */
void text_put_safe(FILE *out, const char *text);
/* The same into the heap. */
char *text_safe(const char *text);

#endif
