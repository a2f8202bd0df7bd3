/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The control thread makes spares (spares.c) and tells them what the current
 * resident has accepted; what they say is not heard.  What the extension keeps
 * they can read, and their control hooks write nothing there (taking.c).
 */

#include <config.h>

#include "base/log.h"
#include "stage/deliver.h"
#include "stage/domain/domain-inside.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/plugin/plugin.h"

/* ---- Telling -------------------------------------------------------------- */

static bool
insist(struct domain *domain, const char *what, int result,
       struct outcome *outcome)
{
    outcome_judge(outcome, domain->stage, what, result);
    return outcome->result == XVS_SUCCESS;
}

bool
spare_tell_all(struct domain *domain, struct outcome *outcome)
{
    struct stage *stage = domain->stage;
    const struct roster *roster = &domain->roster;
    struct xvs_answer answer = { .stage = stage, .outcome = outcome };

    for (uint32_t i = 0; i < roster->n_ports; i++) {
        const struct roster_port *one = &roster->ports[i];

        if (!insist(domain, "PORT_CREATE",
                    deliver_port(stage, XVS_PORT_CREATED, &one->port),
                    outcome)
            || (one->connected
                && !insist(domain, "NIC_CONNECT",
                           deliver_port(stage, XVS_PORT_CONNECTED,
                                        &one->port), outcome))) {
            return false;
        }
    }
    for (const struct setting *one = inforce_first(roster->settings); one;
         one = one->next) {
        if (!insist(domain, "ADD",
                    deliver_setting(stage, &one->head, one->block, &answer),
                    outcome)) {
            return false;
        }
    }
    return !roster->active || !stage->hooks->state
        || insist(domain, "activate",
                  stage->hooks->state(stage->self, XVS_ACTIVATE), outcome);
}

/* ---- Making --------------------------------------------------------------- */

/* No hook of it is called any more, not even the last one. */
static void
throw_away(struct resident *resident)
{
    __atomic_store_n(&resident->is_dead, true, __ATOMIC_RELEASE);
    resident_end(resident);
}

static struct resident *
make(struct domain *domain, struct outcome *outcome)
{
    struct resident *resident = resident_create(domain, outcome);

    if (resident) {
        resident_enter(resident);
        if (!spare_tell_all(domain, outcome)) {
            throw_away(resident);
            resident = NULL;
        }
    }
    resident_enter(domain->current);
    return resident;
}

bool
spare_fill(struct domain *domain, struct outcome *outcome)
{
    if (!domain->roster.active) {
        __atomic_store_n(&domain->lacks, false, __ATOMIC_RELAXED);
        return true;
    }
    __atomic_store_n(&domain->wants, true, __ATOMIC_RELAXED);
    __atomic_store_n(&domain->lacks, true, __ATOMIC_RELAXED);
    for (uint32_t i = spares_count(domain); i < DOMAIN_SPARES; i++) {
        struct resident *resident = make(domain, outcome);

        if (!resident) {
            log_warning("%s on switch %s has no standby in its domain: %s",
                        stage_name(domain->stage), domain->stage->switch_name,
                        outcome->text);
            return false;
        }
        spares_add(domain, resident);
    }
    __atomic_store_n(&domain->lacks, spares_count(domain) < DOMAIN_SPARES,
                     __ATOMIC_RELAXED);
    return true;
}

/* ---- What they are told --------------------------------------------------- */

/* It is no twin of the current one any more; a worker may have it by now. */
static void
dismiss(struct domain *domain, struct resident *resident)
{
    bool found = spares_remove(domain, resident);

    __atomic_store_n(&domain->lacks, true, __ATOMIC_RELAXED);
    if (found) {
        throw_away(resident);
    } else {
        domain_fail(resident);
        spares_promote(domain, resident);
        rescue_ask(domain);
    }
}

void
spare_echo(struct domain *domain, spare_hook hook, const void *arg)
{
    struct resident *spares[SPARES_TOLD];
    uint32_t n = spares_list(domain, spares);

    for (uint32_t i = 0; i < n; i++) {
        struct outcome outcome = { 0 };
        struct xvs_answer answer = { .stage = domain->stage,
                                     .outcome = &outcome };

        if (__atomic_load_n(&spares[i]->is_dead, __ATOMIC_ACQUIRE)) {
            continue;
        }
        resident_enter(spares[i]);
        if (hook(domain->stage, arg, &answer) != XVS_SUCCESS) {
            log_warning("a standby of %s on switch %s did not accept what it"
                        " was told, and is made anew",
                        stage_name(domain->stage),
                        domain->stage->switch_name);
            dismiss(domain, spares[i]);
        }
    }
    resident_enter(domain->current);
}

void
spare_end_all(struct domain *domain)
{
    struct resident *resident;

    while ((resident = spares_take(domain))) {
        resident_end(resident);
    }
}
