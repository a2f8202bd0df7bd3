/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes a table of rules (see classify.h), field by field: cuts the values of
 * the field where the rules' intervals begin and end, then goes through its
 * rows with the set of rules whose intervals are open there.  The cost is that
 * of writing the rows, not of intervals times rows.
 */
#include "classify.h"

#include <stdlib.h>
#include <string.h>

#include "rules.h"
#include "span.h"

#define NONE UINT32_MAX
#define LINE 64u

/* What is needed while a table is made. */
struct compiler {
    struct acl_table *table;
    struct acl_span *spans;     /* of each rule, in the field at hand */
    uint64_t *bounds;           /* where they begin or have ended; room for */
    uint64_t *other;            /* two per rule, to sort by turns */
    uint32_t n_bounds;
    uint32_t *next[2];          /* rules whose first or last row is the same */
    uint32_t heads[2][ACL_MAX_ROWS];    /* the first of each */
};

/* ---- Intervals ---------------------------------------------------------- */

/* Reads the intervals of all rules; false when none says anything. */
static bool
read_spans(struct compiler *c, enum acl_field field)
{
    c->n_bounds = 0;
    for (uint32_t i = 0; i < c->table->n_rules; i++) {
        struct acl_span *span = &c->spans[i];

        *span = acl_span_of(&c->table->rules[i]->match, field);
        if (acl_span_is_any(span)) {
            continue;
        }
        c->bounds[c->n_bounds++] = span->low;
        if (span->high != UINT64_MAX) {
            c->bounds[c->n_bounds++] = span->high + 1;
        }
    }
    return c->n_bounds > 0;
}

/* ---- Rows --------------------------------------------------------------- */

/* Sorts the bounds by their bytes, the last one first. */
static void
sort_bounds(struct compiler *c)
{
    for (unsigned int shift = 0; shift < 64; shift += 8) {
        uint32_t at[257] = { 0 };

        for (uint32_t i = 0; i < c->n_bounds; i++) {
            at[(c->bounds[i] >> shift & 255) + 1]++;
        }
        if (at[(c->bounds[0] >> shift & 255) + 1] == c->n_bounds) {
            continue;
        }
        for (unsigned int i = 0; i < 255; i++) {
            at[i + 1] += at[i];
        }
        for (uint32_t i = 0; i < c->n_bounds; i++) {
            c->other[at[c->bounds[i] >> shift & 255]++] = c->bounds[i];
        }
        uint64_t *sorted = c->other;

        c->other = c->bounds;
        c->bounds = sorted;
    }
}

/* Each bound once; when that are too many, some of them, evenly. */
static void
thin_bounds(struct compiler *c)
{
    uint32_t n = 1;

    for (uint32_t i = 1; i < c->n_bounds; i++) {
        if (c->bounds[i] != c->bounds[n - 1]) {
            c->bounds[n++] = c->bounds[i];
        }
    }
    c->n_bounds = n;
    if (n < ACL_MAX_ROWS) {
        return;
    }
    c->n_bounds = ACL_MAX_ROWS - 1;
    for (uint32_t i = 0; i < c->n_bounds; i++) {
        c->bounds[i] = c->bounds[(uint64_t) i * n / c->n_bounds];
    }
}

static bool
make_rows(struct acl_rows *rows, uint32_t n_rows, uint32_t n_words)
{
    rows->n_splits = n_rows - 1;
    rows->splits = calloc(n_rows, sizeof(*rows->splits));
    rows->alive = calloc(n_rows, sizeof(*rows->alive));
    rows->bits = aligned_alloc(
        LINE, (size_t) n_rows * n_words * sizeof(*rows->bits));
    return rows->splits && rows->alive && rows->bits;
}

static void
free_rows(struct acl_rows *rows)
{
    free(rows->splits);
    free(rows->alive);
    free(rows->bits);
}

