/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the extension keeps (xvs/keep.h) has one resident at a time: the one
 * that gets packets.  All of them have it mapped, with the key of the stage.
 *
 *     R fails -----> workers leave R, each of which takes back what it wrote
 *                    there for packets that it had not finished
 *     S is live ---> the first who comes there, a worker with packets or the
 *                    control thread, waits until nobody is in R, and has S's
 *                    taken() called; the others wait for that
 *                    the control thread comes: S's control hooks write
 *
 * As in a process, taken() is called where packet hooks are, before any of
 * them, and a fault in it costs an instance.  What a control hook had written
 * that was in R when R failed is taken back (own.c).
 */

#include <config.h>

#include <unistd.h>

#include "stage/domain/domain-inside.h"
#include "stage/keep/log.h"

#define AWAIT_US 20             /* between two looks whether hooks have ended */

static bool
is_dead(const struct resident *resident)
{
    return __atomic_load_n(&resident->is_dead, __ATOMIC_SEQ_CST);
}

/* ---- Taking over ---------------------------------------------------------- */

/* Hooks in those that were before it, which are dead, have ended. */
static void
await_others(struct domain *domain, const struct resident *resident)
{
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        const struct resident *in;

        while ((in = __atomic_load_n(&domain->at[i].in, __ATOMIC_SEQ_CST))
               && in != resident) {
            usleep(AWAIT_US);
        }
    }
}

static bool
call_taken(struct resident *resident, uint32_t lane, char what[DOMAIN_WHAT])
{
    struct kept *kept = resident->domain->stage->kept;
    struct xvs_keep_log *log = kept_log(kept, 1 + lane);
    struct xvs_burst *none = &resident->stacks[lane].room->burst;
    bool good;

    none->n = 0;
    none->lane = lane;
    keep_log_begin(log, KEEP_LOG_HOOK);
    good = domain_call(resident, lane, resident->here.keep->taken, false,
                       what);
    if (!good) {
        kept_undo(kept, log);
    }
    keep_log_begin(log, KEEP_LOG_HOOK);
    return good;
}

/* False: it has failed with that. */
static bool
take(struct resident *resident, uint32_t lane)
{
    struct kept *kept = resident->domain->stage->kept;
    struct xvs_keep *keep = resident->here.keep;
    char what[DOMAIN_WHAT];

    if (!kept_has_before(kept)) {
        /* Another instance has taken that over meanwhile. */
        keep->before = NULL;
    }
    if (keep->taken && !call_taken(resident, lane, what)) {
        domain_fail(resident);
        rescue_taken(resident->domain, what);
        return false;
    }
    kept_converted(kept);
    resident->is_due = false;
    return true;
}

bool
taking_over(struct resident *resident, uint32_t lane)
{
    struct domain *domain = resident->domain;
    struct kept *kept = domain->stage->kept;
    bool good;

    pthread_mutex_lock(&domain->taking);
    good = !is_dead(resident);
    if (good && resident->is_due
        && (kept_pass(kept)
            || (lane == KEEP_LANE && kept_own(kept, NULL)))) {
        await_others(domain, resident);
        good = take(resident, lane);
    }
    if (good) {
        /* While the stage does not own it, there is a predecessor. */
        __atomic_store_n(&resident->waits, false, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&domain->taking);
    return good;
}

/* ---- Workers -------------------------------------------------------------- */

bool
taking_enter(struct resident *resident, uint32_t worker)
{
    struct domain *domain = resident->domain;

    if (__builtin_expect(__atomic_load_n(&resident->waits, __ATOMIC_ACQUIRE),
                         0) && !taking_over(resident, worker)) {
        return false;
    }
    __atomic_store_n(&domain->at[worker].in, resident, __ATOMIC_SEQ_CST);
    if (__builtin_expect(is_dead(resident), 0)) {
        /* Who takes over may not have seen us. */
        __atomic_store_n(&domain->at[worker].in, NULL, __ATOMIC_RELEASE);
        return false;
    }
    keep_log_begin(kept_log(domain->stage->kept, 1 + worker), KEEP_LOG_HOOK);
    return true;
}

void
taking_leave(struct domain *domain, uint32_t worker)
{
    keep_log_begin(kept_log(domain->stage->kept, 1 + worker), KEEP_LOG_HOOK);
    __atomic_store_n(&domain->at[worker].in, NULL, __ATOMIC_RELEASE);
}
