/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_RING_GUEST_H
#define XVS_TESTS_RING_GUEST_H

/*
 * A guest in the process of a test, in a memory file as a real one's, with one
 * ring, and our end of that.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/packet.h>

#include "packet/pool.h"
#include "port/port.h"
#include "port/vhost/ring/ring.h"

#include "virtio-driver.h"

#define GUEST_BASE UINT64_C(0x40000000)     /* addresses for the guest */
#define GUEST_USER UINT64_C(0x7f0000000000)  /* and for its front end */
#define GUEST_HALF 0x200000u    /* of its memory: each half is a region */
#define GUEST_BUFFERS 0x40000u  /* where buffers begin; rings lie below */
#define GUEST_HEAD ((uint32_t) sizeof(struct virtio_net_hdr_mrg_rxbuf))

/* A guest with one ring, and our end of it. */
struct guest {
    int file;
    uint8_t *at;                /* its memory, as the guest sees it */
    struct memory memory;       /* as we see it */
    struct driver_ring driver;
    struct ring_setup setup;
    struct ring ring;
    struct pool *pool;
    struct pool_cache *cache;
    struct port_tally tally;
    uint32_t used;              /* bytes of buffers given out */
};

/* What a test varies. */
struct guest_kind {
    bool packed, event_index;
};

extern const struct guest_kind guest_kinds[4];
#define GUEST_KINDS 4u

struct guest *guest_start(const struct guest_kind *kind, bool to_guest,
                          uint32_t size);
void guest_stop(struct guest *guest);
/* Starts the ring again as 'setup' says. */
void guest_start_ring(struct guest *guest);
/* Whether there was an interrupt since the last call. */
bool guest_was_called(const struct guest *guest);
bool guest_is_broken(const struct guest *guest);
/* Whether it is broken; then 'what' must be said of it. */
bool guest_is_broken_by(const struct guest *guest, const char *what);

/* Room in the guest's memory, wherever it comes to lie. */
struct driver_part guest_room(struct guest *guest, uint32_t size);
uint8_t *guest_at(const struct guest *guest, uint64_t address);
/* Byte number 'i' of the frames of this test. */
uint8_t guest_byte(uint32_t seed, uint32_t i);

/* A header that asks for nothing and a frame of 'size' bytes, in parts of at
 * most 'part' bytes. */
int guest_send(struct guest *guest, uint32_t seed, uint32_t size,
               uint32_t part, bool indirect);
bool guest_is_frame(const struct xvs_packet *packet, uint32_t seed,
                    uint32_t size);
/* What a worker does. */
uint32_t guest_receive(struct guest *guest, struct xvs_packet **packets);
struct xvs_packet *guest_make_packet(struct guest *guest, uint32_t seed,
                                     uint32_t size);
void guest_transmit(struct guest *guest, uint32_t seed, uint32_t size);

#endif
