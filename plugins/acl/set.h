/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_SET_H
#define ACL_SET_H

/*
 * All that decides about packets at one port: its rules, those of its switch,
 * its policy.  A set never changes once it is published; any change makes a
 * new one, with a generation of its own.  What was found by means of a set
 * (flows.h, connections.h) names it by that generation.
 *
 * A rule is named by its index: place in its view, and which view.
 */

#include <stdbool.h>
#include <stdint.h>

#include "view.h"

enum acl_owner { ACL_OF_PORT, ACL_OF_SWITCH, ACL_N_OWNERS };

struct acl_set {
    uint64_t generation;        /* unique in the instance */
    uint32_t max_connections;   /* of the port */
    uint8_t default_action;     /* enum acl_action */
    bool is_idle;               /* lets everything pass: nothing to look at */
    bool has_stateful;          /* any rule is */
    struct acl_view *views[ACL_N_OWNERS];   /* with references */
};

/* With references to the views of 'like', in which all else is set; one
 * block.  NULL: no memory. */
struct acl_set *acl_set_create(const struct acl_set *like);
/* For retire(): frees it and gives its references back.  Accepts NULL. */
void acl_set_release(void *set);

/* Index of the rule that decides about the packet, or -1. */
int acl_set_match(const struct acl_set *set, int direction,
                  const struct acl_key *key);

static inline const struct acl_rule *
acl_set_rule(const struct acl_set *set, int index)
{
    return acl_view_rule(set->views[index >> 16], (uint32_t) index & 0xffff);
}

#endif
