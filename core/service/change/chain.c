/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Chains as they will be; see chain.h.
 */

#include <config.h>

#include "service/change/chain.h"

#include <stdlib.h>

#include "base/memory.h"
#include "service/change/plan.h"
#include "service/config/persist.h"

void
chain_store(struct plan *plan, const struct vswitch *vswitch,
            const struct stage *without, const struct stage *with,
            uint32_t position)
{
    const struct stage **chain = mem_array(vswitch->n_stages + 1,
                                           sizeof *chain);
    unsigned int class = with ? with->extension->extension_class : 0;
    size_t n = 0;
    uint32_t seen = 0;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *stage = vswitch->chain[i];

        if (stage == without) {
            continue;
        }
        if (with && (stage->extension->extension_class > class
                     || (stage->extension->extension_class == class
                         && seen++ == position))) {
            chain[n++] = with;
            with = NULL;
        }
        chain[n++] = stage;
    }
    if (with) {
        chain[n++] = with;
    }
    persist_switch(plan_change(plan), vswitch, chain, n);
    free(chain);
}

uint32_t
chain_place(const struct vswitch *vswitch, const struct extension *extension,
            uint32_t position)
{
    uint32_t place = 0;

    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *one = vswitch->chain[i];

        if (one->extension->extension_class != extension->extension_class
            || one->extension == extension) {
            continue;
        }
        if (!one->waiting && position-- == 0) {
            break;
        }
        place++;
    }
    return place;
}
