/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_CHECKER_H
#define XVS_MARSHAL_CHECKER_H

/*
 * The walk of the validator over one body, used by block_check() and
 * block_check_view().  Internal to core/marshal.
 */

#include <stdbool.h>
#include <stdint.h>

struct buffer;
struct error;
struct layout;

struct checker {
    const struct layout *layout;
    const uint8_t *body;
    uint64_t size;              /* of the body */
    uint64_t fixed;             /* of the fixed part */
    const uint8_t *present;
    uint64_t n_present;         /* 0: everything is present */
    uint64_t n_bits;            /* claimed by the walk so far */
    bool exact;                 /* n_present must be what the walk claims */
    struct buffer *made;        /* NULL, or takes the bits of the members */
    /*
     * Pieces in ascending order cannot overlap: 'high' is where the next may
     * begin.  At the first that is out of order the walk is repeated with
     * one bit per 8 bytes.
     */
    uint64_t high;
    uint8_t *slots;
    bool unordered;
    struct error *error;
};

/*
 * Checks the body, of which the first 'n_known' members of part 0 are there.
 * The caller has made sure that fixed <= size, that those members lie within
 * 'fixed', and that there are bits for them and the structs inside them.
 */
bool checker_run(struct checker *checker, uint32_t n_known);
/* All presence bits of [first, first + n) are 0. */
bool checker_bits_zero(const struct checker *checker, uint64_t first,
                       uint64_t n);

#endif