/* Lists each rule at the first and the last row that it touches. */
static void
place_spans(struct compiler *c, struct acl_rows *rows)
{
    uint64_t sum = 0;

    memset(c->heads, 0xff, sizeof(c->heads));
    for (uint32_t i = 0; i < c->table->n_rules; i++) {
        const struct acl_span *span = &c->spans[i];
        uint32_t first, last;

        if (acl_span_is_any(span)) {
            sum += rows->n_splits + 1;
            continue;
        }
        first = acl_row_of(rows->splits, rows->n_splits, span->low);
        last = acl_row_of(rows->splits, rows->n_splits, span->high);
        sum += last - first + 1;
        c->next[0][i] = c->heads[0][first];
        c->heads[0][first] = i;
        c->next[1][i] = c->heads[1][last];
        c->heads[1][last] = i;
    }
    rows->weight = sum / (rows->n_splits + 1);
}

static uint64_t
chunks_alive(const uint64_t *row, uint32_t n_words)
{
    uint64_t alive = 0;

    for (uint32_t at = 0; at < n_words; at += ACL_CHUNK_WORDS) {
        uint64_t some = 0;

        for (uint32_t i = 0; i < ACL_CHUNK_WORDS; i++) {
            some |= row[at + i];
        }
        alive |= (uint64_t) (some != 0) << at / ACL_CHUNK_WORDS;
    }
    return alive;
}

static inline void
flip(uint64_t *bits, uint32_t at)
{
    bits[at / 64] ^= 1ull << at % 64;
}

/* Writes row after row; 'open' are the rules that touch the one at hand. */
static void
sweep(struct compiler *c, struct acl_rows *rows, uint64_t *open)
{
    uint32_t n_words = c->table->n_words;

    for (uint32_t row = 0; row <= rows->n_splits; row++) {
        uint64_t *bits = rows->bits + (size_t) row * n_words;

        for (uint32_t i = c->heads[0][row]; i != NONE; i = c->next[0][i]) {
            flip(open, i);
        }
        memcpy(bits, open, n_words * sizeof(*bits));
        rows->alive[row] = chunks_alive(bits, n_words);
        for (uint32_t i = c->heads[1][row]; i != NONE; i = c->next[1][i]) {
            flip(open, i);
        }
    }
}

static bool
fill_rows(struct compiler *c, struct acl_rows *rows)
{
    uint64_t *open = calloc(c->table->n_words, sizeof(*open));

    if (!open || !make_rows(rows, c->n_bounds + 1, c->table->n_words)) {
        free(open);
        return false;
    }
    memcpy(rows->splits, c->bounds, c->n_bounds * sizeof(*c->bounds));
    place_spans(c, rows);
    for (uint32_t i = 0; i < c->table->n_rules; i++) {
        if (acl_span_is_any(&c->spans[i])) {
            flip(open, i);
        }
    }
    sweep(c, rows, open);
    free(open);
    return true;
}

/* ---- The table ---------------------------------------------------------- */

static bool
compile_field(struct compiler *c, enum acl_field field)
{
    struct acl_rows rows = { .field = field };
    struct acl_table *table = c->table;
    uint32_t at = table->n_fields;

    if (!read_spans(c, field)) {
        return true;
    }
    sort_bounds(c);
    thin_bounds(c);
    if (!fill_rows(c, &rows)) {
        free_rows(&rows);
        return false;
    }
    for (; at > 0 && table->fields[at - 1].weight > rows.weight; at--) {
        table->fields[at] = table->fields[at - 1];
    }
    table->fields[at] = rows;
    table->n_fields++;
    return true;
}

static bool
compile_lists(struct acl_table *table)
{
    uint32_t n_words = table->n_words;

    if (!make_rows(&table->lists, ACL_N_LISTS, n_words)) {
        return false;
    }
    memset(table->lists.bits, 0,
           (size_t) ACL_N_LISTS * n_words * sizeof(*table->lists.bits));
    for (uint32_t i = 0; i < table->n_rules; i++) {
        for (uint32_t left = table->rules[i]->lists; left;
             left &= left - 1) {
            flip(table->lists.bits
                     + (size_t) __builtin_ctz(left) * n_words, i);
        }
    }
    for (uint32_t list = 0; list < ACL_N_LISTS; list++) {
        table->lists.alive[list] = chunks_alive(
            table->lists.bits + (size_t) list * n_words, n_words);
    }
    return true;
}

