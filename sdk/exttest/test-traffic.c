/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets: what a hook may do with them, and what it must bear.
 */

#include <config.h>

#include "exttest.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/packet.h>

#include "base/memory.h"
#include "corpus.h"
#include "packet/pool.h"
#include "rig.h"
#include "stage/plugin/plugin.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "traffic.h"

/* False: it has no packet hook, so there is nothing to try. */
static bool
has_packets(struct trial *trial)
{
    return traffic_has_hook(trial->rig, false)
        || traffic_has_hook(trial->rig, true)
        || trial_skip(trial, "it has no packet hook");
}

static void
test_corpus(struct trial *trial)
{
    struct traffic traffic;

    if (!has_packets(trial)) {
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    traffic_corpus(&traffic);
    trial_note(trial, "%lu packets, %lu dropped", traffic.n,
               traffic.n_dropped);
    traffic_close(&traffic);
}

/* All Ethernet types, and for those of experiments all first bytes. */
static uint32_t
type_frame(uint32_t i, uint8_t *out)
{
    return i < 0x10000
        ? corpus_type((uint16_t) i, 0, out)
        : corpus_type(i & 0x100 ? 0x88b6 : 0x88b5, (uint8_t) i, out);
}

static bool
run_types(struct traffic *traffic)
{
    static uint8_t room[XVS_BURST][64];
    struct traffic_frame frames[XVS_BURST];

    for (uint32_t first = 0; first < 0x10200; first += XVS_BURST) {
        trial_step(traffic->trial, "%s, Ethernet types from 0x%04x on",
                   traffic->is_egress ? "egress" : "ingress",
                   first < 0x10000 ? first : 0x88b5u);
        for (uint32_t i = 0; i < XVS_BURST; i++) {
            frames[i] = (struct traffic_frame) {
                .bytes = room[i], .size = type_frame(first + i, room[i]),
                .id = corpus_count() - 1 };
        }
        if (!traffic_burst(traffic, frames, XVS_BURST, 11, 12)) {
            return false;
        }
    }
    return true;
}

static void
test_types(struct trial *trial)
{
    struct traffic traffic;

    if (!has_packets(trial)) {
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    if (run_types(&traffic)) {
        traffic.is_egress = true;
        run_types(&traffic);
    }
    trial_note(trial, "%lu packets, %lu dropped", traffic.n,
               traffic.n_dropped);
    traffic_close(&traffic);
}

static void
test_random(struct trial *trial)
{
    static uint8_t room[64][CORPUS_FRAME];
    uint32_t rounds = trial->quick ? 40 : 2000;
    struct traffic_frame frames[64];
    uint64_t seed = 0x9e3779b97f4a7c15;
    struct traffic traffic;

    if (!has_packets(trial)) {
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    for (uint32_t i = 0; i < rounds && trial_goes_on(trial); i++) {
        trial_step(trial, "random frames, round %u", i);
        for (uint32_t j = 0; j < 64; j++) {
            uint32_t id = (uint32_t) (corpus_random(&seed)
                                      % (corpus_count() - 4));

            frames[j] = (struct traffic_frame) {
                .bytes = room[j], .id = id,
                .size = corpus_mutate(id, &seed, room[j]) };
        }
        traffic.is_egress = i & 1;
        traffic_burst(&traffic, frames, 64, 11, 12 + (i & 1));
    }
    trial_note(trial, "%lu packets, %lu dropped", traffic.n,
               traffic.n_dropped);
    traffic_close(&traffic);
}

/* Super frames and open checksums, as guests send them. */
static void
test_offload(struct trial *trial)
{
    static uint8_t bytes[CORPUS_FRAME];
    static const uint32_t sizes[] = { 60, 1514, 9014, 65535 };
    struct traffic_frame frames[4];
    struct traffic traffic;

    if (!has_packets(trial)) {
        return;
    }
    if (rig_plugin(trial->rig)->extension.traits & XVS_TRAIT_WIRE) {
        trial_skip(trial, "XVS_TRAIT_WIRE: the switch cuts them first");
        return;
    }
    corpus_frame(corpus_count() - 1, bytes);
    for (uint32_t i = 0; i < 4; i++) {
        frames[i] = (struct traffic_frame) {
            .bytes = bytes, .size = sizes[i], .id = corpus_count() - 1,
            .gso_type = sizes[i] > 1514 ? XVS_GSO_UDP : XVS_GSO_NONE,
            .offload = XVS_OFFLOAD_CHECKSUM };
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    traffic_burst(&traffic, frames, 4, 11, 12);
    traffic.is_egress = true;
    traffic_burst(&traffic, frames, 4, 11, 12);
    traffic_close(&traffic);
}

/* Ports that the extension was never told of, as when one has just gone. */
static void
test_ports(struct trial *trial)
{
    static uint8_t bytes[CORPUS_FRAME];
    struct traffic_frame frame = { .bytes = bytes };
    struct traffic traffic;

    if (!has_packets(trial)) {
        return;
    }
    frame.size = corpus_frame(0, bytes);
    traffic_open(&traffic, trial->rig, trial, 1);
    trial_step(trial, "a packet from a port that is not there");
    traffic_burst(&traffic, &frame, 1, 4711, 12);
    traffic.is_egress = true;
    traffic_burst(&traffic, &frame, 1, 11, 4711);
    traffic_burst(&traffic, &frame, 1, XVS_PORT_NONE, 12);
    traffic_close(&traffic);
}

/* All buffers have a pattern, none is in use: who writes there has kept a
 * packet that was not his any more. */
static void
test_return(struct trial *trial)
{
    struct pool *pool = workers_pool(trial->rig->driver->workers);
    struct traffic traffic;
    struct pool_view view;
    MEM_AUTO uint8_t *copy = NULL;
    size_t size;

    if (!has_packets(trial)) {
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    traffic.looks = false;
    traffic_corpus(&traffic);
    traffic_close(&traffic);
    pool_view(pool, &view);
    size = (size_t) view.n * POOL_STRIDE;
    memset(view.buffers, 0xdb, size);
    copy = mem_dup(view.buffers, size);
    trial_step(trial, "waiting with no packet in its hands");
    rig_wait(trial->rig, trial->quick ? 150 : 1500);
    if (memcmp(copy, view.buffers, size) != 0) {
        trial_fail(trial, "a packet was written to that its hook had"
                   " returned: packets must not be kept");
    }
}

static const struct test tests[] = {
    TEST("traffic.corpus", "Whole and broken packets of all protocols pass;"
         " each comes out once, and what the hook did is what its class and"
         " traits allow.", test_corpus, NEEDS_STAGE),
    TEST("traffic.types", "A frame of a type that nobody thought of is a"
         " frame like others.", test_types, NEEDS_STAGE),
    SLOW("traffic.random", "Guests send what they like, so no bytes of a"
         " frame may break a hook.", test_random, NEEDS_STAGE, 60),
    SLOW("traffic.offload", "Guests leave super frames and checksums to"
         " their card, and stages see them so.", test_offload, NEEDS_STAGE, 0),
    SLOW("traffic.ports", "A packet of a port that has just gone, or just"
         " come, can reach a hook.", test_ports, NEEDS_STAGE, 0),
    TEST("traffic.return", "Packets belong to the switch again when the hook"
         " returns; who keeps one writes into somebody else's.", test_return,
         NEEDS_STAGE),
};

GROUP(traffic, "packets and what hooks do with them", tests);
