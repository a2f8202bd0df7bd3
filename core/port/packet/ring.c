/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A block is walked frame by frame, over several calls if need be, and given
 * back when all of it was copied.  Offsets are compared with the block before
 * they are used.
 */

#include <config.h>

#include "port/packet/ring.h"

#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/offload.h"
#include "packet/pool.h"
#include "port/packet/tag.h"
#include "port/port.h"

#define FRAME_ALIGN 8u          /* of frames in a block of TPACKET_V3 */

struct packet_ring {
    uint8_t *memory;            /* RING_BLOCKS * RING_BLOCK bytes */
    uint32_t block;             /* that is next, or in work */
    uint32_t left;              /* frames of it that are left; 0: not begun */
    uint32_t at;                /* offset of the next one */
};

struct packet_ring *
packet_ring_open(int fd, const char *name, struct error *error)
{
    struct tpacket_req3 request = {
        .tp_block_size = RING_BLOCK, .tp_block_nr = RING_BLOCKS,
        .tp_frame_size = RING_BLOCK, .tp_frame_nr = RING_BLOCKS,
        .tp_retire_blk_tov = RING_HOLD_MS };
    struct packet_ring *ring;
    int version = TPACKET_V3;
    void *memory = MAP_FAILED;

    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)
            == 0
        && setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request,
                      sizeof request) == 0) {
        memory = mmap(NULL, (size_t) RING_BLOCK * RING_BLOCKS,
                      PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (memory == MAP_FAILED) {
        error_set_errno(error, errno, "interface %s: cannot make a receive"
                        " ring", name);
        return NULL;
    }
    ring = mem_zalloc(sizeof *ring);
    ring->memory = memory;
    return ring;
}

void
packet_ring_close(struct packet_ring *ring)
{
    if (ring) {
        munmap(ring->memory, (size_t) RING_BLOCK * RING_BLOCKS);
        free(ring);
    }
}

static struct tpacket_block_desc *
block_of(const struct packet_ring *ring)
{
    return (void *) (ring->memory + (size_t) ring->block * RING_BLOCK);
}

/* Begins the next block; false: it is the kernel's still. */
static bool
begin(struct packet_ring *ring)
{
    const struct tpacket_block_desc *block = block_of(ring);
    const struct tpacket_hdr_v1 *head = &block->hdr.bh1;

    if (!(__atomic_load_n(&head->block_status, __ATOMIC_ACQUIRE)
          & TP_STATUS_USER)) {
        return false;
    }
    ring->left = head->num_pkts;
    ring->at = head->offset_to_first_pkt;
    return true;
}

static void
end(struct packet_ring *ring)
{
    struct tpacket_block_desc *block = block_of(ring);

    ring->left = 0;
    __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL,
                     __ATOMIC_RELEASE);
    ring->block = (ring->block + 1) % RING_BLOCKS;
}

/* The next frame's head, or NULL when it would be outside of the block. */
static const struct tpacket3_hdr *
next_frame(struct packet_ring *ring)
{
    const uint8_t *start = (const uint8_t *) block_of(ring);
    const struct tpacket3_hdr *frame = (const void *) (start + ring->at);

    if (ring->at > RING_BLOCK - sizeof *frame
        || ring->at % FRAME_ALIGN != 0
        || frame->tp_mac < sizeof *frame + sizeof(struct virtio_net_hdr)
        || frame->tp_mac > RING_BLOCK - ring->at
        || frame->tp_snaplen > RING_BLOCK - ring->at - frame->tp_mac) {
        return NULL;
    }
    ring->left--;
    ring->at += frame->tp_next_offset;
    return frame;
}

/* Copies the frame into the packet; false when it has to be dropped. */
static bool
take(const struct tpacket3_hdr *frame, struct pool_cache *cache,
     struct xvs_packet *packet)
{
    const uint8_t *bytes = (const uint8_t *) frame + frame->tp_mac;
    struct virtio_net_hdr head;

    memcpy(&head, bytes - sizeof head, sizeof head);
    if (frame->tp_snaplen < frame->tp_len || frame->tp_snaplen < 14
        || frame->tp_snaplen > POOL_FRAME_MAX
        || !pool_write(cache, packet, bytes, frame->tp_snaplen)
        || !offload_take(packet, &head)) {
        return false;
    }
    if (frame->tp_status & TP_STATUS_VLAN_VALID) {
        tag_restore(packet, frame->tp_status & TP_STATUS_VLAN_TPID_VALID
                    ? frame->hv1.tp_vlan_tpid : ETH_P_8021Q,
                    (uint16_t) frame->hv1.tp_vlan_tci);
    }
    return true;
}

uint32_t
packet_ring_receive(struct packet_ring *ring, struct pool_cache *cache,
                    struct xvs_packet **packets, uint32_t max,
                    struct port_tally *tally)
{
    uint32_t n = 0, got;

    if (ring->left == 0 && !begin(ring)) {
        return 0;
    }
    max = max < ring->left ? max : ring->left;
    got = pool_get(cache, packets, max);
    for (uint32_t i = 0; i < max; i++) {
        const struct tpacket3_hdr *frame = next_frame(ring);

        if (!frame) {
            tally->dropped += ring->left;
            ring->left = 0;
            break;
        }
        if (n == got) {
            tally->dropped++;
        } else if (take(frame, cache, packets[n])) {
            tally->bytes += packets[n++]->total;
        } else {
            /* It may have become a chain: a fresh one in its place. */
            pool_put(cache, &packets[n], 1);
            packets[n] = packets[--got];
            tally->dropped++;
        }
    }
    pool_put(cache, packets + n, got - n);
    if (ring->left == 0) {
        end(ring);
    }
    tally->packets += n;
    return n;
}
