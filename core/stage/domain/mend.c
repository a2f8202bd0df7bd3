/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What the control thread of a domain does after a fault: the dead resident
 * goes, what workers noted is told, and others are made.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/heap.h"
#include "stage/lane/lanes.h"
#include "stage/plugin/plugin.h"

#define RETRY_MS 100u           /* after too many faults; then doubled */
#define SLOWEST_MS 10000u
#define FORGIVE_MS 1000u        /* a failure is forgotten in that time */

/* ---- Telling -------------------------------------------------------------- */

struct said {
    struct stage *stage;
    struct lanes_poison *packet;    /* that is to blame; NULL: none */
    char text[CONTROL_TEXT];
};

static void
say(void *arg)
{
    struct said *said = arg;
    struct stage *stage = said->stage;

    if (!said->packet) {
        stage->owner->event(stage->owner_arg, stage, EVENT_FAILED,
                            XVS_LOG_ERROR, said->text);
    } else if (stage->owner->poison) {
        stage->owner->poison(stage->owner_arg, stage, said->packet,
                             said->text);
    }
    free(said->packet);
    free(said);
}

/* The end of the stage is posted after this. */
static void
post(struct domain *domain, struct lanes_poison *packet, const char *text)
{
    struct said *said = mem_zalloc(sizeof *said);

    said->stage = domain->stage;
    said->packet = packet;
    snprintf(said->text, sizeof said->text, "%s", text);
    loop_post(domain->stage->loop, say, said);
}

static void
tell_poison(struct domain *domain, struct lanes_poison *newest,
            const char *text)
{
    struct lanes_poison *one = lanes_poison_turn(newest);

    while (one) {
        struct lanes_poison *next = one->next;

        post(domain, one, text);
        one = next;
    }
}

void
domain_tell_faults(struct domain *domain)
{
    char text[CONTROL_TEXT] = "", what[sizeof domain->what];
    struct lanes_poison *kept;
    uint32_t n;

    pthread_mutex_lock(&domain->lock);
    kept = domain->kept;
    domain->kept = NULL;
    domain->n_kept = 0;
    n = domain->n_untold;
    domain->n_untold = 0;
    memcpy(what, domain->what, sizeof what);
    if (n && domain->n_burst) {
        snprintf(text, sizeof text, "%s: %s; the %u packets that it had %s",
                 stage_name(domain->stage), domain->what, domain->n_burst,
                 domain->fate);
    } else if (n) {
        snprintf(text, sizeof text, "%s: %s; %s", stage_name(domain->stage),
                 domain->what, domain->fate);
    }
    if (n) {
        memcpy(domain->failure, text, sizeof domain->failure);
        domain->restarts += n;
    }
    pthread_mutex_unlock(&domain->lock);
    if (n) {
        post(domain, NULL, text);
    }
    tell_poison(domain, kept, what);
}

/* ---- The next resident ---------------------------------------------------- */

static void
grace_over(struct grace_call *call)
{
    struct resident *resident = (struct resident *) (void *) call;
    struct domain *domain = resident->domain;

    __atomic_store_n(&resident->is_past, true, __ATOMIC_RELEASE);
    rescue_ask(domain);         /* it can be freed; it is not ours any more */
}

_Static_assert(offsetof(struct resident, grace) == 0, "grace_over() casts");

void
domain_sweep(struct domain *domain)
{
    struct resident **at = &domain->gone;

    while (*at) {
        struct resident *one = *at;

        if (__atomic_load_n(&one->is_past, __ATOMIC_ACQUIRE)) {
            *at = one->next;
            resident_end(one);
        } else {
            at = &one->next;
        }
    }
}

static void
note_failure(struct domain *domain)
{
    uint64_t now = loop_now_ms();
    uint64_t forgiven = (now - domain->failed_ms) / FORGIVE_MS;
    uint32_t at_once = domain->stage->place->n_restarts, more;
    uint64_t delay = 0;

    domain->n_failures = forgiven < domain->n_failures
        ? domain->n_failures - (uint32_t) forgiven + 1 : 1;
    domain->failed_ms = now;
    if (domain->n_failures > at_once) {
        more = domain->n_failures - at_once;
        delay = more > 6 ? SLOWEST_MS : RETRY_MS << more;
    }
    __atomic_store_n(&domain->again_ms, now + delay, __ATOMIC_RELAXED);
}

/* The dead one is no more what control hooks are called in. */
static void
bury(struct domain *domain)
{
    struct resident *dead = domain->current;

    domain->current = NULL;
    domain->stage->hooks = NULL;
    heap_use(NULL);
    note_failure(domain);
    dead->next = domain->gone;
    domain->gone = dead;
    grace_defer(&dead->grace, grace_over);
}

void
domain_adopt(struct domain *domain, struct resident *resident)
{
    domain->current = resident;
    resident_enter(resident);
}

/* Unless it has failed already, with what the extension keeps. */
static void
begin_anew(struct domain *domain, struct resident *resident)
{
    if (domain->current == resident) {
        (void) xvs_publish(domain->live, resident);
        log_info("%s on switch %s has begun anew in its domain",
                 stage_name(domain->stage), domain->stage->switch_name);
    }
}

/* Makes the one that is lacking. */
static void
renew(struct domain *domain, struct outcome *outcome)
{
    struct resident *resident = resident_create(domain, outcome);

    if (resident) {
        domain_adopt(domain, resident);
        if (spare_tell_all(domain, outcome)) {
            own_take(domain);
            begin_anew(domain, resident);
            return;
        }
        domain->current = NULL;
        domain->stage->hooks = NULL;
        resident_end(resident);
    }
    note_failure(domain);
    log_warning("%s on switch %s does not begin anew in its domain: %s",
                stage_name(domain->stage), domain->stage->switch_name,
                outcome->text);
}

bool
domain_is_dead(const struct domain *domain)
{
    return domain->current
        && __atomic_load_n(&domain->current->is_dead, __ATOMIC_ACQUIRE);
}

void
domain_settle(struct domain *domain)
{
    while (domain_is_dead(domain)) {
        struct resident *next;

        /* The worker with which it failed may not have come so far. */
        spares_promote(domain, domain->current);
        bury(domain);
        pthread_mutex_lock(&domain->lock);
        next = domain->promoted;
        domain->promoted = next ? next->next : NULL;
        pthread_mutex_unlock(&domain->lock);
        if (next) {
            domain_adopt(domain, next);
        }
    }
}

void
domain_mend(struct domain *domain, bool now, struct outcome *outcome)
{
    bool is_time;

    domain_settle(domain);
    domain_tell_faults(domain);
    is_time = loop_now_ms() >= __atomic_load_n(&domain->again_ms,
                                               __ATOMIC_RELAXED);
    if (!domain->current && (now || is_time)) {
        renew(domain, outcome);
    }
    own_take(domain);
    if (!domain->current || !is_time) {
        /* Somebody comes back for them then. */
        __atomic_store_n(&domain->lacks, true, __ATOMIC_RELAXED);
    } else if (!spare_fill(domain, outcome)) {
        note_failure(domain);
    }
}
