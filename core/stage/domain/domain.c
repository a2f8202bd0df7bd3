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
#include "packet/words.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/gate.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/keep/keep.h"
#include "stage/plugin/plugin.h"

/* ---- Packets -------------------------------------------------------------- */

/* Copies of their metadata, and what of the frames may have to be undone. */
static void
give(struct domain *domain, struct domain_room *room,
     const struct domain_burst *burst)
{
    struct undo *undo = &domain->undo[burst->worker];

    room->burst.n = burst->n;
    room->burst.lane = burst->worker;
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        room->packets[i] = *packet;
        room->burst.packets[i] = &room->packets[i];
        if (burst->changes && undo_keep(undo, i, packet)) {
            domain->has_long[burst->worker] = true;
        }
    }
}

static void
undo_all(const struct domain *domain, const struct domain_burst *burst)
{
    const struct undo *undo = &domain->undo[burst->worker];

    for (uint32_t i = 0; i < burst->n && burst->changes; i++) {
        undo_restore(undo, i, burst->packets[i]);
    }
}

/* What is kept is needed no more. */
static void
forget_all(struct domain *domain, const struct domain_burst *burst)
{
    if (__builtin_expect(domain->has_long[burst->worker], 0)) {
        for (uint32_t i = 0; i < burst->n; i++) {
            undo_forget(&domain->undo[burst->worker], i);
        }
        domain->has_long[burst->worker] = false;
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

#define WORDS (sizeof(struct xvs_packet) / sizeof(words))

/* Whether packets are as their copies, which is so behind most hooks. */
static bool
are_same(struct xvs_packet *const *packets, const struct xvs_packet *copies,
         uint32_t n)
{
    words changed = { 0, 0 };

    for (uint32_t i = 0; i < n; i++) {
        words one[WORDS], other[WORDS];

        memcpy(one, packets[i], sizeof one);
        memcpy(other, &copies[i], sizeof other);
        changed |= (one[0] ^ other[0]) | (one[1] ^ other[1])
            | (one[2] ^ other[2]) | (one[3] ^ other[3]);
    }
    return (changed[0] | changed[1]) == 0;
}

_Static_assert(WORDS == 4, "are_same() looks at all of a packet");

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

/* ---- The call ------------------------------------------------------------- */

bool
domain_call(struct resident *resident, uint32_t lane, domain_function function,
            bool changes, char what[DOMAIN_WHAT])
{
    struct domain_room *room = resident->stacks[lane].room;
    const struct domain *domain = resident->domain;
    const struct gate_call call = {
        .function = (void (*)(void *, void *)) (void *) function,
        .self = resident->self,
        .argument = &room->burst,
        .stack = room,
        .rights = domain->rights[changes],
    };
    struct gate_fault fault;
    struct error error;
    struct gate *gate = gate_of_thread(&error);
    bool good;

    if (!gate) {
        snprintf(what, DOMAIN_WHAT, "%.190s", error.text);
        return false;
    }
    heap_use(resident->heap);
    good = gate_call(gate, &call, &fault);
    heap_use(NULL);
    if (__builtin_expect(!good, 0)) {
        gate_say(&fault, resident->image.start, resident->image.size,
                 domain->stage->plugin->file, what, DOMAIN_WHAT);
    }
    return good;
}

static bool
call_hook(struct resident *resident, const struct domain_burst *burst,
          char what[DOMAIN_WHAT])
{
    const struct xvs_extension *extension = &resident->image.extension;
    void (*hook)(void *, struct xvs_burst *) =
        burst->is_egress ? extension->egress : extension->ingress;

    return domain_call(resident, burst->worker,
                       (domain_function) (void *) hook, burst->changes, what);
}

static void
pass_wake(struct domain *domain, struct resident *resident)
{
    uint32_t *word = heap_word(resident->heap);

    if (__atomic_load_n(word, __ATOMIC_RELAXED)) {
        __atomic_store_n(word, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&domain->is_woken, true, __ATOMIC_RELEASE);
        domain->stage->host.wake(&domain->stage->host);
    }
}

/* It did not run, or not to be relied on: nothing of it is left. */
static void
take_back(struct domain *domain, const struct domain_burst *burst)
{
    struct kept *kept = domain->stage->kept;

    undo_all(domain, burst);
    forget_all(domain, burst);
    if (kept) {
        kept_undo(kept, kept_log(kept, 1 + burst->worker));
    }
}

bool
domain_fail(struct resident *resident)
{
    if (__atomic_exchange_n(&resident->is_dead, true, __ATOMIC_SEQ_CST)) {
        return false;
    }
    heap_break(resident->heap);
    return true;
}

static enum domain_tried
try(struct resident *resident, const struct domain_burst *burst,
    char what[DOMAIN_WHAT])
{
    struct domain *domain = resident->domain;
    struct domain_room *room = resident->stacks[burst->worker].room;

    give(domain, room, burst);
    if (!call_hook(resident, burst, what)) {
        take_back(domain, burst);
        return domain_fail(resident) ? TRIED_FAILED : TRIED_STALE;
    }
    if (__builtin_expect(__atomic_load_n(&resident->is_dead,
                                         __ATOMIC_ACQUIRE), 0)) {
        take_back(domain, burst);
        return TRIED_STALE;
    }
    forget_all(domain, burst);
    pass_wake(domain, resident);
    if (are_same(burst->packets, room->packets, burst->n)) {
        return TRIED_LEFT;
    }
    for (uint32_t i = 0; i < burst->n; i++) {
        take(burst->packets[i], &room->packets[i], burst->changes);
    }
    return TRIED_RAN;
}

enum domain_tried
domain_try(struct resident *resident, const struct domain_burst *burst,
           char what[DOMAIN_WHAT])
{
    struct domain *domain = resident->domain;
    enum domain_tried tried;

    if (!domain->stage->kept) {
        return try(resident, burst, what);
    }
    if (!taking_enter(resident, burst->worker)) {
        return TRIED_STALE;
    }
    tried = try(resident, burst, what);
    taking_leave(domain, burst->worker);
    return tried;
}

enum domain_result
domain_run(struct domain *domain, const struct domain_burst *burst)
{
    struct resident *resident = xvs_read(domain->live);
    char what[DOMAIN_WHAT];

    while (resident) {
        switch (domain_try(resident, burst, what)) {
        case TRIED_RAN: return DOMAIN_RAN;
        case TRIED_LEFT: return DOMAIN_LEFT;
        case TRIED_FAILED: return rescue(domain, resident, burst, what);
        case TRIED_STALE:
            resident = rescue_again(domain, resident, burst);
            break;
        }
    }
    return rescue_nobody(domain, burst);
}

/* ---- Main thread ---------------------------------------------------------- */

static enum standby
standby_of(struct domain *domain)
{
    if (!__atomic_load_n(&domain->wants, __ATOMIC_RELAXED)) {
        return STANDBY_NONE;
    }
    if (spares_count(domain) == DOMAIN_SPARES) {
        return STANDBY_PRESENT;
    }
    return loop_now_ms() < __atomic_load_n(&domain->again_ms,
                                           __ATOMIC_RELAXED)
        ? STANDBY_ABSENT : STANDBY_STARTING;
}

void
domain_health(struct domain *domain, struct stage_health *health)
{
    health->standby = standby_of(domain);
    health->poison = __atomic_load_n(&domain->poison, __ATOMIC_RELAXED);
    health->replayed = __atomic_load_n(&domain->replayed, __ATOMIC_RELAXED);
    health->lost = __atomic_load_n(&domain->lost, __ATOMIC_RELAXED)
        + health->poison;
    pthread_mutex_lock(&domain->lock);
    health->restarts = domain->restarts;
    memcpy(health->failure, domain->failure, sizeof health->failure);
    pthread_mutex_unlock(&domain->lock);
}

void
domain_watch(struct domain *domain)
{
    if (__atomic_load_n(&domain->lacks, __ATOMIC_RELAXED)
        && loop_now_ms() >= __atomic_load_n(&domain->again_ms,
                                            __ATOMIC_RELAXED)) {
        rescue_ask(domain);
    }
}
