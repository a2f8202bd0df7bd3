/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Connection and rings of a front end; see session.h.
 */

#include <config.h>

#include "port/vhost/session.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "port/vhost/features.h"

/* A grace period that the session waits for. */
struct pause {
    struct grace_call grace;
    struct loop *loop;
    struct session *session;    /* NULL: was destroyed meanwhile */
};

static void on_readable(void *arg, int fd, unsigned int events);

/* ---- Rings ------------------------------------------------------------------- */

static bool
is_up(const struct lane *lane)
{
    return lane->running && lane->enabled;
}

/* Gives the queue its ring and its descriptor, or takes them away. */
static void
publish_receive(struct vhost *vhost, uint32_t i, struct lane *lane)
{
    struct port_queue *queue = &vhost->port->queues[i];
    int fd = lane->running ? lane->kick : -1;

    (void) xvs_publish(vhost->receive[i], lane->running ? &lane->ring : NULL);
    if (queue->fd != fd) {
        queue->fd = fd;
        port_watch(queue);
        if (fd >= 0) {
            eventfd_write(fd, 1);       /* for a first look */
        }
    }
}

/* Spreads the workers over the rings to the guest. */
static void
publish_send(struct session *session)
{
    struct ring *rings[PORT_QUEUES];
    uint32_t n = 0;

    for (uint32_t i = 0; i < session->n_lanes; i += 2) {
        if (is_up(&session->lanes[i])) {
            rings[n++] = &session->lanes[i].ring;
        }
    }
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        (void) xvs_publish(session->vhost->send[i], n ? rings[i % n] : NULL);
    }
}

static void
publish(struct session *session)
{
    for (uint32_t i = 0; i < session->n_lanes / 2; i++) {
        publish_receive(session->vhost, i, &session->lanes[2 * i + 1]);
    }
    publish_send(session);
}

/* Takes a ring from the workers, or all; true: wait for them. */
static bool
withdraw(struct session *session, uint32_t first, uint32_t n)
{
    bool any = false;

    for (uint32_t i = first; i < first + n; i++) {
        struct lane *lane = &session->lanes[i];

        if (lane->running) {
            lane->running = false;
            lane->leaving = any = true;
        }
    }
    if (any) {
        publish(session);
    }
    return any;
}

/* The workers have let go. */
static void
settle(struct session *session)
{
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        struct lane *lane = &session->lanes[i];

        if (lane->leaving) {
            lane->leaving = false;
            lane->base = ring_stop(&lane->ring);
        }
    }
}

static void
describe(struct session *session, uint32_t i, struct ring_setup *setup)
{
    const struct lane *lane = &session->lanes[i];
    uint64_t features = session->features;
    bool logged = features & FEATURE(VHOST_F_LOG_ALL) && session->dirty.bits;

    *setup = (struct ring_setup) {
        .packed = features & FEATURE(VIRTIO_F_RING_PACKED),
        .event_index = features & FEATURE(VIRTIO_RING_F_EVENT_IDX),
        .mergeable = features & FEATURE(VIRTIO_NET_F_MRG_RXBUF),
        .checksum = features & FEATURE(VIRTIO_NET_F_GUEST_CSUM),
        .to_guest = i % 2 == 0,
        .discard = !lane->enabled,
        .polled = lane->polled,
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
        .trouble = session->vhost->trouble,
        .memory = &session->memory,
        .dirty = logged ? &session->dirty : NULL,
        .log_used = lane->address.flags & WIRE_RING_LOG,
        .log = lane->address.log,
        .inflight = inflight_queue(&session->inflight, i),
    };
}

/* Also one that is not enabled takes frames of the guest, for nobody. */
static bool
is_complete(const struct session *session, uint32_t i)
{
    const struct lane *lane = &session->lanes[i];

    return lane->started && lane->has_address && lane->size
        && session->memory.n && (lane->enabled || i % 2)
        && !lane->running && !lane->failed;
}

static void
start(struct session *session, uint32_t i)
{
    struct lane *lane = &session->lanes[i];
    struct ring_setup setup;
    struct error error;

    describe(session, i, &setup);
    lane->running = ring_start(&lane->ring, &setup, &error);
    if (!lane->running) {
        lane->failed = true;
        error_prefix(&error, "%s: ring %u of the guest",
                     session->vhost->port->config.device, i);
        log_error_at(LOG_LEVEL_WARNING, &error);
    }
}

/* ---- What the owner hears ------------------------------------------------------ */

static uint32_t
what_it_can(const struct session *session)
{
    static const struct { unsigned int feature; uint32_t can; } table[] = {
        { VIRTIO_NET_F_GUEST_CSUM, PORT_CAN_CHECKSUM },
        { VIRTIO_NET_F_GUEST_TSO4, PORT_CAN_TSO4 },
        { VIRTIO_NET_F_GUEST_TSO6, PORT_CAN_TSO6 },
        { VIRTIO_NET_F_GUEST_ECN, PORT_CAN_ECN },
        { VIRTIO_NET_F_GUEST_USO4, PORT_CAN_USO },
    };
    uint32_t can = PORT_CAN_CHAIN;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (session->features & FEATURE(table[i].feature)) {
            can |= table[i].can;
        }
    }
    return session->features & FEATURE(VIRTIO_NET_F_GUEST_USO6)
        ? can : can & ~(uint32_t) PORT_CAN_USO;
}

