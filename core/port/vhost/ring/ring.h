/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_RING_H
#define XVS_PORT_VHOST_RING_RING_H

/*
 * One ring ("virtqueue") that a guest shares with us, split or packed.
 *
 *     main thread                        a worker at a time
 *     ring_start()  --published-->       fetch, resolve -> copy -> give
 *     ring_stop()   after a grace period
 *
 * The guest makes buffers available; a worker takes up what it needs to know
 * of the next ones, copies, and gives back what it used, always in the guest's
 * order.  So nothing is ever in our hands between two calls, and where we
 * stopped is where to go on.  What takes long is to wait for memory that the
 * guest's processor wrote; so the next buffers are on their way to us while we
 * work on these:
 *
 *     given back | ready        | fetched              | available
 *                | in 'slots',  | its descriptor is on | the guest's
 *                | bytes are on | the way              |
 *                | the way      |                      |
 *
 * The guest can write to the ring and to its descriptors at any time.  Each
 * word of it is read once, into our own memory, and checked there.  What
 * contradicts the specification breaks the ring: nothing more is done with it
 * until it is started anew, and the main thread is told.
 */

#include <linux/virtio_ring.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/vhost/ring/dirty.h"
#include "port/vhost/ring/inflight.h"
#include "port/vhost/ring/memory.h"

struct error;
struct pool_cache;
struct port_tally;
struct xvs_packet;

#define RING_BURST 128u         /* buffers that are dealt with in one go */
#define RING_STEP 8u            /* buffers between two looks ahead */
#define RING_SLOTS 256u         /* buffers ahead, and of one frame, at most */
#define RING_PIECES 1024u       /* descriptors of one buffer, at most */
#define RING_SIZE_MAX 32768u

/* Where a ring is and how it works. */
struct ring_setup {
    bool packed;
    bool event_index;           /* VIRTIO_RING_F_EVENT_IDX */
    bool mergeable;             /* VIRTIO_NET_F_MRG_RXBUF */
    bool checksum;              /* the guest takes open checksums */
    bool to_guest;              /* the guest's buffers are for us to fill */
    bool discard;               /* frames from the guest go nowhere */
    bool polled;                /* the guest does not kick */
    bool alone;                 /* one worker only will ever send */
    uint32_t head;              /* bytes of the virtio header */
    uint32_t size;              /* descriptors */
    uint64_t desc, avail, used; /* addresses of the front end */
    uint32_t base;              /* where to go on, as in SET_VRING_BASE */
    int kick, call;             /* eventfds or -1; stay the caller's */
    int trouble;                /* eventfd, written when the ring breaks */
    const struct memory *memory;
    const struct dirty *dirty;  /* or NULL: not logged */
    bool log_used;              /* the used ring is logged too */
    uint64_t log;               /* the used ring's address in the log */
    struct inflight_queue *inflight;    /* or NULL: not tracked */
};

/* A buffer that the guest has made available. */
struct slot {
    uint8_t *at;                /* NULL: in pieces, see ring_pieces() */
    uint32_t size;              /* if 'at' */
    uint32_t written;           /* bytes that we wrote */
    uint16_t id;                /* split: first descriptor; packed: id */
    uint16_t place;             /* packed: first descriptor */
    uint16_t n;                 /* packed: descriptors */
    bool wrap;                  /* packed: wrap counter at 'place' */
};

/* A position in a packed ring. */
struct ring_place {
    uint32_t at;
    bool wrap;
};

struct ring {
    struct ring_setup setup;    /* not changed while the ring is published */
    union {
        struct vring_desc *desc;
        struct vring_packed_desc *packed;
    };
    union {
        struct vring_avail *avail;
        struct vring_packed_desc_event *driver_event;
    };
    union {
        struct vring_used *used;
        struct vring_packed_desc_event *device_event;
    };
    const struct memory_region *region;     /* of the last buffer */
    uint16_t next;              /* first buffer that was not given back */
    bool wrap;                  /* packed: the wrap counter there */
    uint16_t unsaid;            /* steps of 'next' that the guest was not
                                 * told of */
    uint16_t seen;              /* split: avail->idx when last read */
    struct ring_place ahead;    /* packed: first buffer that is not ready */
    uint32_t first;             /* of 'slots': the first that is ready */
    uint32_t n_ready;
    uint32_t n_fetched;         /* behind these */
    bool broken;                /* nothing more is done; atomic */
    const char *what;           /* is wrong with it, once broken */
    uint32_t number;            /* of the descriptor that it is about */
    pthread_mutex_t lock;       /* for sending: workers take turns */
    struct slot slots[RING_SLOTS];
};

/* Bytes of a buffer that lie in one place. */
struct piece {
    uint8_t *at;
    uint32_t size;
};

/* ---- Main thread -------------------------------------------------------- */

/* Checks the addresses and goes on from the base.  The ring is zero, or was
 * stopped. */
bool ring_start(struct ring *ring, const struct ring_setup *setup,
                struct error *error);
/* Nobody uses it any more.  Returns where it stopped, as in
 * GET_VRING_BASE. */
uint32_t ring_stop(struct ring *ring);
/* True when the guest broke it; 'text' then says how. */
bool ring_is_broken(const struct ring *ring, char *text, uint32_t size);

/* ---- Worker: frames ----------------------------------------------------- */

