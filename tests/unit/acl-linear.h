/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_ACL_LINEAR_H
#define XVS_TESTS_ACL_LINEAR_H

/*
 * What the acl's man page says about rules, done in the plainest way: all
 * rules in their order, one after the other.  The classifier is compared with
 * it.  And rules and packets by chance that meet often.
 */

#include "rules.h"

/* The rule that decides, of 'n' in any order; NULL: none. */
const struct acl_rule *linear_find(struct acl_rule *const *rules, uint32_t n,
                                   int direction, const struct acl_key *key);

/* Numbers that are the same in every run: at least 0, less than 'n'. */
uint32_t chance(uint32_t n);
/* Where chance() starts from. */
extern uint64_t chance_state;

/* Rules come from a world of this many addresses, ports and so on: the
 * smaller, the more they overlap.  Without a counter; freed with free(). */
struct acl_rule *chance_rule(uint32_t world);
void chance_key(struct acl_key *key, uint32_t world);
/* One that the rule most likely matches. */
void chance_key_for(struct acl_key *key, const struct acl_rule *rule,
                    uint32_t world);

#endif
