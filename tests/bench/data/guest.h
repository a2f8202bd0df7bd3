/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

/*
 * A guest's network card, played with as little work as possible: memory of
 * its own, one pair of split rings, and what a guest's driver does for each
 * frame, namely to write descriptors and to touch the first cache line.  One
 * thread plays two of them, so that on a machine with two cores the switch
 * has a core of its own and is what limits.
 */

#include "vhost.h"

#include <stdbool.h>
#include <stddef.h>

#define GUEST_HEADER 12u /* virtio-net header of a modern device */
/* Not a power of two: else first lines share few sets of the cache. */
#define GUEST_STRIDE 2176u
#define GUEST_STAMP 42u /* where the number or time of a frame is */

struct guest_options {
    unsigned int ring;  /* entries, a power of two */
    unsigned int size;  /* bytes of a frame, without FCS */
    unsigned int flows; /* UDP source ports */
    unsigned int macs;  /* destination addresses */
    bool dirty;         /* write all of each frame */
    bool read_all;      /* read all of each frame */
    bool mergeable;     /* offer mergeable buffers */
    bool huge;          /* memory in hugepages */
    bool listen;        /* the switch connects */
    bool sleeps;        /* when idle; wants interrupts */
    bool stamp;         /* time in each frame instead of a number */
};

struct guest_queue {
    struct vring_desc *descriptors;
    struct vring_avail *avail;
    struct vring_used *used;
    uint16_t next_avail; /* index that we publish next */
    uint16_t next_used;  /* index that we take back next */
    int kick;            /* eventfd to the switch */
    int call;            /* eventfd from the switch */
    uint8_t *buffers;    /* one per descriptor, GUEST_STRIDE apart */
    uint16_t *unused;    /* stack of descriptors to send with */
    unsigned int n_unused;
};

struct guest {
    const struct guest_options *options;
    int side; /* 0: A, 1: B */
    int socket;
    int memory_fd;
    uint8_t *memory;
    size_t memory_size;
    uint64_t features;          /* agreed on */
    struct guest_queue receive; /* ring 0 */
    struct guest_queue send;    /* ring 1 */
    uint64_t sequence;          /* of the next frame */
    uint64_t sent;
    uint64_t received;
    uint64_t bad; /* wrong length or not for us */
};

/* Connects and hands over memory and rings; ends the program on failure. */
void guest_open(struct guest *guest, const struct guest_options *options,
                const char *path, int side);

/* Sends 'n' frames, or none when there is no room for all of them. */
unsigned int guest_send(struct guest *guest, unsigned int n);

/* Takes up to 'max' frames; 'seen' is called with the stamp of each, or NULL.
 */
unsigned int guest_receive(struct guest *guest, unsigned int max,
                           void (*seen)(uint64_t stamp));

/* Sends one frame from each of the options' addresses, so that they are
 * learnt; returns how many could be sent. */
unsigned int guest_announce(struct guest *guest, unsigned int first);

/* Writes the frame number 'sequence' of a side. */
void guest_frame(const struct guest_options *options, uint8_t *frame, int side,
                 uint64_t sequence);

/* Takes back what the switch has sent. */
void guest_reclaim(struct guest *guest);

/* Tells the switch, unless it does not want to hear. */
void guest_kick(struct guest_queue *queue);

/* Address of guest memory as the switch is told it. */
uint64_t guest_address(const struct guest *guest, const void *pointer);

#endif
