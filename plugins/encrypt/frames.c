/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks.  Each call borrows a worker's ciphers, of which there are
 * as many as hooks can run at once.
 */
#include "encrypt.h"

#include <sched.h>

#include <xvs/headers.h>

#include "clamp.h"

/* A burst in a hook. */
struct passage {
    struct encrypt *self;
    const struct encrypt_set *set;
    struct seal_worker *worker;
    uint64_t counts[ENCRYPT_COUNTS];
};

/* A thread finds the one that it had before, as a rule. */
static struct seal_worker *
borrow(struct encrypt *self)
{
    uintptr_t here = (uintptr_t) __builtin_frame_address(0);
    uint32_t at = (uint32_t) (here >> 23);      /* stacks have 8 MiB */

    for (uint32_t i = 0;; i++) {
        struct seal_worker *worker =
            &self->workers[(at + i) % ENCRYPT_WORKERS];

        if (!atomic_flag_test_and_set_explicit(&worker->busy,
                                               memory_order_acquire)) {
            return worker;
        }
        if (i % ENCRYPT_WORKERS == ENCRYPT_WORKERS - 1) {
            sched_yield();
        }
    }
}

static struct passage
begin(struct encrypt *self)
{
    return (struct passage) { .self = self, .set = xvs_read(self->set),
                              .worker = borrow(self) };
}

static void
end(struct passage *passage)
{
    atomic_flag_clear_explicit(&passage->worker->busy, memory_order_release);
    for (int i = 0; i < ENCRYPT_COUNTS; i++) {
        if (passage->counts[i]) {
            atomic_fetch_add_explicit(&passage->self->counts[i],
                                      passage->counts[i],
                                      memory_order_relaxed);
        }
    }
}

static void
drop(struct passage *passage, struct xvs_packet *packet,
     enum encrypt_reason reason)
{
    passage->counts[reason]++;
    xvs_drop(packet, (uint8_t) reason);
}

/* ---- On the way in ------------------------------------------------------ */

/* Whether the network carries the frame once it is sealed. */
static bool
fits(const struct encrypt_set *set, const struct xvs_packet *packet)
{
    uint32_t at = xvs_packet_type(packet);

    return !set->network_mtu
        || packet->total - at - 2 + SEAL_OVERHEAD <= set->network_mtu;
}

static void
close_one(struct passage *passage, struct xvs_packet *packet)
{
    const struct encrypt_set *set = passage->set;

    if (!set->sender) {
        drop(passage, packet, ENCRYPT_NO_KEY);
        return;
    }
    if (set->clamp && set->network_mtu) {
        passage->counts[ENCRYPT_N_CLAMPED] +=
            clamp_mss(packet, set->network_mtu - SEAL_OVERHEAD);
    }
    if (!fits(set, packet)
        || !seal_close(passage->worker, &passage->self->sessions,
                       set->sender, set->ethertype, packet)) {
        drop(passage, packet, ENCRYPT_TOO_LONG);
        return;
    }
    passage->counts[ENCRYPT_N_SEALED]++;
    passage->counts[ENCRYPT_N_SEALED_BYTES] += packet->total;
}

void
encrypt_ingress(void *arg, struct xvs_burst *burst)
{
    struct passage passage = begin(arg);

    for (uint32_t i = 0; i < burst->n; i++) {
        close_one(&passage, burst->packets[i]);
    }
    end(&passage);
}

/* ---- On the way out ----------------------------------------------------- */

static const struct seal_key *
find_key(const struct encrypt_set *set, uint8_t id)
{
    for (uint32_t i = 0; i < set->n_keys; i++) {
        if (set->keys[i].id == id) {
            return &set->keys[i];
        }
    }
    return NULL;
}

static void
open_one(struct passage *passage, struct xvs_packet *packet)
{
    uint8_t id = seal_key_of(packet);
    const struct seal_key *key = find_key(passage->set, id);
    uint64_t session, number;
    uint32_t size = packet->total;

    if (id && !key) {
        drop(passage, packet, ENCRYPT_UNKNOWN_KEY);
    } else if (!id || !seal_open(passage->worker, key, packet, &session,
                                 &number)) {
        drop(passage, packet, ENCRYPT_FORGED);
    } else if (!replay_is_new(passage->self->replay, session,
                              packet->out_port, number, packet->time)) {
        drop(passage, packet, ENCRYPT_REPLAYED);
    } else {
        passage->counts[ENCRYPT_N_OPENED]++;
        passage->counts[ENCRYPT_N_OPENED_BYTES] += size;
    }
}

void
encrypt_egress(void *arg, struct xvs_burst *burst)
{
    struct passage passage = begin(arg);

    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];

        if (seal_is(packet, passage.set->ethertype)) {
            open_one(&passage, packet);
        } else if (passage.set->require) {
            drop(&passage, packet, ENCRYPT_PLAIN);
        } else {
            passage.counts[ENCRYPT_N_PLAIN]++;
        }
    }
    end(&passage);
}
