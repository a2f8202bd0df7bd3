/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Workers: packets with which a resident has failed, undone.
 *
 *     burst --fault--> a spare, packet by packet: with the one that is alone
 *                      at a second fault, and is to blame, it ends; the next
 *                      spare has the rest
 *
 * Packets of another worker that were in the resident meanwhile are undone as
 * well, and go to the next one as the burst that they are: nothing of them is to
 * blame.  Those that no resident is left for go the way of on_failure.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/loop.h"
#include "packet/grace.h"
#include "stage/domain/domain-inside.h"
#include "stage/lane/lanes.h"
#include "stage/plugin/plugin.h"

static const char given[] = "are given to its standby, and another one is made";
static const char dropped[] = "are dropped, and it begins anew";
static const char gone_on[] = "are put back and go on, and it begins anew";
static const char taken_over[] = "another one takes over what it keeps";
static const char to_blame[] = "are dropped, and another standby is made";

void
rescue_ask(struct domain *domain)
{
    if (!__atomic_exchange_n(&domain->is_asked, true, __ATOMIC_ACQ_REL)) {
        thread_call_timer(domain->stage->thread);
    }
}

/* on_failure. */
static enum domain_result
lose(struct domain *domain, const struct domain_burst *burst)
{
    if (domain->stage->plugin->extension.on_failure == XVS_FAIL_OPEN) {
        return DOMAIN_PASSES;
    }
    __atomic_fetch_add(&domain->lost, burst->n, __ATOMIC_RELAXED);
    return DOMAIN_LOSES;
}

enum domain_result
rescue_nobody(struct domain *domain, const struct domain_burst *burst)
{
    if (loop_now_ms() >= __atomic_load_n(&domain->again_ms,
                                         __ATOMIC_RELAXED)) {
        rescue_ask(domain);
    }
    return lose(domain, burst);
}

/* The control thread tells it. */
static void
note_hook(struct domain *domain, const char *hook, uint32_t n,
          const char *what, const char *fate)
{
    pthread_mutex_lock(&domain->lock);
    domain->n_untold++;
    domain->n_burst = n;
    domain->fate = fate;
    snprintf(domain->what, sizeof domain->what, "its %s hook %s", hook, what);
    pthread_mutex_unlock(&domain->lock);
    rescue_ask(domain);
}

static void
note(struct domain *domain, const struct domain_burst *burst,
     const char *what, const char *fate)
{
    note_hook(domain, burst->is_egress ? "egress" : "ingress", burst->n, what,
              fate);
}

void
rescue_taken(struct domain *domain, const char *what)
{
    note_hook(domain, "taken", 0, what, taken_over);
}

/* The packet has ended two residents, the second one alone: it is dropped, and
 * kept while not too many are. */
static void
blame(struct domain *domain, const struct domain_burst *one)
{
    struct lanes_poison *copy =
        lanes_poison_copy(one->packets[0], one->is_egress);

    one->packets[0]->verdict = XVS_DROP;
    __atomic_fetch_add(&domain->poison, 1, __ATOMIC_RELAXED);
    pthread_mutex_lock(&domain->lock);
    if (copy && domain->n_kept < LANES_POISON) {
        copy->ends = 2;
        copy->next = domain->kept;
        domain->kept = copy;
        domain->n_kept++;
        copy = NULL;
    }
    pthread_mutex_unlock(&domain->lock);
    free(copy);
}

/* One packet, with which the resident (NULL: there is none) ends if it is to
 * blame; who has the next one, NULL: nobody. */
static struct resident *
replay_one(struct domain *domain, struct resident *next,
           const struct domain_burst *one)
{
    char what[DOMAIN_WHAT];

    while (next) {
        enum domain_tried tried = domain_try(next, one, what);

        if (tried != TRIED_STALE) {
            __atomic_fetch_add(&domain->replayed, 1, __ATOMIC_RELAXED);
        }
        switch (tried) {
        case TRIED_RAN:
        case TRIED_LEFT:
            return next;
        case TRIED_FAILED:
            blame(domain, one);
            next = spares_promote(domain, next);
            note(domain, one, what, to_blame);
            return next;
        case TRIED_STALE:
            next = spares_promote(domain, next);
            break;
        }
    }
    if (lose(domain, one) == DOMAIN_LOSES) {
        one->packets[0]->verdict = XVS_DROP;
    }
    return NULL;
}

enum domain_result
rescue(struct domain *domain, struct resident *dead,
       const struct domain_burst *burst, const char *what)
{
    struct resident *next = spares_promote(domain, dead);
    enum domain_result result;

    if (!next) {
        result = lose(domain, burst);
        note(domain, burst, what,
             result == DOMAIN_LOSES ? dropped : gone_on);
        return result;
    }
    note(domain, burst, what, given);
    for (uint32_t i = 0; i < burst->n; i++) {
        struct domain_burst one = *burst;

        one.n = 1;
        one.packets = burst->packets + i;
        next = replay_one(domain, next ? next : xvs_read(domain->live), &one);
    }
    return DOMAIN_RAN;
}

struct resident *
rescue_again(struct domain *domain, struct resident *dead,
             const struct domain_burst *burst)
{
    __atomic_fetch_add(&domain->replayed, burst->n, __ATOMIC_RELAXED);
    return spares_promote(domain, dead);
}
