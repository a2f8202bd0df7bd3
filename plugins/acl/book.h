/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_BOOK_H
#define ACL_BOOK_H

/*
 * All rules of a port, or of the switch, found by the instance of their
 * setting; and the newest view of them.  Belongs to the control thread.
 *
 * A change is prepared, published by the caller, and then taken over, which
 * cannot fail:
 *
 *     acl_book_prepare()     room, and a view with the change
 *     ...                    sets with that view are published
 *     acl_book_commit()      the change is in the book
 *
 * A caller that cannot publish releases the view and forgets the change.
 */

#include <stdbool.h>
#include <stdint.h>

#include "view.h"

struct acl_book {
    struct acl_rule **slots;    /* chains of rules, by instance */
    uint32_t n_slots;           /* a power of two, or 0 */
    uint32_t n_rules;
    struct acl_view *view;      /* the newest, with a reference */
};

/* Starts with zeroes; false: no memory.  Nothing is left in that case. */
bool acl_book_init(struct acl_book *book);
/* Frees the rules, their counters and what else it has. */
void acl_book_fini(struct acl_book *book);

/* The rule of that instance, or NULL. */
struct acl_rule *acl_book_find(const struct acl_book *book,
                               const struct xvs_guid *instance);
/* The view with 'fresh' instead of 'gone', either may be NULL; the caller's
 * reference.  NULL: no memory. */
struct acl_view *acl_book_prepare(struct acl_book *book,
                                  const struct acl_rule *gone,
                                  struct acl_rule *fresh);
/* The view is in force: takes the caller's reference, and 'fresh'.  'gone'
 * is the caller's now. */
void acl_book_commit(struct acl_book *book, struct acl_rule *gone,
                     struct acl_rule *fresh, struct acl_view *view);

/* The rule after 'rule' in no order, the first one after NULL; or NULL. */
struct acl_rule *acl_book_next(const struct acl_book *book,
                               const struct acl_rule *rule);

#endif