/* Tells of the first ring that the guest broke; true: there is one. */
static bool
tell_broken(struct session *session)
{
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        const struct lane *lane = &session->lanes[i];
        char what[160], text[256];

        if (lane->running && ring_is_broken(&lane->ring, what, sizeof what)) {
            snprintf(text, sizeof text, "is down: the guest broke ring %u:"
                     " %s; it works again when the guest's driver starts anew",
                     i, what);
            if (lane->err >= 0) {
                eventfd_write(lane->err, 1);
            }
            vhost_news(session->vhost, PORT_DOWN, text);
            return true;
        }
    }
    return false;
}

static void
tell(struct session *session)
{
    bool up = false;

    if (tell_broken(session)) {
        return;
    }
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        up |= is_up(&session->lanes[i]);
    }
    port_set_can(session->vhost->port, what_it_can(session));
    vhost_news(session->vhost, up ? PORT_SAME : PORT_DOWN,
               up ? "is up: a guest is connected"
                  : "is down: the guest's driver does not use it");
}

/* ---- The connection -------------------------------------------------------------- */

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

/* Nothing of it is with a worker. */
static void
release(struct session *session)
{
    settle(session);
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        lane_reset(&session->lanes[i]);
    }
    memory_clear(&session->memory);
    dirty_close(&session->dirty);
    inflight_close(&session->inflight);
    message_clear(&session->message);
    loop_watch_remove(session->watch);
    close_fd(session->fd);
    free(session);
}

static void
watch(struct session *session)
{
    session->watch = loop_watch_add(session->vhost->port->owner.loop,
                                    session->fd, LOOP_READ, on_readable,
                                    session);
}

static void resume(void *arg);

static void
workers_have_let_go(struct grace_call *call)
{
    struct pause *pause = (struct pause *) (void *) call;

    loop_post(pause->loop, resume, pause);
}

_Static_assert(offsetof(struct pause, grace) == 0, "the cast above");

static void
pause_session(struct session *session)
{
    struct pause *pause = mem_zalloc(sizeof *pause);

    loop_watch_remove(session->watch);
    session->watch = NULL;
    session->pause = pause;
    pause->loop = session->vhost->port->owner.loop;
    pause->session = session;
    grace_defer(&pause->grace, workers_have_let_go);
}

/* Parts from the front end; its memory goes when no worker uses it. */
static void
end(struct session *session, const char *why)
{
    struct vhost *vhost = session->vhost;

    log_info("%s: the front end %s", vhost->port->config.device, why);
    session->ended = true;
    /* What it does now, it shall do elsewhere. */
    close_fd(session->fd);
    loop_watch_remove(session->watch);
    session->watch = NULL;
    session->fd = -1;
    vhost_news(vhost, PORT_DOWN, "is down: the guest has gone");
    if (!session->pause) {
        withdraw(session, 0, session->n_lanes);
        pause_session(session);
    }
}

static void
end_wrong(struct session *session, const struct error *error)
{
    char why[sizeof ((struct error *) 0)->text + 32];

    snprintf(why, sizeof why, "is parted from: %s", error->text);
    end(session, why);
}

/* Handles the message; no worker has what it changes. */
static bool
handle(struct session *session)
{
    struct error error;

    if (!request_handle(session, &error)) {
        end_wrong(session, &error);
        return false;
    }
    message_clear(&session->message);
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        if (is_complete(session, i)) {
            start(session, i);
        }
    }
    publish(session);
    tell(session);
    return true;
}

/* A whole message is there; false: stop reading. */
static bool
take_message(struct session *session)
{
    enum request_stops stops;
    struct error error;
    uint32_t lane = 0;
    bool wait = false;

    if (!request_check(session, &stops, &lane, &error)) {
        end_wrong(session, &error);
        return false;
    }
    if (stops == REQUEST_ONE) {
        wait = withdraw(session, lane, 1);
    } else if (stops == REQUEST_ALL) {
        wait = withdraw(session, 0, session->n_lanes);
    }
    if (wait) {
        pause_session(session);
        return false;
    }
    return handle(session);
}

static void
on_readable(void *arg, int fd, unsigned int events)
{
    struct session *session = arg;
    enum message_progress progress;
    const char *why = NULL;

    (void) events;
    do {
        progress = message_read(&session->message, fd, &why);
        if (progress == MESSAGE_END) {
            end(session, why);
            return;
        }
    } while (progress == MESSAGE_WHOLE && take_message(session));
}

static void
resume(void *arg)
{
    struct pause *pause = arg;
    struct session *session = pause->session;
    struct vhost *vhost;

    free(pause);
    if (!session) {
        return;
    }
    session->pause = NULL;
    vhost = session->vhost;
    if (session->ended) {
        if (withdraw(session, 0, session->n_lanes)) {
            pause_session(session);
            return;
        }
        release(session);
        vhost_parted(vhost);
        return;
    }
    settle(session);
    if (handle(session)) {
        watch(session);
    }
}

struct session *
session_create(struct vhost *vhost, int fd)
{
    struct session *session = mem_zalloc(sizeof *session);

    session->vhost = vhost;
    session->fd = fd;
    session->n_lanes = 2 * vhost->n_pairs;
    for (uint32_t i = 0; i < session->n_lanes; i++) {
        session->lanes[i].kick = -1;
        session->lanes[i].call = session->lanes[i].err = -1;
    }
    watch(session);
    return session;
}

void
session_destroy(struct session *session)
{
    if (session) {
        if (session->pause) {
            session->pause->session = NULL;
        }
        withdraw(session, 0, session->n_lanes);
        release(session);
    }
}

void
session_check(struct session *session)
{
    if (session->ended) {
        return;
    }
    if (memory_is_lost(&session->memory)) {
        end(session, "is parted from: the file of the guest's memory was cut"
                     " off");
    } else {
        tell_broken(session);
    }
}
