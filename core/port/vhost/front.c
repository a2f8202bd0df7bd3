/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Connection and rings of a front end; see front.h.
 */

#include <config.h>

#include "port/vhost/front.h"

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "port/vhost/features.h"
#include "port/vhost/ring/notify.h"

/* A grace period that a front end waits for. */
struct pause {
    struct grace_call grace;
    struct loop *loop;
    struct front *front;    /* NULL: was destroyed meanwhile */
};

static void on_readable(void *arg, int fd, unsigned int events);

/* ---- What the owner hears ----------------------------------------------- */

static uint32_t
what_it_can(const struct front *front)
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
        if (front->features & FEATURE(table[i].feature)) {
            can |= table[i].can;
        }
    }
    return front->features & FEATURE(VIRTIO_NET_F_GUEST_USO6)
        ? can : can & ~(uint32_t) PORT_CAN_USO;
}

/* Tells of the first ring that the guest broke; true: there is one. */
static bool
tell_broken(struct front *front)
{
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        const struct lane *lane = &front->lanes[i];
        char what[96], text[256];

        if (lane->running && ring_is_broken(lane->ring, what, sizeof what)) {
            snprintf(text, sizeof text, "is down: the guest broke ring %u:"
                     " %s; it works again when the guest's driver starts anew",
                     i, what);
            if (lane->err >= 0) {
                notify(lane->err);
            }
            port_describe(front->vhost->port, "the guest broke ring %u: %s", i,
                          what);
            vhost_news(front->vhost, PORT_DOWN, text);
            return true;
        }
    }
    return false;
}

static void
tell(struct front *front)
{
    struct port *port = front->vhost->port;
    uint32_t n = 0;

    if (tell_broken(front)) {
        return;
    }
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        n += lane_is_up(&front->lanes[i]);
    }
    port_set_can(port, what_it_can(front));
    if (n) {
        port_describe(port, "guest with %u %s rings%s", n,
                      front->features & FEATURE(VIRTIO_F_RING_PACKED)
                          ? "packed" : "split",
                      front->features & FEATURE(VIRTIO_NET_F_MRG_RXBUF)
                          ? ", mergeable buffers" : "");
    } else {
        port_describe(port, "the guest's driver does not use it");
    }
    vhost_news(front->vhost, n ? PORT_SAME : PORT_DOWN,
               n ? "is up: a guest is connected"
                 : "is down: the guest's driver does not use it");
}

/* ---- The connection ----------------------------------------------------- */

/* Nothing of it is with a worker. */
static void
release(struct front *front)
{
    lanes_settle(front);
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        lane_reset(&front->lanes[i]);
    }
    memory_clear(&front->memory);
    dirty_close(&front->dirty);
    inflight_close(&front->inflight);
    message_clear(&front->message);
    loop_watch_remove(front->watch);
    if (front->fd >= 0) {
        close(front->fd);
    }
    free(front);
}

static void
watch(struct front *front)
{
    front->watch = loop_watch_add(front->vhost->port->owner.loop,
                                    front->fd, LOOP_READ, on_readable,
                                    front);
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
pause_front(struct front *front)
{
    struct pause *pause = mem_zalloc(sizeof *pause);

    loop_watch_remove(front->watch);
    front->watch = NULL;
    front->pause = pause;
    pause->loop = front->vhost->port->owner.loop;
    pause->front = front;
    grace_defer(&pause->grace, workers_have_let_go);
}

/* Parts from the front end; its memory goes when no worker uses it. */
static void
end(struct front *front, const char *why)
{
    struct vhost *vhost = front->vhost;

    log_info("%s: the front end %s", vhost->port->config.device, why);
    front->ended = true;
    /* What it does now, it shall do elsewhere. */
    close(front->fd);
    loop_watch_remove(front->watch);
    front->watch = NULL;
    front->fd = -1;
    vhost_news(vhost, PORT_DOWN, "is down: the guest has gone");
    if (!front->pause) {
        lanes_withdraw(front, 0, front->n_lanes);
        pause_front(front);
    }
}

void
front_dismiss(struct front *front)
{
    if (front->ended) {
        return;
    }
    log_info("%s: the front end is dismissed: the port is disabled",
             front->vhost->port->config.device);
    front->ended = true;
    vhost_news(front->vhost, PORT_DOWN, "is down: the port is disabled");
    if (!front->pause) {
        lanes_withdraw(front, 0, front->n_lanes);
        pause_front(front);
    }
}

static void
end_wrong(struct front *front, const struct error *error)
{
    char why[sizeof ((struct error *) 0)->text + 32];

    snprintf(why, sizeof why, "is parted from: %s", error->text);
    end(front, why);
}

/* Handles the message; no worker has what it changes. */
static bool
handle(struct front *front)
{
    struct error error;

    if (!request_handle(front, &error)) {
        end_wrong(front, &error);
        return false;
    }
    message_clear(&front->message);
    lanes_start(front);
    tell(front);
    return true;
}

/* A whole message is there; false: stop reading. */
static bool
take_message(struct front *front)
{
    enum request_stops stops;
    struct error error;
    uint32_t lane = 0;
    bool wait = false;

    if (!request_check(front, &stops, &lane, &error)) {
        end_wrong(front, &error);
        return false;
    }
    if (stops == REQUEST_ONE) {
        wait = lanes_withdraw(front, lane, 1);
    } else if (stops == REQUEST_ALL) {
        wait = lanes_withdraw(front, 0, front->n_lanes);
    }
    if (wait) {
        pause_front(front);
        return false;
    }
    return handle(front);
}

static void
on_readable(void *arg, int fd, unsigned int events)
{
    struct front *front = arg;
    enum message_progress progress;
    const char *why = NULL;

    (void) events;
    do {
        progress = message_read(&front->message, fd, &why);
        if (progress == MESSAGE_END) {
            end(front, why);
            return;
        }
    } while (progress == MESSAGE_WHOLE && take_message(front));
}

static void
resume(void *arg)
{
    struct pause *pause = arg;
    struct front *front = pause->front;
    struct vhost *vhost;

    free(pause);
    if (!front) {
        return;
    }
    front->pause = NULL;
    vhost = front->vhost;
    if (front->ended) {
        if (lanes_withdraw(front, 0, front->n_lanes)) {
            pause_front(front);
            return;
        }
        release(front);
        connect_parted(vhost);
        return;
    }
    lanes_settle(front);
    if (handle(front)) {
        watch(front);
    }
}

struct front *
front_create(struct vhost *vhost, int fd)
{
    struct front *front = mem_zalloc(sizeof *front);

    front->vhost = vhost;
    front->fd = fd;
    front->n_lanes = 2 * vhost->n_pairs;
    for (uint32_t i = 0; i < front->n_lanes; i++) {
        front->lanes[i].kick = -1;
        front->lanes[i].call = front->lanes[i].err = -1;
    }
    watch(front);
    return front;
}

void
front_destroy(struct front *front)
{
    if (front) {
        if (front->pause) {
            front->pause->front = NULL;
        }
        lanes_withdraw(front, 0, front->n_lanes);
        release(front);
    }
}

bool
front_is_going(struct front *front)
{
    struct pollfd hung_up = { front->fd, POLLRDHUP, 0 };

    if (!front->ended && poll(&hung_up, 1, 0) > 0) {
        end(front, "closed the connection");
    }
    return front->ended;
}

void
front_check(struct front *front)
{
    if (front->ended) {
        return;
    }
    if (memory_is_lost(&front->memory)) {
        end(front, "is parted from: the file of the guest's memory was cut"
                     " off");
    } else {
        tell_broken(front);
    }
}