static struct acl_quick
quick_of(const struct acl_match *match)
{
    enum acl_family family = match->source.family | match->destination.family;

    if (family != ACL_IPV6) {
        return (struct acl_quick) {
            (uint32_t) (match->source.address[0] >> 32),
            (uint32_t) (match->source.mask[0] >> 32),
            (uint32_t) (match->destination.address[0] >> 32),
            (uint32_t) (match->destination.mask[0] >> 32),
        };
    }
    return (struct acl_quick) {
        (uint32_t) match->source.address[1],
        (uint32_t) match->source.mask[1],
        (uint32_t) match->destination.address[1],
        (uint32_t) match->destination.mask[1],
    };
}

static bool
compile(struct compiler *c, uint32_t n)
{
    bool ok = true;

    c->spans = malloc(n * sizeof(*c->spans));
    c->bounds = malloc(2 * n * sizeof(*c->bounds));
    c->other = malloc(2 * n * sizeof(*c->other));
    c->next[0] = malloc(n * sizeof(*c->next[0]));
    c->next[1] = malloc(n * sizeof(*c->next[1]));
    ok = c->spans && c->bounds && c->other && c->next[0] && c->next[1]
         && compile_lists(c->table);
    for (int field = 0; field < ACL_N_FIELDS && ok; field++) {
        ok = compile_field(c, (enum acl_field) field);
    }
    free(c->spans);
    free(c->bounds);
    free(c->other);
    free(c->next[0]);
    free(c->next[1]);
    return ok;
}

struct acl_table *
acl_table_create(struct acl_rule *const *rules, uint32_t n)
{
    struct acl_table *table = calloc(1, sizeof(*table));
    struct compiler compiler = { .table = table };
    uint32_t n_chunks = (n + ACL_CHUNK - 1) / ACL_CHUNK;

    if (!table) {
        return NULL;
    }
    table->references = 1;
    table->n_rules = n;
    table->n_words = n_chunks * ACL_CHUNK_WORDS;
    table->rules = malloc(n * sizeof(*table->rules));
    table->quick = malloc(n * sizeof(*table->quick));
    table->ranks = malloc(n_chunks * sizeof(*table->ranks));
    if (!table->rules || !table->quick || !table->ranks) {
        acl_table_release(table);
        return NULL;
    }
    memcpy(table->rules, rules, n * sizeof(*table->rules));
    for (uint32_t i = 0; i < n; i++) {
        table->quick[i] = quick_of(&rules[i]->match);
    }
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        table->ranks[chunk] = rules[chunk * ACL_CHUNK]->rank;
    }
    if (!compile(&compiler, n)) {
        acl_table_release(table);
        return NULL;
    }
    return table;
}

void
acl_table_release(struct acl_table *table)
{
    if (!table || atomic_fetch_sub(&table->references, 1) > 1) {
        return;
    }
    for (uint32_t i = 0; i < table->n_fields; i++) {
        free_rows(&table->fields[i]);
    }
    free_rows(&table->lists);
    free(table->ranks);
    free(table->quick);
    free(table->rules);
    free(table);
}

size_t
acl_table_size(const struct acl_table *table)
{
    size_t per_row = table->n_words * sizeof(uint64_t) + 16;
    size_t size = sizeof(*table) + ACL_N_LISTS * per_row
                  + table->n_rules * (sizeof(*table->rules)
                                      + sizeof(*table->quick));

    for (uint32_t i = 0; i < table->n_fields; i++) {
        size += (table->fields[i].n_splits + 1) * per_row;
    }
    return size;
}
