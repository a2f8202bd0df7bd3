/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The xdp driver: AF_XDP on an interface that exists, one socket for each of
 * its receive queues (xsk.h), and a program that hands frames to them
 * (program.h).  Frames do not reach the host's stack while it is a port.
 *
 * Three ways, best first: the card's driver puts frames into our memory
 * itself (zerocopy), it copies them (copy), or the kernel does so for any
 * interface, late and slowly (generic).
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "control/names.h"
#include "port/interface.h"
#include "port/port.h"
#include "port/xdp/program.h"
#include "port/xdp/xsk.h"

#define TAGS 22u                /* Ethernet header with two VLAN tags */
#define CHUNK_SMALL 2048u
#define CHUNK_LARGE 4096u
#define SMALL_MTU (CHUNK_SMALL - XSK_HEADROOM - TAGS)
/* The kernel lets a queue go some time after its socket was closed: how long
 * to try again. */
#define LINGER_MS 1000u
#define LINGER_STEP_MS 10u

/* The driver's own of a port. */
struct xdp {
    int index;                  /* of the interface */
    int promiscuous;            /* descriptor that keeps it so, or -1 */
    bool tags_kept;             /* and to be stripped again at the end */
    uint32_t chunk;             /* bytes of a frame in the sockets' memory */
    bool generic;               /* the mode in use */
    struct program program;
    struct xsk *queues[PORT_QUEUES];
};

static uint64_t last_close_ms;  /* when a socket of ours was closed */

/* ---- One way ---------------------------------------------------------------- */

static void
close_queues(struct xdp *xdp)
{
    for (uint32_t i = 0; i < PORT_QUEUES; i++) {
        if (xdp->queues[i]) {
            xsk_close(xdp->queues[i]);
            xdp->queues[i] = NULL;
            last_close_ms = loop_now_ms();
        }
    }
}

/* A socket for the queue, with patience when it is one of ours that still
 * has it. */
static struct xsk *
open_queue(const struct xsk_config *config, int *number, struct error *error)
{
    struct xsk *xsk = xsk_open(config, number, error);

    while (!xsk && *number == EBUSY
           && loop_now_ms() - last_close_ms < LINGER_MS) {
        nanosleep(&(struct timespec) { 0, LINGER_STEP_MS * 1000000 }, NULL);
        xsk = xsk_open(config, number, error);
    }
    return xsk;
}

static bool
open_queues(struct port *port, uint32_t mode, int *number,
            struct error *error)
{
    struct xdp *xdp = port->state;
    struct xsk_config config = { .name = port->config.device,
                                 .index = xdp->index, .chunk = xdp->chunk,
                                 .zerocopy = mode == MODE_ZEROCOPY };

    for (uint32_t i = 0; i < port->n_queues; i++) {
        config.queue = i;
        xdp->queues[i] = open_queue(&config, number, error);
        if (!xdp->queues[i]) {
            return false;
        }
        xdp->queues[i]->guess = mode != MODE_ZEROCOPY;
        if (!program_set(&xdp->program, i, xdp->queues[i]->fd, error)) {
            *number = errno;
            return false;
        }
    }
    return true;
}

/* All of it in one mode, or nothing. */
static bool
try_mode(struct port *port, uint32_t mode, int *number, struct error *error)
{
    struct xdp *xdp = port->state;

    *number = 0;
    if (program_attach(&xdp->program, port->config.device, xdp->index,
                       mode == MODE_GENERIC, number, error)
        && open_queues(port, mode, number, error)) {
        return true;
    }
    program_detach(&xdp->program);
    close_queues(xdp);
    return false;
}

/* Whether another mode can help. */
static bool
is_lacking(int number)
{
    return number == EOPNOTSUPP || number == EINVAL || number == ERANGE
        || number == ENODEV || number == ENOSPC;
}

/* The kernel keeps tags that a veth's sender left to its card where no XDP
 * program can see them. */
