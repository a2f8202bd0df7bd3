/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * AF_XDP sockets by plain system calls; see xsk.h.
 */

#include <config.h>

#include "port/xdp/xsk.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "packet/offload.h"
#include "packet/pool.h"
#include "port/port.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#define FRAMES (XSK_RECEIVE + XSK_TRANSMIT)
#define KICK_BATCH 32u          /* frames that the kernel sends per kick */
#define AHEAD 4u                /* frames whose bytes are on their way */

/* ---- Opening -------------------------------------------------------------- */

static bool
failed(const struct xsk_config *config, struct error *error, const char *what)
{
    int number = errno;

    error_set_errno(error, number, "interface %s, queue %u: cannot %s",
                    config->name, config->queue, what);
    errno = number;
    return false;
}

static bool
open_socket(struct xsk *xsk, const struct xsk_config *config,
            struct error *error)
{
    xsk->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (xsk->fd >= 0) {
        return true;
    }
    failed(config, error, "open an AF_XDP socket");
    if (errno == EPERM) {
        error_hint(error, "xvs-switch lacks the capability CAP_NET_RAW");
    } else if (errno == EAFNOSUPPORT) {
        error_hint(error, "this kernel has no AF_XDP: use the driver packet");
    }
    return false;
}

/* The memory for frames, locked by the kernel. */
static bool
register_memory(struct xsk *xsk, const struct xsk_config *config,
                struct error *error)
{
    size_t size = (size_t) FRAMES * config->chunk;
    struct xdp_umem_reg reg = { .len = size, .chunk_size = config->chunk };

    xsk->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (xsk->memory == MAP_FAILED) {
        xsk->memory = NULL;
        return failed(config, error, "get memory for frames");
    }
    reg.addr = (uintptr_t) xsk->memory;
    if (setsockopt(xsk->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg) == 0) {
        return true;
    }
    failed(config, error, "give memory to the kernel");
    if (errno == ENOBUFS || errno == ENOMEM) {
        error_hint(error, "each queue locks %zu MiB: raise the limit of locked"
                   " memory (LimitMEMLOCK, ulimit -l)", size >> 20);
    }
    return false;
}

static bool
set_sizes(const struct xsk *xsk, const struct xsk_config *config,
          struct error *error)
{
    static const struct {
        int option, size;
    } rings[] = {
        { XDP_UMEM_FILL_RING, XSK_RECEIVE },
        { XDP_RX_RING, XSK_RECEIVE },
        { XDP_TX_RING, XSK_TRANSMIT },
        { XDP_UMEM_COMPLETION_RING, XSK_TRANSMIT },
    };

    for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++) {
        if (setsockopt(xsk->fd, SOL_XDP, rings[i].option, &rings[i].size,
                       sizeof rings[i].size) < 0) {
            return failed(config, error, "make a ring");
        }
    }
    return true;
}

static bool
map_ring(struct xsk *xsk, size_t number, struct ring *ring,
         const struct xdp_ring_offset *offset, uint32_t n, size_t entry,
         uint64_t page)
{
    struct xsk_map *map = &xsk->maps[number];
    uint32_t *producer, *consumer;
    void *start;

    map->size = offset->desc + n * entry;
    start = mmap(NULL, map->size, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_POPULATE, xsk->fd, (off_t) page);
    if (start == MAP_FAILED) {
        return false;
    }
    map->start = start;
    producer = (void *) ((char *) start + offset->producer);
    consumer = (void *) ((char *) start + offset->consumer);
    ring->flags = (void *) ((char *) start + offset->flags);
    ring->entries = (char *) start + offset->desc;
    ring->size = n;
    if (ring == &xsk->fill || ring == &xsk->transmit) {
        ring->ours = producer;
        ring->theirs = consumer;
    } else {
        ring->ours = consumer;
        ring->theirs = producer;
    }
    return true;
}

static bool
map_rings(struct xsk *xsk, const struct xsk_config *config,
          struct error *error)
{
    struct xdp_mmap_offsets at = { 0 };
    socklen_t size = sizeof at;

    if (getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &size) == 0
        && size == sizeof at
        && map_ring(xsk, 0, &xsk->fill, &at.fr, XSK_RECEIVE,
                    sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING)
        && map_ring(xsk, 1, &xsk->receive, &at.rx, XSK_RECEIVE,
                    sizeof(struct xdp_desc), XDP_PGOFF_RX_RING)
        && map_ring(xsk, 2, &xsk->transmit, &at.tx, XSK_TRANSMIT,
                    sizeof(struct xdp_desc), XDP_PGOFF_TX_RING)
        && map_ring(xsk, 3, &xsk->completion, &at.cr, XSK_TRANSMIT,
                    sizeof(uint64_t), XDP_UMEM_PGOFF_COMPLETION_RING)) {
        return true;
    }
    return failed(config, error, "map the rings");
}

