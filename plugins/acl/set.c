/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sets: see set.h.
 */
#include "set.h"

#include <stdlib.h>

struct acl_set *
acl_set_create(const struct acl_set *like)
{
    struct acl_set *set = malloc(sizeof(*set));

    if (set) {
        *set = *like;
        for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
            acl_view_share(set->views[owner]);
        }
    }
    return set;
}

void
acl_set_release(void *data)
{
    struct acl_set *set = data;

    if (set) {
        for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
            acl_view_release(set->views[owner]);
        }
        free(set);
    }
}

int
acl_set_match(const struct acl_set *set, int direction,
              const struct acl_key *key)
{
    unsigned int list = acl_list(direction, key->kind);
    uint64_t limit = UINT64_MAX;
    int index = -1;

    for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
        const struct acl_view *view = set->views[owner];
        uint32_t place = acl_view_find(view, list, key, limit);

        if (place == ACL_NOWHERE) {
            continue;
        }
        uint64_t rank = acl_view_rule(view, place)->rank;

        if (rank <= limit) {
            limit = rank;
            index = owner << 16 | (int) place;
        }
    }
    return index;
}
