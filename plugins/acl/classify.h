/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_CLASSIFY_H
#define ACL_CLASSIFY_H

/*
 * Many rules, compiled: which is the first that matches a packet?
 *
 * Every rule says something about nine fields of a packet: an interval of
 * values, for a prefix as for a range of ports.  Where intervals begin and
 * end cuts the values of a field into rows; a row has one bit per rule, set
 * when the rule's interval touches the row.
 *
 *     splits   0 ... 10.0.0.0 ... 10.0.1.0 ... 192.0.2.0 ...
 *     rows       1100   |    1110    |    1101    |   1000
 *
 * A packet picks one row of each field.  The rules whose bit is set in all of
 * them are the candidates, in the order in which they decide; each is compared
 * in full, and the first that matches is the answer.  Therefore a row may have
 * a bit too many: a field with more than ACL_MAX_ROWS rows has neighbours put
 * together, which bounds memory and time whatever the rules are.
 *
 * Bits are looked at in chunks of ACL_CHUNK, a cache line each, and each row
 * tells in one word ('alive') which of its chunks have any.  Fields are in an
 * order in which the most telling one is first, so that most chunks are done
 * after two or three lines.
 *
 * A table never changes once it is made (by compile.c, on the control thread)
 * and refers to rules that it does not own.  A rule that was deleted stays in
 * it as a number: the view has a bit for those, and they are not touched.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct acl_key;
struct acl_rule;

#define ACL_CHUNK 512u          /* rules, a bit each: a cache line */
#define ACL_CHUNK_WORDS (ACL_CHUNK / 64)
#define ACL_MAX_ROWS 1024u      /* of a field */
#define ACL_MAX_TABLE (ACL_CHUNK * 64)  /* rules: 'alive' has 64 bits */

/* The rows of a field. */
struct acl_rows {
    enum acl_field field;
    uint32_t n_splits;          /* one less than rows */
    uint64_t *splits;           /* ascending; row i ends before splits[i] */
    uint64_t *bits;             /* row after row; aligned to cache lines */
    uint64_t *alive;            /* of each row: which chunks have bits */
    uint64_t weight;            /* bits in an average row */
};

/*
 * 32 bits of both addresses of a rule, of IPv4 all, of IPv6 the last: what
 * tells most candidates apart, in memory that stays near.
 */
struct acl_quick {
    uint32_t source, source_mask;
    uint32_t destination, destination_mask;
};

struct acl_table {
    atomic_uint references;     /* views */
    uint32_t n_rules;
    uint32_t n_words;           /* of a row */
    uint32_t n_fields;          /* that tell rules apart */
    struct acl_rows fields[ACL_N_FIELDS];   /* by weight */
    struct acl_rows lists;      /* a row for each acl_list(); no splits */
    uint64_t *ranks;            /* of the first rule of each chunk */
    struct acl_rule **rules;    /* in the order in which they decide */
    struct acl_quick *quick;    /* of each rule */
};

/*
 * Compiles 'n' rules, at most ACL_MAX_TABLE, in the order in which they
 * decide; with one reference.  NULL: no memory.  compile.c
 */
struct acl_table *acl_table_create(struct acl_rule *const *rules, uint32_t n);
/* One reference less; the last one frees it.  Accepts NULL. */
void acl_table_release(struct acl_table *table);
/* Bytes that the table takes. */
size_t acl_table_size(const struct acl_table *table);

/*
 * The number of the first rule that matches a packet of the list, or -1.
 * Passes over the rules whose bit is set in 'dead' (NULL: none), and need not
 * find one whose rank is above 'limit'.
 */
int acl_table_find(const struct acl_table *table, const uint64_t *dead,
                   unsigned int list, const struct acl_key *key,
                   uint64_t limit);
/* Number of splits that are not above the value: its row. */
uint32_t acl_row_of(const uint64_t *splits, uint32_t n, uint64_t value);

#endif