/* All frames for receiving go to the kernel, the others to the stack. */
static void
deal_frames(struct xsk *xsk)
{
    uint64_t *entries = xsk->fill.entries;

    for (uint32_t i = 0; i < XSK_RECEIVE; i++) {
        entries[i] = (uint64_t) i * xsk->chunk;
    }
    ring_pass(&xsk->fill, XSK_RECEIVE);
    for (uint32_t i = 0; i < XSK_TRANSMIT; i++) {
        xsk->unused[xsk->n_unused++] =
            (uint64_t) (XSK_RECEIVE + i) * xsk->chunk;
    }
}

static bool
bind_queue(const struct xsk *xsk, const struct xsk_config *config,
           struct error *error)
{
    struct sockaddr_xdp address = {
        .sxdp_family = AF_XDP,
        .sxdp_flags = (uint16_t) (XDP_USE_NEED_WAKEUP
                                  | (config->zerocopy ? XDP_ZEROCOPY
                                                      : XDP_COPY)),
        .sxdp_ifindex = (uint32_t) config->index,
        .sxdp_queue_id = config->queue,
    };

    if (bind(xsk->fd, (struct sockaddr *) &address, sizeof address) == 0) {
        return true;
    }
    failed(config, error, config->zerocopy
           ? "use it without copying" : "bind to it");
    if (errno == EBUSY) {
        error_hint(error, "another AF_XDP socket has this queue; end the"
                   " program that owns it");
    }
    return false;
}

struct xsk *
xsk_open(const struct xsk_config *config, int *number, struct error *error)
{
    struct xsk *xsk = mem_zalloc(sizeof *xsk);

    xsk->fd = xsk->bell.bell = -1;
    xsk->chunk = config->chunk;
    pthread_mutex_init(&xsk->lock, NULL);
    if (open_socket(xsk, config, error)
        && register_memory(xsk, config, error)
        && set_sizes(xsk, config, error) && map_rings(xsk, config, error)) {
        deal_frames(xsk);
        if (bind_queue(xsk, config, error)
            && (bell_open(&xsk->bell, xsk->fd)
                || failed(config, error, "wait for frames"))) {
            return xsk;
        }
    }
    *number = errno;
    xsk_close(xsk);
    return NULL;
}

void
xsk_close(struct xsk *xsk)
{
    if (!xsk) {
        return;
    }
    for (size_t i = 0; i < sizeof xsk->maps / sizeof xsk->maps[0]; i++) {
        if (xsk->maps[i].start) {
            munmap(xsk->maps[i].start, xsk->maps[i].size);
        }
    }
    bell_close(&xsk->bell);
    if (xsk->fd >= 0) {
        close(xsk->fd);
    }
    if (xsk->memory) {
        munmap(xsk->memory, (size_t) FRAMES * xsk->chunk);
    }
    pthread_mutex_destroy(&xsk->lock);
    free(xsk);
}

/* ---- Receiving ------------------------------------------------------------ */

/* The frame of an entry, or NULL when it is not in our memory. */
static const uint8_t *
frame_of(const struct xsk *xsk, const struct xdp_desc *desc)
{
    uint64_t start = desc->addr & ~(uint64_t) (xsk->chunk - 1);

    return desc->len >= 14
        && start <= (uint64_t) (XSK_RECEIVE - 1) * xsk->chunk
        && desc->addr - start + desc->len <= xsk->chunk
        ? xsk->memory + desc->addr : NULL;
}

