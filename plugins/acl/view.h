/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_VIEW_H
#define ACL_VIEW_H

/*
 * What packets see of a book of rules, at one time.
 *
 *     table    many rules, compiled; shared by the views that follow
 *     dead     those of the table that are no rules any more
 *     recent   rules that came since it was compiled, in their order
 *
 * A view never changes.  A change of one rule makes a new view with the same
 * table, which costs about a microsecond, however many rules there are.  When
 * there are too many recent ones to look at one by one, or when nothing has
 * changed for a moment (publish.c), everything is compiled into a new table.
 *
 * A rule in a view is named by its place: its number in the table, or
 * ACL_RECENT and its number among the recent ones.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "classify.h"
#include "rules.h"

#define ACL_RECENT 0x8000u
#define ACL_NOWHERE 0xffffu
#define ACL_FEW 16u             /* rules that are not worth a table */

struct acl_view {
    atomic_uint references;     /* sets, and the book */
    uint32_t n_rules;           /* in all */
    uint32_t n_stateful;        /* of them */
    uint32_t n_dead;            /* bits in 'dead' */
    uint32_t n_recent;
    struct acl_table *table;    /* NULL: none, with a reference */
    uint64_t *dead;             /* a bit per rule of the table, or NULL */
    struct acl_rule *recent[];
};

/* Without rules; NULL: no memory. */
struct acl_view *acl_view_create(void);
/* Another reference to it. */
struct acl_view *acl_view_share(struct acl_view *view);
/* One less; the last one frees it.  Accepts NULL. */
void acl_view_release(struct acl_view *view);
/*
 * The view with 'fresh' instead of 'gone'; either may be NULL.  NULL: no
 * memory.  Places change when the table does.
 */
struct acl_view *acl_view_change(const struct acl_view *view,
                                 const struct acl_rule *gone,
                                 struct acl_rule *fresh);
/* The same rules, all in a table.  NULL: no memory. */
struct acl_view *acl_view_compile(const struct acl_view *view);
/* False when it is worth compiling. */
bool acl_view_is_settled(const struct acl_view *view);
/* Tells the rules their places; 'table_too': those in the table as well. */
void acl_view_place(const struct acl_view *view, bool table_too);

/*
 * Place of the rule that decides about a packet of the list, among those
 * whose rank is not above 'limit'; ACL_NOWHERE: none.
 */
uint32_t acl_view_find(const struct acl_view *view, unsigned int list,
                       const struct acl_key *key, uint64_t limit);

static inline const struct acl_rule *
acl_view_rule(const struct acl_view *view, uint32_t place)
{
    return place & ACL_RECENT ? view->recent[place & ~ACL_RECENT]
                              : view->table->rules[place];
}

#endif
