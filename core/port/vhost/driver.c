/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The vhost-user driver: the card of a guest, by a unix socket (connect.c).
 * Here are the port's life and what workers call.
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "port/vhost/ring/notify.h"
#include "port/vhost/ring/ring.h"
#include "port/vhost/front.h"
#include "port/vhost/vhost.h"

#define PAIRS 8u                /* queue pairs, unless configured */

void
vhost_news(struct vhost *vhost, enum port_news news, const char *text)
{
    /* A guest brings its rings up one by one; once is enough. */
    if (news != PORT_SAME || vhost->state != PORT_SAME) {
        vhost->state = news;
        port_news(vhost->port, news, text);
    }
}

static void
on_trouble(void *arg, int fd, unsigned int events)
{
    struct vhost *vhost = arg;
    eventfd_t count;

    (void) events;
    eventfd_read(fd, &count);
    if (vhost->front) {
        front_check(vhost->front);
    }
}

static bool
vhost_open(struct port *port, struct error *error)
{
    struct vhost *vhost = mem_zalloc(sizeof *vhost);

    port->state = vhost;
    vhost->port = port;
    vhost->state = PORT_DOWN;
    vhost->listener = -1;
    vhost->disabled = port->config.disabled;
    vhost->n_pairs = port->config.queues ? port->config.queues : PAIRS;
    port->n_queues = vhost->n_pairs;
    port_set_can(port, PORT_CAN_CHAIN);
    notify_prepare();
    vhost->trouble = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (vhost->trouble < 0) {
        return error_set_errno(error, errno, "cannot prepare the port");
    }
    vhost->trouble_watch = loop_watch_add(port->owner.loop, vhost->trouble,
                                          LOOP_READ, on_trouble, vhost);
    return connect_open(vhost, error);
}

static void
vhost_close(struct port *port)
{
    struct vhost *vhost = port->state;

    connect_close(vhost);
    front_destroy(vhost->front);
    loop_watch_remove(vhost->trouble_watch);
    if (vhost->trouble >= 0) {
        close(vhost->trouble);
    }
    free(vhost);
}

/* The guest has the MTU and address that its hypervisor gives it; here they
 * are what we hold it to. */
static bool
vhost_update(struct port *port, const struct port_config *wanted,
             struct error *error)
{
    (void) error;
    port->config.mtu = wanted->mtu;
    memcpy(port->config.mac, wanted->mac, sizeof port->config.mac);
    return true;
}

static void
vhost_link(struct port *port, bool up)
{
    connect_allow(port->state, up);
}

static enum port_news
vhost_look(const struct port *port)
{
    const struct vhost *vhost = port->state;

    return vhost->state;
}

/* ---- Workers ------------------------------------------------------------ */

/* Tells the network where the guest is now: a reverse ARP request, as
 * hypervisors send it. */
static uint32_t
announce(struct vhost *vhost, struct pool_cache *cache,
         struct xvs_packet **packets, struct port_tally *tally)
{
    static const uint8_t rarp[] = { 0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3 };
    uint64_t mac = __atomic_exchange_n(&vhost->announce, 0, __ATOMIC_ACQUIRE);
    uint8_t *frame;

    if (mac == 0 || pool_get(cache, packets, 1) == 0) {
        return 0;
    }
    frame = packets[0]->data;
    memset(frame, 0, 60);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, &mac, 6);
    memcpy(frame + 12, rarp, sizeof rarp);
    memcpy(frame + 22, &mac, 6);
    memcpy(frame + 32, &mac, 6);
    packets[0]->length = packets[0]->total = 60;
    tally->packets++;
    tally->bytes += 60;
    return 1;
}

static uint32_t
vhost_receive(struct port_queue *queue, struct pool_cache *cache,
              struct xvs_packet **packets, uint32_t max,
              struct port_tally *tally, enum port_news *news)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);
    uint32_t n;

    (void) news;
    if (!ring) {
        return 0;
    }
    n = ring_receive(ring, cache, packets, max, tally);
    if (__atomic_load_n(&vhost->announce, __ATOMIC_RELAXED) && n < max) {
        n += announce(vhost, cache, packets + n, tally);
    }
    return n;
}

static void
vhost_transmit(struct port *port, uint32_t worker,
               struct xvs_packet *const *packets, uint32_t n,
               struct port_tally *tally)
{
    struct vhost *vhost = port->state;
    struct ring *ring = xvs_read(vhost->send[worker % WORKERS_MAX]);

    if (ring) {
        ring_transmit(ring, packets, n, tally);
    } else {
        tally->dropped += n;
    }
}

static bool
vhost_arm(struct port_queue *queue)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);

    return !ring || ring_arm(ring);
}

static void
vhost_disarm(struct port_queue *queue)
{
    struct vhost *vhost = queue->port->state;
    struct ring *ring = xvs_read(vhost->receive[queue->index]);

    if (ring) {
        ring_disarm(ring);
    }
}

const struct port_ops vhost_ops = {
    .name = "vhost-user",
    .open = vhost_open,
    .close = vhost_close,
    .receive = vhost_receive,
    .transmit = vhost_transmit,
    .arm = vhost_arm,
    .disarm = vhost_disarm,
    .update = vhost_update,
    .link = vhost_link,
    .look = vhost_look,
};