static void
describe(struct port *port, uint32_t mode)
{
    struct xdp *xdp = port->state;

    xdp->generic = mode == MODE_GENERIC;
    port_describe(port, "mode %s, %u queue%s%s", control_mode_name(mode),
                  port->n_queues, port->n_queues == 1 ? "" : "s",
                  interface_is_veth(port->config.device)
                  ? "; VLAN tags only from a peer with tx-vlan-offload off"
                  : "");
}

static bool
start(struct port *port, struct error *error)
{
    static const uint32_t modes[] = { MODE_ZEROCOPY, MODE_COPY,
                                      MODE_GENERIC };
    uint32_t wanted = port->config.mode;
    int number;

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (wanted != MODE_DEFAULT && wanted != modes[i]) {
            continue;
        }
        if (try_mode(port, modes[i], &number, error)) {
            describe(port, modes[i]);
            return true;
        }
        if (!is_lacking(number)) {
            break;
        }
    }
    return false;
}

/* ---- Opening and closing ------------------------------------------------------ */

/* Bytes of memory for a frame; 0 with an error when it is too large. */
static uint32_t
chunk_for(const char *name, uint32_t mtu, struct error *error)
{
    uint32_t most = CHUNK_LARGE - XSK_HEADROOM - TAGS;

    if (mtu > most) {
        error_set(error, ERROR_LIMIT, "interface %s: MTU %u is too large for"
                  " driver xdp, which carries %u bytes behind the Ethernet"
                  " header", name, mtu, most);
        error_hint(error, "lower the MTU, or use the driver packet");
        return 0;
    }
    return mtu > SMALL_MTU ? CHUNK_LARGE : CHUNK_SMALL;
}

static bool
set_mtu(struct port *port, struct error *error)
{
    const char *name = port->config.device;
    struct xdp *xdp = port->state;
    bool given = port->config.mtu != 0;

    if (!given) {
        port->config.mtu = interface_get_mtu(name);
    }
    xdp->chunk = chunk_for(name, port->config.mtu, error);
    return xdp->chunk
        && (!given || interface_set_mtu(name, port->config.mtu, error));
}

/* Each receive queue of the interface needs a socket, or its frames would go
 * to the host. */
static bool
set_queues(struct port *port, struct error *error)
{
    const char *name = port->config.device;
    uint32_t there = interface_queues(name);
    uint32_t most = port->config.queues ? port->config.queues : PORT_QUEUES;

    if (there > most && !interface_set_queues(name, most)) {
        error_set(error, ERROR_LIMIT, "interface %s has %u receive queues,"
                  " the port may use %u, and its driver does not reduce them",
                  name, there, most);
        return error_hint(error, "try: ethtool -L %s combined %u", name, most);
    }
    port->n_queues = there > most ? most : there;
    return true;
}

static bool
configure(struct port *port, struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;
    struct xdp *xdp = port->state;

    if (!set_mtu(port, error) || !interface_set_up(name, error)
        || !set_queues(port, error)) {
        return false;
    }
    /* A program does not see tags that were taken out. */
    xdp->tags_kept = interface_keep_tags(name);
    xdp->promiscuous = interface_promiscuous(xdp->index);
    if (xdp->promiscuous < 0) {
        return error_set_errno(error, errno, "interface %s: cannot take all"
                               " frames", name);
    }
    if (memcmp(port->config.mac, zero, 6) == 0) {
        interface_get_mac(name, port->config.mac);
    }
    return true;
}

static bool
xdp_open(struct port *port, struct error *error)
{
    struct xdp *xdp = mem_zalloc(sizeof *xdp);

    xdp->promiscuous = -1;
    xdp->program = (struct program) PROGRAM_NONE;
    port->state = xdp;
    xdp->index = interface_index(port->config.device);
    if (xdp->index == 0) {
        error_set(error, ERROR_NOT_FOUND, "there is no interface %s here",
                  port->config.device);
        return error_hint(error, "create it first, or use the driver tap,"
                                 " which creates it");
    }
    if (!configure(port, error)
        || !program_load(&xdp->program, port->n_queues, error)
        || !start(port, error)) {
        return false;
    }
    for (uint32_t i = 0; i < port->n_queues; i++) {
        port->queues[i].fd = xdp->queues[i]->bell.bell;
        port->queues[i].state = xdp->queues[i];
    }
    /* Frames are copied into one piece in any case. */
    port_set_can(port, PORT_CAN_CHAIN);
    return true;
}

