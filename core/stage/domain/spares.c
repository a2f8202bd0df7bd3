/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The residents that are ready to take the place of one that fails.  A worker
 * whose hook has failed takes the first, without waiting for anybody but others
 * that hold the lock for a few instructions; the control thread learns of it
 * later.
 *
 *     spares ---> live (promoted) ---> current of the control thread
 */

#include <config.h>

#include "packet/grace.h"
#include "stage/domain/domain-inside.h"

/* Takes the spare out; under the lock. */
static struct resident *
take_out(struct domain *domain, uint32_t i)
{
    struct resident *resident = domain->spares[i];

    for (; i + 1 < DOMAIN_SPARES; i++) {
        domain->spares[i] = domain->spares[i + 1];
    }
    domain->spares[i] = NULL;
    return resident;
}

/* It (NULL: nobody) has the packets from now on; under the lock. */
static void
promote(struct domain *domain, struct resident *resident)
{
    struct resident **at = &domain->promoted;

    while (*at) {
        at = &(*at)->next;
    }
    *at = resident;
    (void) xvs_publish(domain->live, resident);
}

struct resident *
spares_promote(struct domain *domain, struct resident *dead)
{
    struct resident *next;

    pthread_mutex_lock(&domain->lock);
    next = xvs_read(domain->live);
    if (next == dead) {
        next = take_out(domain, 0);
        promote(domain, next);
    }
    pthread_mutex_unlock(&domain->lock);
    return next;
}

/* How many there are; under the lock. */
static uint32_t
count(const struct domain *domain)
{
    uint32_t n = 0;

    while (n < DOMAIN_SPARES && domain->spares[n]) {
        n++;
    }
    return n;
}

uint32_t
spares_count(struct domain *domain)
{
    uint32_t n;

    pthread_mutex_lock(&domain->lock);
    n = count(domain);
    pthread_mutex_unlock(&domain->lock);
    return n;
}

void
spares_add(struct domain *domain, struct resident *resident)
{
    pthread_mutex_lock(&domain->lock);
    if (xvs_read(domain->live)) {
        domain->spares[count(domain)] = resident;
    } else {
        promote(domain, resident);
    }
    pthread_mutex_unlock(&domain->lock);
}

bool
spares_remove(struct domain *domain, const struct resident *resident)
{
    bool found = false;

    pthread_mutex_lock(&domain->lock);
    for (uint32_t i = 0; i < DOMAIN_SPARES && !found; i++) {
        if (domain->spares[i] == resident) {
            take_out(domain, i);
            found = true;
        }
    }
    pthread_mutex_unlock(&domain->lock);
    return found;
}

struct resident *
spares_take(struct domain *domain)
{
    struct resident *resident;

    pthread_mutex_lock(&domain->lock);
    resident = take_out(domain, 0);
    pthread_mutex_unlock(&domain->lock);
    return resident;
}

uint32_t
spares_list(struct domain *domain, struct resident *out[SPARES_TOLD])
{
    uint32_t n = 0;

    pthread_mutex_lock(&domain->lock);
    for (struct resident *one = domain->promoted; one && n < SPARES_TOLD;
         one = one->next) {
        out[n++] = one;
    }
    for (uint32_t i = 0; i < count(domain) && n < SPARES_TOLD; i++) {
        out[n++] = domain->spares[i];
    }
    pthread_mutex_unlock(&domain->lock);
    return n;
}
