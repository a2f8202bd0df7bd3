/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See both.h.
 */

#include <config.h>

#include "service/change/both.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "service/change/plan.h"
#include "service/config/persist.h"
#include "service/state.h"

bool
both_of(struct stage *stage, struct both *both)
{
    struct stage *first = state_stage_first(stage);

    both->first = first ? first : stage;
    both->second = first ? stage : state_stage_second(stage);
    return both->second != NULL;
}

static bool
is_sibling(const struct both *both, const struct stage *stage)
{
    return stage != both->first && stage != both->second
        && stage->extension->extension_class
           == both->first->extension->extension_class;
}

uint32_t
both_position(const struct both *both, const struct stage *stage,
              uint32_t position)
{
    const struct vswitch *vswitch = both->first->vswitch;
    uint32_t seen = 0;

    if (stage == both->second && position != UINT32_MAX) {
        position -= position > 0;
    }
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *one = vswitch->chain[i];

        if (is_sibling(both, one) && seen++ == position
            && state_stage_first(one)) {
            return position + 1;
        }
    }
    return position;
}

uint32_t
both_place(const struct both *both, uint32_t position)
{
    const struct vswitch *vswitch = both->first->vswitch;
    uint32_t place = 0;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *one = vswitch->chain[i];

        if (!is_sibling(both, one)) {
            continue;
        }
        if (!one->waiting && position-- == 0) {
            break;
        }
        place++;
    }
    return place;
}

/* The chain with the two at the position, the caller's. */
static struct stage **
arrange(const struct both *both, uint32_t position)
{
    const struct vswitch *vswitch = both->first->vswitch;
    unsigned int class = both->first->extension->extension_class;
    struct stage **chain = mem_array(vswitch->n_stages, sizeof *chain);
    bool placed = false;
    uint32_t seen = 0;
    size_t n = 0;

    for (size_t i = 0; i <= vswitch->n_stages; i++) {
        struct stage *one = i < vswitch->n_stages ? vswitch->chain[i] : NULL;

        if (one && (one == both->first || one == both->second)) {
            continue;
        }
        if (!placed
            && (!one || one->extension->extension_class > class
                || (is_sibling(both, one) && seen++ == position))) {
            chain[n++] = both->first;
            chain[n++] = both->second;
            placed = true;
        }
        if (one) {
            chain[n++] = one;
        }
    }
    return chain;
}

void
both_store(struct plan *plan, const struct both *both,
           const struct stage *old, const struct stage *fresh,
           uint32_t position)
{
    const struct vswitch *vswitch = both->first->vswitch;
    struct stage **arranged = arrange(both, position);
    const struct stage **chain = mem_array(vswitch->n_stages, sizeof *chain);

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        chain[i] = arranged[i] == old ? fresh : arranged[i];
    }
    persist_switch(plan_change(plan), vswitch, chain, vswitch->n_stages);
    free(chain);
    free(arranged);
}

void
both_apply(const struct both *both, uint32_t position)
{
    struct vswitch *vswitch = both->first->vswitch;
    struct stage **chain = arrange(both, position);

    memcpy(vswitch->chain, chain, vswitch->n_stages * sizeof *chain);
    free(chain);
}
