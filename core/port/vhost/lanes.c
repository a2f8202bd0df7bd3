/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The rings of a front end: given to the workers when they are complete, and
 * taken back.
 */

#include <config.h>

#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "port/vhost/features.h"
#include "port/vhost/front.h"
#include "port/vhost/ring/notify.h"

bool
lane_is_up(const struct lane *lane)
{
    return lane->running && lane->enabled;
}

/* Gives the queue its ring and its descriptor, or takes them away. */
static void
publish_receive(struct vhost *vhost, uint32_t i, struct lane *lane)
{
    struct port_queue *queue = &vhost->port->queues[i];
    int fd = lane->running ? lane->kick : -1;

    (void) xvs_publish(vhost->receive[i], lane->running ? lane->ring : NULL);
    if (queue->fd != fd) {
        queue->fd = fd;
        port_watch(queue);
        if (fd >= 0) {
            notify(fd);       /* for a first look */
        }
    }
}

/* Spreads the workers over the rings to the guest. */
static void
publish_send(struct front *front)
{
    struct ring *rings[PORT_QUEUES];
    uint32_t n = 0;

    for (uint32_t i = 0; i < front->n_lanes; i += 2) {
        if (lane_is_up(&front->lanes[i])) {
            rings[n++] = front->lanes[i].ring;
        }
    }
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        (void) xvs_publish(front->vhost->send[i], n ? rings[i % n] : NULL);
    }
}

static void
publish(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes / 2; i++) {
        publish_receive(front->vhost, i, &front->lanes[2 * i + 1]);
    }
    publish_send(front);
}

/* Takes a ring from the workers, or all; true: wait for them. */
bool
lanes_withdraw(struct front *front, uint32_t first, uint32_t n)
{
    bool any = false;

    for (uint32_t i = first; i < first + n; i++) {
        struct lane *lane = &front->lanes[i];

        if (lane->running) {
            lane->running = false;
            any = true;
        }
    }
    if (any) {
        publish(front);
    }
    return any;
}

/* The workers have let go. */
void
lanes_settle(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        struct lane *lane = &front->lanes[i];

        if (lane->ring && !lane->running) {
            lane->base = ring_stop(lane->ring);
            free(lane->ring);
            lane->ring = NULL;
        }
    }
}

static void
describe(struct front *front, uint32_t i, struct ring_setup *setup)
{
    const struct lane *lane = &front->lanes[i];
    uint64_t features = front->features;
    bool logged = features & FEATURE(VHOST_F_LOG_ALL) && front->dirty.bits;

    *setup = (struct ring_setup) {
        .packed = features & FEATURE(VIRTIO_F_RING_PACKED),
        .event_index = features & FEATURE(VIRTIO_RING_F_EVENT_IDX),
        .mergeable = features & FEATURE(VIRTIO_NET_F_MRG_RXBUF),
        .checksum = features & FEATURE(VIRTIO_NET_F_GUEST_CSUM),
        .to_guest = i % 2 == 0,
        .discard = !lane->enabled,
        .polled = lane->polled,
        .alone = front->vhost->port->owner.n_workers == 1,
        .head = features & (FEATURE(VIRTIO_NET_F_MRG_RXBUF)
                            | FEATURE(VIRTIO_F_VERSION_1))
            ? sizeof(struct virtio_net_hdr_mrg_rxbuf)
            : sizeof(struct virtio_net_hdr),
        .size = lane->size,
        .desc = lane->address.desc,
        .avail = lane->address.avail,
        .used = lane->address.used,
        .base = lane->base,
        .kick = lane->kick,
        .call = lane->call,
        .trouble = front->vhost->trouble,
        .memory = &front->memory,
        .dirty = logged ? &front->dirty : NULL,
        .log_used = lane->address.flags & WIRE_RING_LOG,
        .log = lane->address.log,
        .inflight = inflight_queue(&front->inflight, i),
    };
}

/* Also one that is not enabled takes frames of the guest, for nobody. */
static bool
is_complete(const struct front *front, uint32_t i)
{
    const struct lane *lane = &front->lanes[i];

    return lane->started && lane->has_address && lane->size
        && front->memory.n && (lane->enabled || i % 2)
        && !lane->running && !lane->failed;
}

static void
start(struct front *front, uint32_t i)
{
    struct lane *lane = &front->lanes[i];
    struct ring_setup setup;
    struct error error;

    describe(front, i, &setup);
    lane->ring = mem_alloc(sizeof *lane->ring);
    lane->running = ring_start(lane->ring, &setup, &error);
    if (!lane->running) {
        free(lane->ring);
        lane->ring = NULL;
        lane->failed = true;
        error_prefix(&error, "%s: ring %u of the guest",
                     front->vhost->port->config.device, i);
        log_error_at(LOG_LEVEL_WARNING, &error);
    }
}

void
lanes_start(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        if (is_complete(front, i)) {
            start(front, i);
        }
    }
    publish(front);
}

static void
close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void
lane_reset(struct lane *lane)
{
    close_fd(lane->kick);
    close_fd(lane->call);
    close_fd(lane->err);
    memset(lane, 0, sizeof *lane);
    lane->kick = lane->call = lane->err = -1;
}
