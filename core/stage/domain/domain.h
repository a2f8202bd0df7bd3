/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_DOMAIN_H
#define XVS_STAGE_DOMAIN_DOMAIN_H

/*
 * A stage whose packet hooks run on the switch's own workers, and can write
 * only what is theirs (partition "domain"):
 *
 *     its data, heap and stacks     read and write
 *     frames                        read; write where its class may
 *     metadata of its packets       copies: the switch takes what it may say
 *     all else of xvs-switch        read
 *     other stages in domains       nothing
 *     calls of the system           none
 *
 * A hook that touches anything else, or does not return, is ended where it
 * is.  Then its resident is dead: nothing of it is called again.  What it did
 * to bytes of the burst's packets is undone, and the worker gives them to a
 * spare resident, which has been told the same ports and settings (but not
 * what the dead one kept to itself), one by one: a packet that ends that one,
 * too, is dropped.  When there is no spare (faults come faster than residents),
 * on_failure says what becomes of packets until the stage's control thread has
 * made another of the same file.  What the extension keeps is the spare's
 * before it gets any of them (taking.c).
 *
 *     worker                            control thread
 *     live resident --- fault ------>   wakes up
 *     a spare is live                   another spare: copy, init, ports,
 *     ... or none: on_failure           settings
 *
 * This keeps faults apart, and nobody's bad intentions: a hook that may write
 * frames can write those of others, too, control hooks run with all rights of
 * xvs-switch, and whoever wants can build code that no scan of its bytes sees
 * through.
 */

#include <stdbool.h>
#include <stdint.h>

struct domain;
struct error;
struct outcome;
struct stage;
struct stage_health;
struct xvs_packet;

/* What a worker gives to a hook. */
struct domain_burst {
    uint32_t worker;            /* its slot */
    uint32_t n;                 /* at least 1 */
    struct xvs_packet **packets;    /* remembered, without a verdict */
    bool is_egress;
    bool changes;               /* the stage may change bytes of frames */
};

enum domain_result {
    DOMAIN_RAN,                 /* packets are as the hook left them */
    DOMAIN_LEFT,                /* ... which is as they were, but for bytes of
                                 * frames */
    DOMAIN_PASSES,              /* it is dead: they are as they were, and go
                                 * on (on_failure open) */
    DOMAIN_LOSES                /* the same, and they are to be dropped */
};

/* Worker: has the hook run, which is there. */
enum domain_result domain_run(struct domain *domain,
                              const struct domain_burst *burst);
/* Main thread, now and then: has spares made that could not be made before. */
void domain_watch(struct domain *domain);
/* Main thread: how it does.  Only what a domain has is filled. */
void domain_health(struct domain *domain, struct stage_health *health);
/* Nothing of it runs, and fini has been called if init was.  Accepts NULL. */
void domain_destroy(struct domain *domain);

#endif
