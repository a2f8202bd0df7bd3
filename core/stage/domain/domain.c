/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Workers: packets go into a domain and come out, or what the hook did to them
 * is undone.  See domain.h.
 */

#include <config.h>

#include "stage/domain/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "packet/tally.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/gate.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/plugin.h"

/* ---- Packets -------------------------------------------------------------- */

static uint32_t
kept_size(const struct xvs_packet *packet)
{
    return packet->length < DOMAIN_UNDO ? packet->length : DOMAIN_UNDO;
}

/* Copies of their metadata, and what of the frames may have to be undone. */
static void
give(struct domain_room *room, const struct domain_burst *burst,
     uint8_t *undo)
{
    room->burst.n = burst->n;
    room->burst.reserved = 0;
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        room->packets[i] = *packet;
        room->burst.packets[i] = &room->packets[i];
        if (burst->changes) {
            memcpy(undo + i * DOMAIN_UNDO, packet->data, kept_size(packet));
        }
    }
}

static void
undo_all(const struct domain_burst *burst, const uint8_t *undo)
{
    for (uint32_t i = 0; i < burst->n && burst->changes; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        memcpy(packet->data, undo + i * DOMAIN_UNDO, kept_size(packet));
    }
}

/* What no port stumbles over. */
static bool
is_sound(const struct xvs_packet *packet, const struct xvs_packet *copy)
{
    return (copy->gso_type == packet->gso_type
            || copy->gso_type == XVS_GSO_NONE)
        && (copy->gso_type == XVS_GSO_NONE || copy->gso_size)
        && (!(copy->offload & XVS_OFFLOAD_CHECKSUM)
            || copy->csum_start + copy->csum_offset + 2u <= copy->length);
}

/* The chain judges it, as that of hooks that write packets themselves. */
static void
take(struct xvs_packet *packet, const struct xvs_packet *theirs,
     bool changes)
{
    const struct xvs_packet copy = *theirs;

    packet->verdict = copy.verdict;
    packet->drop_reason = copy.drop_reason;
    if (!changes) {
        return;
    }
    if (!is_sound(packet, &copy)) {
        packet->length = 0;     /* no frame: judged as broken */
        return;
    }
    packet->data = copy.data;
    packet->length = copy.length;
    packet->out_port = copy.out_port;
    packet->csum_start = copy.csum_start;
    packet->csum_offset = copy.csum_offset;
    packet->gso_size = copy.gso_size;
    packet->gso_type = copy.gso_type;
    packet->offload = copy.offload;
}

/* ---- Faults --------------------------------------------------------------- */

/* on_failure; a frame whose payload may be half changed is none any more. */
static enum domain_result
lose(struct domain *domain, const struct domain_burst *burst, bool is_touched)
{
    const struct xvs_extension *extension = &domain->stage->plugin->extension;

    if (extension->on_failure == XVS_FAIL_OPEN
        && !(is_touched && (extension->traits & XVS_TRAIT_PAYLOAD))) {
        return DOMAIN_PASSES;
    }
    __atomic_fetch_add(&domain->lost, burst->n, __ATOMIC_RELAXED);
    return DOMAIN_LOSES;
}

static void
ask(struct domain *domain)
{
    if (!__atomic_exchange_n(&domain->is_asked, true, __ATOMIC_ACQ_REL)) {
        thread_call_timer(domain->stage->thread);
    }
}

/* No resident is there: one may be due. */
static enum domain_result
miss(struct domain *domain, const struct domain_burst *burst)
{
    if (loop_now_ms() >= __atomic_load_n(&domain->again_ms,
                                         __ATOMIC_RELAXED)) {
        ask(domain);
    }
    return lose(domain, burst, false);
}

/* The resident is dead from now on, for all workers. */
static enum domain_result
fail(struct domain *domain, struct resident *resident,
     const struct domain_burst *burst, const char *what)
{
    struct resident *expected = resident;
    enum domain_result result = lose(domain, burst, true);

    __atomic_store_n(&resident->is_dead, true, __ATOMIC_RELEASE);
    heap_break(resident->heap);
    pthread_mutex_lock(&domain->lock);
    domain->is_untold = true;
    domain->n_burst = burst->n;
    domain->is_lost = result == DOMAIN_LOSES;
    snprintf(domain->what, sizeof domain->what, "its %s hook %s",
             burst->is_egress ? "egress" : "ingress", what);
    pthread_mutex_unlock(&domain->lock);
    __atomic_compare_exchange_n(&domain->live, &expected, NULL, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    ask(domain);
    return result;
}

/* ---- The call ------------------------------------------------------------- */

static bool
enter(struct resident *resident, struct gate *gate,
      const struct domain_burst *burst, struct gate_fault *fault)
{
    const struct xvs_extension *extension = &resident->image.extension;
    struct domain_room *room = resident->stacks[burst->worker].room;
    const struct gate_call call = {
        .function = (void (*)(void *, void *))
            (void *) (burst->is_egress ? extension->egress
                                       : extension->ingress),
        .self = resident->self,
        .argument = &room->burst,
        .stack = room,
        .rights = keys_rights(resident->domain->key, burst->changes),
    };
    bool good;

    heap_use(resident->heap);
    good = gate_call(gate, &call, fault);
    heap_use(NULL);
    return good;
}

static void
pass_wake(struct domain *domain, struct resident *resident)
{
    uint32_t *word = heap_word(resident->heap);

    if (__atomic_load_n(word, __ATOMIC_RELAXED)) {
        __atomic_store_n(word, 0, __ATOMIC_RELAXED);
        domain->stage->host.wake(&domain->stage->host);
    }
}

enum domain_result
domain_run(struct domain *domain, const struct domain_burst *burst)
{
    struct resident *resident = xvs_read(domain->live);
    uint8_t *undo = domain->undo[burst->worker];
    struct domain_room *room;
    struct gate_fault fault;
    struct error error;
    struct gate *gate;
    char what[200];

    if (!resident) {
        return miss(domain, burst);
    }
    gate = gate_of_thread(&error);
    if (!gate) {
        return fail(domain, resident, burst, error.text);
    }
    room = resident->stacks[burst->worker].room;
    give(room, burst, undo);
    if (!enter(resident, gate, burst, &fault)) {
        undo_all(burst, undo);
        gate_say(&fault, resident->image.start, resident->image.size,
                 domain->stage->plugin->file, what, sizeof what);
        return fail(domain, resident, burst, what);
    }
    for (uint32_t i = 0; i < burst->n; i++) {
        take(burst->packets[i], &room->packets[i], burst->changes);
    }
    pass_wake(domain, resident);
    return DOMAIN_RAN;
}

/* ---- Main thread ---------------------------------------------------------- */

void
domain_health(struct domain *domain, struct stage_health *health)
{
    health->lost = __atomic_load_n(&domain->lost, __ATOMIC_RELAXED);
    pthread_mutex_lock(&domain->lock);
    health->restarts = domain->restarts;
    memcpy(health->failure, domain->failure, sizeof health->failure);
    pthread_mutex_unlock(&domain->lock);
}
