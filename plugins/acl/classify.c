/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching a table, see classify.h.  What is here runs for every packet of a
 * flow that is not known yet.
 */
#include "classify.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "rules.h"
#include "span.h"

_Static_assert(ACL_CHUNK_WORDS == 8, "a chunk is a cache line");

uint32_t
acl_row_of(const uint64_t *splits, uint32_t n, uint64_t value)
{
    const uint64_t *base = splits;

    if (n == 0) {
        return 0;
    }
    /* Always the same number of steps, and nothing to guess in any. */
    while (n > 1) {
        uint32_t half = n / 2;

        base += half & -(uint32_t) (base[half - 1] <= value);
        n -= half;
    }
    return (uint32_t) (base - splits) + (*base <= value);
}

/* What is left of the candidates of a chunk after all fields. */
static uint64_t
intersect(uint64_t left[ACL_CHUNK_WORDS], const uint64_t *const *rows,
          uint32_t n_rows, uint32_t chunk)
{
    uint64_t any = 1;

    memcpy(left, rows[0] + chunk * ACL_CHUNK_WORDS,
           ACL_CHUNK_WORDS * sizeof(*left));
    for (uint32_t i = 1; i < n_rows && any; i++) {
        const uint64_t *row = rows[i] + chunk * ACL_CHUNK_WORDS;

        any = 0;
        for (uint32_t word = 0; word < ACL_CHUNK_WORDS; word++) {
            left[word] &= row[word];
            any |= left[word];
        }
    }
    return any;
}

/* False when the addresses say already that it is not this rule.  Rules of
 * the packet's list are of its family, or of none. */
static inline bool
is_likely(const struct acl_quick *quick, const struct acl_key *key)
{
    bool v6 = key->kind >= ACL_KIND_IPV6_TCP;
    uint32_t source = (uint32_t) (v6 ? key->source[1] : key->source[0] >> 32);
    uint32_t destination = (uint32_t) (v6 ? key->destination[1]
                                          : key->destination[0] >> 32);

    return (((source ^ quick->source) & quick->source_mask)
            | ((destination ^ quick->destination)
               & quick->destination_mask)) == 0;
}

/* Compares with the candidates of 64 rules from 'first'. */
static int
try_word(const struct acl_table *table, uint64_t candidates, uint32_t first,
         const struct acl_key *key)
{
    while (candidates) {
        uint32_t at = first + (uint32_t) __builtin_ctzll(candidates);

        if (is_likely(&table->quick[at], key)
            && acl_rule_matches(table->rules[at], key)) {
            return (int) at;
        }
        candidates &= candidates - 1;
    }
    return -1;
}

static int
try_chunk(const struct acl_table *table, const uint64_t *dead,
          const uint64_t *const *rows, uint32_t n_rows, uint32_t chunk,
          const struct acl_key *key)
{
    uint64_t left[ACL_CHUNK_WORDS];
    uint32_t first = chunk * ACL_CHUNK_WORDS;
    int found = -1;

    if (!intersect(left, rows, n_rows, chunk)) {
        return -1;
    }
    for (uint32_t i = 0; i < ACL_CHUNK_WORDS && found < 0; i++) {
        found = try_word(table, dead ? left[i] & ~dead[first + i] : left[i],
                         (first + i) * 64, key);
    }
    return found;
}

int
acl_table_find(const struct acl_table *table, const uint64_t *dead,
               unsigned int list, const struct acl_key *key, uint64_t limit)
{
    const uint64_t *rows[1 + ACL_N_FIELDS];
    uint64_t values[ACL_N_FIELDS];
    uint64_t alive = table->lists.alive[list];
    uint32_t n_rows = 1;

    rows[0] = table->lists.bits + (size_t) list * table->n_words;
    acl_values_read(values, key);
    for (uint32_t i = 0; i < table->n_fields; i++) {
        const struct acl_rows *field = &table->fields[i];

        if (key->is_later && field->field >= ACL_SOURCE_PORT) {
            continue;           /* it has no ports to compare */
        }
        uint32_t row = acl_row_of(field->splits, field->n_splits,
                                  values[field->field]);

        rows[n_rows++] = field->bits + (size_t) row * table->n_words;
        alive &= field->alive[row];
    }
    for (; alive; alive &= alive - 1) {
        uint32_t chunk = (uint32_t) __builtin_ctzll(alive);

        if (table->ranks[chunk] > limit) {
            break;
        }
        int found = try_chunk(table, dead, rows, n_rows, chunk, key);

        if (found >= 0) {
            return found;
        }
    }
    return -1;
}
