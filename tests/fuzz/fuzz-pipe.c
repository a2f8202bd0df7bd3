/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A pipe's peer that writes what it likes into the memory that it shares with
 * us, between our looks at it.  The input is a list of steps: 0 bytes are
 * written anywhere, 1 an index moves, 2 we receive, 3 we send.
 * Packets that we get are whole and inside of the pool, and none is lost.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "packet/offload.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "port/pipe/peer.h"
#include "port/port.h"

#define PACKETS 1024u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pool *pool;
static struct pool_cache *cache;

/* The steps that are left. */
struct input {
    const uint8_t *data;
    size_t size;
};

static uint32_t
take(struct input *input, size_t n)
{
    uint32_t value = 0;

    n = n < input->size ? n : input->size;
    memcpy(&value, input->data, n);
    input->data += n;
    input->size -= n;
    return value;
}

/* Small offsets are indices and the first slots, where it hurts. */
static void
scribble(struct input *input, struct pipe_memory *memory)
{
    uint8_t *bytes = (uint8_t *) memory;
    uint32_t at = take(input, 3), n = take(input, 1);

    at = (at & 0x800000 ? at % sizeof *memory : at % 4096)
        + (at & 0x400000 ? (uint32_t) sizeof(struct ring) : 0);
    n = n < input->size ? n : (uint32_t) input->size;
    if (at < sizeof *memory && n <= sizeof *memory - at) {
        memcpy(bytes + at, input->data, n);
    }
    input->data += n;
    input->size -= n;
}

static void
set_index(struct input *input, struct pipe_memory *memory)
{
    uint32_t which = take(input, 1), value = take(input, 2);
    struct ring *ring = which & 1 ? &memory->to_peer : &memory->to_switch;

    if (which & 2) {
        ring->tail += value;
    } else {
        ring->head += value;
    }
}

static void
receive(struct peer *peer)
{
    struct xvs_packet *packets[XVS_BURST];
    struct port_tally tally = { 0 };
    uint32_t n = peer_receive(peer, cache, packets, XVS_BURST, &tally);

    if (n != tally.packets) {
        abort();
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct xvs_packet *one = packets[i];
        uint32_t total = 0;

        if (!pool_holds(pool, one)) {
            abort();
        }
        do {
            total += one->length;
            one = one->next;
        } while (one);
        if (total != packets[i]->total || total < 14) {
            abort();
        }
        parse_packet(packets[i]);
        if (!offload_finish(packets[i])) {
            abort();
        }
    }
    pool_put(cache, packets, n);
}

static void
transmit(struct input *input, struct peer *peer)
{
    struct port_tally tally = { 0 };
    struct xvs_packet *packet;
    uint32_t total = 14 + take(input, 2);

    if (pool_get(cache, &packet, 1) == 0) {
        abort();
    }
    if (pool_extend(cache, packet, total)) {
        peer_transmit(peer, &packet, 1, &tally);
        if (tally.packets + tally.dropped != 1) {
            abort();
        }
    }
    pool_put(cache, &packet, 1);
}

static void
play(struct input *input, struct peer *peer)
{
    while (input->size) {
        switch (take(input, 1) & 3) {
        case 0:
            scribble(input, peer->memory);
            break;
        case 1:
            set_index(input, peer->memory);
            break;
        case 2:
            peer_disarm(peer);
            receive(peer);
            (void) peer_arm(peer);
            break;
        default:
            transmit(input, peer);
        }
    }
    receive(peer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pipe_welcome welcome = { .magic = PIPE_MAGIC };
    struct input input = { data, size };
    struct peer *peer;
    uint32_t before;
    int ends[2];

    if (!pool) {
        pool = pool_create(PACKETS, NULL);
    }
    cache = pool_cache_create(pool);
    before = pool_available(pool);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        abort();
    }
    peer = peer_create(ends[0], &welcome, true, NULL);
    if (!peer) {
        abort();
    }
    play(&input, peer);
    peer_destroy(peer);
    close(ends[1]);
    pool_cache_destroy(cache);
    if (pool_available(pool) != before) {
        abort();
    }
    return 0;
}
