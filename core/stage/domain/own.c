/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The control thread: what the extension keeps is to be the stage's or not, the
 * current resident's control hooks write there, and what they wrote is for good
 * or not.
 */

#include <config.h>

#include "stage/domain/domain-inside.h"
#include "stage/keep/log.h"

static bool
is_lacking(const struct domain *domain)
{
    const struct resident *current = domain->current;

    return domain->stage->owns && current && current->here.keep
        && !current->here.mine;
}

void
own_take(struct domain *domain)
{
    struct kept *kept = domain->stage->kept;

    while (is_lacking(domain)) {
        struct resident *current = domain->current;

        if (taking_over(current, KEEP_LANE)) {
            __atomic_store_n(&current->here.mine,
                             !current->is_due && kept_own(kept, NULL),
                             __ATOMIC_RELEASE);
            resident_enter(current);
            return;
        }
        domain_settle(domain);
    }
}

void
own_state(struct domain *domain, bool is_active)
{
    struct stage *stage = domain->stage;

    stage->owns = is_active && stage->kept;
    if (is_active) {
        own_take(domain);
    } else if (stage->kept) {
        if (domain->current) {
            __atomic_store_n(&domain->current->here.mine, 0,
                             __ATOMIC_RELEASE);
        }
        kept_leave(stage->kept, NULL);
    }
}

void
own_done(struct domain *domain, bool in_vain)
{
    struct kept *kept = domain->stage->kept;

    if (kept && in_vain) {
        kept_undo(kept, kept_log(kept, 0));
    } else if (kept && domain->current && domain->current->here.mine) {
        keep_log_begin(kept_log(kept, 0), KEEP_LOG_HOOK);
    }
}