/* As port_ops.receive and .transmit. */
uint32_t ring_receive(struct ring *ring, struct pool_cache *cache,
                      struct xvs_packet **packets, uint32_t max,
                      struct port_tally *tally);
void ring_transmit(struct ring *ring, struct xvs_packet *const *packets,
                   uint32_t n, struct port_tally *tally);
/* As port_ops.arm and .disarm. */
bool ring_arm(struct ring *ring);
void ring_disarm(struct ring *ring);

/* ---- Worker: buffers ---------------------------------------------------- */

/* The ready buffer number 'i'. */
static inline struct slot *
ring_slot(struct ring *ring, uint32_t i)
{
    return &ring->slots[(ring->first + i) % RING_SLOTS];
}

/* Starts to bring descriptors of further buffers into the cache. */
void ring_fetch(struct ring *ring);
/* Makes up to 'max' of those that were fetched ready, and starts to bring
 * their bytes. */
void ring_resolve(struct ring *ring, uint32_t max);
/* The pieces of a buffer; 0: it is empty, or that broke the ring. */
uint32_t ring_pieces(struct ring *ring, const struct slot *slot,
                     struct piece pieces[RING_PIECES]);
/* Gives back the first 'n' buffers that are ready. */
void ring_give(struct ring *ring, uint32_t n);
/* Wakes the guest when it wants to hear of what was given back. */
void ring_tell(struct ring *ring);

/* The same for each kind. */
void split_fetch(struct ring *ring);
void split_resolve(struct ring *ring, uint32_t max);
uint32_t split_pieces(struct ring *ring, const struct slot *slot,
                      struct piece *pieces);
void split_give(struct ring *ring, uint32_t n);
bool split_wants_interrupt(const struct ring *ring);
/* Asks for kicks; false when something is available already. */
bool split_arm(struct ring *ring);
void split_disarm(struct ring *ring);

void packed_fetch(struct ring *ring);
void packed_resolve(struct ring *ring, uint32_t max);
uint32_t packed_pieces(struct ring *ring, const struct slot *slot,
                       struct piece *pieces);
void packed_give(struct ring *ring, uint32_t n);
bool packed_wants_interrupt(const struct ring *ring);
bool packed_arm(struct ring *ring);
void packed_disarm(struct ring *ring);

/* ---- For split.c and packed.c ------------------------------------------- */

void ring_break(struct ring *ring, const char *what, uint32_t number);
/* Appends what lies at the guest's address; false when that broke the ring. */
bool ring_add_piece(struct ring *ring, struct piece *pieces, uint32_t *n,
                    uint64_t address, uint32_t size);
/* The table behind an indirect descriptor; NULL when that broke the ring. */
const uint8_t *ring_table(struct ring *ring, uint64_t address, uint32_t size,
                          uint32_t *n);
/* Copies an entry of such a table; the guest cannot change the copy. */
static inline void
ring_read_entry(void *entry, const uint8_t *table, uint32_t i)
{
    __builtin_memcpy(entry, table + i * sizeof(struct vring_desc),
                     sizeof(struct vring_desc));
    __asm__ volatile("" : : "r"(entry) : "memory");
}

/* For the log of a migration: we wrote there. */
static inline void
ring_log(const struct ring *ring, const void *at, uint32_t size)
{
    if (ring->setup.dirty) {
        dirty_mark(ring->setup.dirty,
                   memory_guest_address(ring->setup.memory, at), size);
    }
}

/* The same for a split ring's used ring, by the address that it has there. */
void ring_log_used(const struct ring *ring, uint32_t offset, uint32_t size);

static inline bool
ring_works(const struct ring *ring)
{
    return !__atomic_load_n(&ring->broken, __ATOMIC_RELAXED);
}

/* Our pointer to a buffer in one piece, or NULL. */
static inline uint8_t *
ring_at(struct ring *ring, uint64_t address, uint32_t size)
{
    uint8_t *at = memory_in(ring->region, address, size);

    for (uint32_t i = 0; !at && i < ring->setup.memory->n; i++) {
        const struct memory_region *region = &ring->setup.memory->regions[i];

        at = memory_in(region, address, size);
        if (at) {
            ring->region = region;
        }
    }
    return at;
}

/* Starts to bring a line into the cache; one that we will write such that no
 * other processor has it. */
static inline void
ring_prefetch(const void *at, bool to_write)
{
#if defined(__x86_64__)
    /* Compilers do not use it unless told the processor; those that lack it
     * take it for no operation. */
    if (to_write) {
        __asm__ volatile("prefetchw %0" : : "m"(*(const char *) at));
    } else {
        __builtin_prefetch(at);
    }
#else
    if (to_write) {
        __builtin_prefetch(at, 1);
    } else {
        __builtin_prefetch(at);
    }
#endif
}

/* What we wrote before is seen by others before we read on. */
static inline void
ring_barrier(void)
{
#if defined(__x86_64__)
    __asm__ volatile("lock; addl $0, (%%rsp)" : : : "memory", "cc");
#elif defined(__aarch64__)
    __asm__ volatile("dmb ish" : : : "memory");
#else
    __sync_synchronize();
#endif
}

#define RING_READ(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define RING_WRITE(word, value) \
    __atomic_store_n(&(word), (value), __ATOMIC_RELAXED)

#endif