/* The memory of the sockets stays as it is. */
static bool
xdp_update(struct port *port, const struct port_config *wanted,
           struct error *error)
{
    static const uint8_t zero[6];
    const char *name = port->config.device;
    const struct xdp *xdp = port->state;
    uint32_t mtu = wanted->mtu ? wanted->mtu : port->config.mtu;
    uint32_t chunk = chunk_for(name, mtu, error);

    if (chunk && chunk != xdp->chunk) {
        error_set(error, ERROR_UNSUPPORTED, "interface %s: MTU %u needs memory"
                  " of another shape (it changes at %u)", name, mtu,
                  SMALL_MTU);
        return error_hint(error, "remove the port and add it again");
    }
    if (!chunk || !interface_set_mtu(name, mtu, error)) {
        return false;
    }
    port->config.mtu = mtu;
    memcpy(port->config.mac, wanted->mac, sizeof port->config.mac);
    if (memcmp(wanted->mac, zero, sizeof zero) == 0) {
        interface_get_mac(name, port->config.mac);
    }
    return true;
}

static void
xdp_close(struct port *port)
{
    struct xdp *xdp = port->state;

    program_unload(&xdp->program);
    close_queues(xdp);
    if (xdp->promiscuous >= 0) {
        close(xdp->promiscuous);
    }
    if (xdp->tags_kept) {
        interface_strip_tags(port->config.device);
    }
    free(xdp);
}

/* ---- Packets ------------------------------------------------------------------- */

static uint32_t
xdp_receive(struct port_queue *queue, struct pool_cache *cache,
            struct xvs_packet **packets, uint32_t max,
            struct port_tally *tally, enum port_news *news)
{
    (void) news;
    return xsk_receive(queue->state, cache, packets, max, tally);
}

static bool
xdp_arm(struct port_queue *queue)
{
    struct xsk *xsk = queue->state;

    return bell_arm(&xsk->bell);
}

static void
xdp_disarm(struct port_queue *queue)
{
    struct xsk *xsk = queue->state;

    bell_disarm(&xsk->bell);
}

static void
xdp_transmit(struct port *port, uint32_t worker,
             struct xvs_packet *const *packets, uint32_t n,
             struct port_tally *tally)
{
    const struct xdp *xdp = port->state;

    xsk_transmit(xdp->queues[worker % port->n_queues], packets, n, tally);
}

/* ---- Now and then ---------------------------------------------------------------- */

static enum port_news
xdp_look(const struct port *port)
{
    const struct xdp *xdp = port->state;

    if (!interface_exists(xdp->index)) {
        return PORT_GONE;
    }
    return interface_is_up(port->config.device) ? PORT_SAME : PORT_DOWN;
}

static void
xdp_tick(struct port *port)
{
    const struct xdp *xdp = port->state;
    struct xsk_lost lost = { 0 };

    for (uint32_t i = 0; i < port->n_queues; i++) {
        xsk_add_lost(xdp->queues[i], &lost);
    }
    port->lost = lost.refused + lost.late;
    if (xdp->generic && lost.refused) {
        port_complain(port, "mode generic takes no frames over %u bytes: turn"
                      " segmentation off where they come from (ethtool -K ..."
                      " tso off gso off)", xdp->chunk - XSK_HEADROOM);
    } else {
        port_compare_mtu(port, interface_get_mtu(port->config.device));
    }
}

const struct port_ops xdp_ops = {
    .name = "xdp",
    .open = xdp_open,
    .close = xdp_close,
    .receive = xdp_receive,
    .transmit = xdp_transmit,
    .arm = xdp_arm,
    .disarm = xdp_disarm,
    .update = xdp_update,
    .look = xdp_look,
    .tick = xdp_tick,
};
