/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bursts and their way; what hooks did is judged in traffic-look.c.
 */

#include <config.h>

#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "exttest.h"
#include "packet/cycles.h"
#include "packet/grace.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "rig.h"
#include "stage/chain/chain.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "switch/vswitch.h"
#include "traffic-look.h"

void
traffic_open(struct traffic *traffic, struct rig *rig, struct trial *trial,
             uint32_t worker)
{
    memset(traffic, 0, sizeof *traffic);
    traffic->rig = rig;
    traffic->trial = trial;
    traffic->worker = worker;
    traffic->switch_id = 1;
    traffic->cache = pool_cache_create(workers_pool(rig->driver->workers));
    traffic->looks = trial != NULL;
    traffic->look = look_create();
}

void
traffic_close(struct traffic *traffic)
{
    pool_cache_destroy(traffic->cache);
    look_destroy(traffic->look);
}

/* The plugin's hook, with a look at both sides of it. */
static void
run_hook(void *self, struct xvs_burst *burst)
{
    struct traffic *traffic = self;
    const struct chain_entry *entry = traffic->entry;
    struct xvs_burst given = *burst;
    uint64_t start;

    if (traffic->looks) {
        look_before(traffic->look, burst);
    }
    start = clock_cycles();
    (traffic->is_egress ? entry->egress : entry->ingress)(entry->self,
                                                          burst);
    traffic->cycles += clock_cycles() - start;
    if (traffic->looks) {
        look_after(traffic->look, traffic, &given);
    }
}

/* A chain with nothing but the stage, whose hooks go through ours. */
static struct chain *
chain_of_stage(struct traffic *traffic, const struct chain *all)
{
    uint32_t at = chain_find(all, &traffic->rig->id);
    struct chain *chain;

    if (at == CHAIN_NOWHERE || at >= all->n) {
        return NULL;
    }
    traffic->entry = &all->entries[at];
    chain = chain_create(1);
    chain->entries[0] = *traffic->entry;
    chain->entries[0].self = traffic;
    chain->entries[0].ingress = traffic->entry->ingress ? run_hook : NULL;
    chain->entries[0].egress = traffic->entry->egress ? run_hook : NULL;
    return chain;
}

static uint32_t
fill(struct traffic *traffic, const struct traffic_frame *frames, uint32_t n,
     uint32_t in, uint32_t out, struct xvs_packet **packets)
{
    uint32_t got = pool_get(traffic->cache, packets, n);

    for (uint32_t i = 0; i < got; i++) {
        struct xvs_packet *packet = packets[i];

        if (!pool_write(traffic->cache, packet, frames[i].bytes,
                        frames[i].size)) {
            packet->length = packet->total = 0;
            pool_put(traffic->cache, packets + i, got - i);
            return i;
        }
        packet->in_port = in;
        packet->out_port = traffic->is_egress ? out : XVS_PORT_NONE;
        packet->gso_type = frames[i].gso_type;
        packet->gso_size = frames[i].gso_type ? 1000 : 0;
        packet->offload = frames[i].offload;
        packet->csum_start = frames[i].offload ? 34 : 0;
        packet->csum_offset = frames[i].offload ? 6 : 0;
        packet->time = 1;
    }
    parse_burst(packets, got);
    return got;
}

/* Every packet is there once, as passed or as dropped. */
static bool
conserves(struct traffic *traffic, struct xvs_packet *const *packets,
          uint32_t n, struct xvs_packet *const *left, uint32_t n_left)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (at < n_left && left[at] == packets[i]) {
            at++;
        } else if (packets[i]->verdict == XVS_PASS) {
            return !traffic->trial
                || trial_fail(traffic->trial, "a packet is lost without a"
                              " verdict");
        }
    }
    traffic->n += n;
    traffic->n_passed += n_left;
    traffic->n_dropped += n - n_left;
    return at == n_left || !traffic->trial
        || trial_fail(traffic->trial, "packets came out in another order");
}

bool
traffic_burst(struct traffic *traffic, const struct traffic_frame *frames,
              uint32_t n, uint32_t in, uint32_t out)
{
    struct xvs_packet *packets[XVS_BURST], *left[XVS_BURST];
    const struct pool *pool = workers_pool(traffic->rig->driver->workers);
    struct chain_run run = {
        .pool = pool, .worker = traffic->worker, .cache = traffic->cache,
        .direction = traffic->is_egress ? CHAIN_EGRESS : CHAIN_INGRESS };
    unsigned int before = grace_enter();
    const struct vswitch *vswitch = rig_vswitch(traffic->rig, traffic->switch_id);
    struct chain *chain =
        chain_of_stage(traffic, xvs_read(vswitch->path.chain));
    uint32_t n_left, got = fill(traffic, frames, n, in, out, packets);
    bool good;

    look_frames(traffic->look, frames);
    memcpy(left, packets, got * sizeof *left);
    n_left = chain_run(chain, &run, left, got);
    good = conserves(traffic, packets, got, left, n_left);
    grace_leave(before);
    free(chain);
    pool_put(traffic->cache, packets, got);
    return good && (!traffic->trial || trial_goes_on(traffic->trial));
}

bool
traffic_has_hook(const struct rig *rig, bool is_egress)
{
    const struct chain *chain =
        xvs_read(rig_vswitch(rig, 1)->path.chain);
    uint32_t at = chain_find(chain, &rig->id);

    return at != CHAIN_NOWHERE && at < chain->n
        && (is_egress ? chain->entries[at].egress
                      : chain->entries[at].ingress) != NULL;
}

/* Frames of the corpus from the 'first' on, in one burst; how many. */
static uint32_t
gather(uint32_t first, struct traffic_frame *frames, uint8_t *room,
       uint32_t size)
{
    static uint8_t frame[CORPUS_FRAME];
    uint32_t n = 0, used = 0;

    while (n < XVS_BURST && first + n < corpus_count()) {
        uint32_t length = corpus_frame(first + n, frame);

        if (used + length > size) {
            break;
        }
        memcpy(room + used, frame, length);
        frames[n] = (struct traffic_frame) { .bytes = room + used,
                                             .size = length,
                                             .id = first + n };
        used += length;
        n++;
    }
    return n;
}

static bool
run_corpus(struct traffic *traffic)
{
    static uint8_t room[2 * CORPUS_FRAME];
    struct traffic_frame frames[XVS_BURST];
    uint32_t n, end = corpus_count() - (traffic->is_brief ? 5 : 0);

    for (uint32_t i = 0; i < end; i += n) {
        n = gather(i, frames, room, sizeof room);
        if (traffic->trial) {
            trial_step(traffic->trial, "%s, frames %u to %u: from %s",
                       traffic->is_egress ? "egress" : "ingress", i,
                       i + n - 1, corpus_name(i));
        }
        if (!traffic_burst(traffic, frames, n, 11, 12)) {
            return false;
        }
    }
    return true;
}

bool
traffic_corpus(struct traffic *traffic)
{
    bool good;

    traffic->is_egress = false;
    good = run_corpus(traffic);
    traffic->is_egress = true;
    good = good && run_corpus(traffic);
    traffic->is_egress = false;
    return good;
}