/* The frames of the first 'n' entries go back to the kernel. */
static void
give_back(struct xsk *xsk, uint32_t n)
{
    const struct xdp_desc *from = xsk->receive.entries;
    uint64_t *to = xsk->fill.entries;
    uint32_t room = ring_room(&xsk->fill, n);

    for (uint32_t i = 0; i < room; i++) {
        to[ring_place(&xsk->fill, i)] =
            from[ring_place(&xsk->receive, i)].addr
            & ~(uint64_t) (xsk->chunk - 1);
    }
    ring_pass(&xsk->fill, room);
    ring_pass(&xsk->receive, n);
    if (ring_flags(&xsk->fill) & XDP_RING_NEED_WAKEUP) {
        recvfrom(xsk->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
    }
}

uint32_t
xsk_receive(struct xsk *xsk, struct pool_cache *cache,
            struct xvs_packet **packets, uint32_t max,
            struct port_tally *tally)
{
    const struct xdp_desc *descs = xsk->receive.entries;
    uint32_t waiting = ring_waiting(&xsk->receive, max), n = 0, got;

    if (waiting == 0) {
        return 0;
    }
    got = pool_get(cache, packets, waiting);
    for (uint32_t i = 0; i < waiting; i++) {
        const struct xdp_desc *desc = &descs[ring_place(&xsk->receive, i)];
        const uint8_t *frame = frame_of(xsk, desc);

        if (i + AHEAD < waiting) {
            /* Prefetching a place that is not ours does no harm. */
            __builtin_prefetch(xsk->memory
                + descs[ring_place(&xsk->receive, i + AHEAD)].addr);
        }
        if (!frame || n == got
            || !pool_write(cache, packets[n], frame, desc->len)) {
            tally->dropped++;
            continue;
        }
        if (xsk->guess) {
            offload_guess(packets[n]);
        }
        tally->bytes += packets[n++]->total;
    }
    give_back(xsk, waiting);
    pool_put(cache, packets + n, got - n);
    tally->packets += n;
    return n;
}

/* ---- Transmitting ---------------------------------------------------------- */

/* Takes back the frames that were sent. */
static void
reap(struct xsk *xsk)
{
    const uint64_t *entries = xsk->completion.entries;
    uint32_t n = ring_waiting(&xsk->completion,
                              XSK_TRANSMIT - xsk->n_unused);

    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = entries[ring_place(&xsk->completion, i)];

        if (at % xsk->chunk == 0 && at / xsk->chunk < FRAMES) {
            xsk->unused[xsk->n_unused++] = at;
        }
    }
    ring_pass(&xsk->completion, n);
}

/* Makes the kernel send what is in the ring; as often as it takes, unless
 * it refuses. */
static void
kick(const struct xsk *xsk)
{
    for (uint32_t i = 0; i <= XSK_TRANSMIT / KICK_BATCH; i++) {
        if (!(ring_flags(&xsk->transmit) & XDP_RING_NEED_WAKEUP)
            || (sendto(xsk->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0
                && errno != EAGAIN && errno != EINTR)
            || ring_untaken(&xsk->transmit) == 0) {
            break;
        }
    }
}

/* Copies packets into frames until one of both ends; returns how many. */
static uint32_t
put_frames(struct xsk *xsk, struct xvs_packet *const *packets, uint32_t n,
           struct port_tally *tally)
{
    struct xdp_desc *descs = xsk->transmit.entries;
    uint32_t room, used = 0, i;

    room = ring_room(&xsk->transmit, n < xsk->n_unused ? n : xsk->n_unused);
    for (i = 0; i < n && used < room; i++) {
        uint64_t at;

        if (packets[i]->total > xsk->chunk) {
            tally->dropped++;
            continue;
        }
        at = xsk->unused[--xsk->n_unused];
        pool_copy(packets[i], 0, xsk->memory + at, packets[i]->total);
        descs[ring_place(&xsk->transmit, used++)] =
            (struct xdp_desc) { .addr = at, .len = packets[i]->total };
        tally->bytes += packets[i]->total;
    }
    ring_pass(&xsk->transmit, used);
    tally->packets += used;
    return i;
}

void
xsk_transmit(struct xsk *xsk, struct xvs_packet *const *packets, uint32_t n,
             struct port_tally *tally)
{
    uint32_t done;

    pthread_mutex_lock(&xsk->lock);
    reap(xsk);
    done = put_frames(xsk, packets, n, tally);
    kick(xsk);
    if (done < n) {
        reap(xsk);
        done += put_frames(xsk, packets + done, n - done, tally);
        kick(xsk);
    }
    pthread_mutex_unlock(&xsk->lock);
    tally->dropped += n - done;
}

void
xsk_add_lost(const struct xsk *xsk, struct xsk_lost *lost)
{
    struct xdp_statistics now = { 0 };
    socklen_t size = sizeof now;

    if (getsockopt(xsk->fd, SOL_XDP, XDP_STATISTICS, &now, &size) == 0) {
        lost->refused += now.rx_dropped;
        lost->late += now.rx_ring_full;
    }
}
