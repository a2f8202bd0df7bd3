/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The pipe driver: a port whose other end is a program that connects to our
 * socket (doc/formats.md, "Pipes").  Here are the socket and the handshake, on
 * the main thread; frames are peer.c's.
 *
 *     listen --> candidate: has to say hello --> peer --> gone: listen
 *
 * There is one peer at a time; others are told so.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "base/text.h"
#include "port/pipe/peer.h"
#include "port/port.h"

#define PATIENCE_MS 2000        /* for a hello */
#define SOCKET_MODE 0660        /* who may be the other end */
#define CAN_MAX (PORT_CAN_CHECKSUM | PORT_CAN_TSO4 | PORT_CAN_TSO6 \
                 | PORT_CAN_USO | PORT_CAN_ECN)

/* The driver's own of a port; main thread, but for 'peer'. */
struct pipe {
    struct port *port;
    bool disabled;              /* peers see their link down */
    int listener;               /* -1: not open */
    dev_t device;               /* of the socket's file, ... */
    ino_t inode;                /* ... as we made it */
    struct loop_watch *watch;   /* of the listener */
    int candidate;              /* connected, has not said hello; or -1 */
    struct loop_watch *candidate_watch;
    struct loop_timer *patience;    /* with the candidate */
    struct peer *peer;          /* published; NULL: there is none */
    struct loop_watch *peer_watch;  /* for its end */
};

static struct pipe_welcome
make_welcome(const struct pipe *pipe)
{
    struct pipe_welcome welcome = { .magic = PIPE_MAGIC,
                                    .version = PIPE_VERSION,
                                    .size = sizeof(struct pipe_memory),
                                    .mtu = pipe->port->config.mtu };

    memcpy(welcome.mac, pipe->port->config.mac, sizeof welcome.mac);
    return welcome;
}

/* Closes a connection; what was not read yet would take away the answer. */
static void
part(int fd)
{
    char byte;

    shutdown(fd, SHUT_RDWR);
    while (recv(fd, &byte, 1, MSG_DONTWAIT) > 0) {
    }
    close(fd);
}

/* Tells why, and closes the connection. */
static void
refuse(const struct pipe *pipe, int fd, enum pipe_refusal refusal,
       const char *text)
{
    struct pipe_welcome welcome = make_welcome(pipe);

    welcome.refusal = (uint16_t) refusal;
    snprintf(welcome.text, sizeof welcome.text, "%s", text);
    send(fd, &welcome, sizeof welcome, MSG_DONTWAIT | MSG_NOSIGNAL);
    part(fd);
}

/* ---- A peer ------------------------------------------------------------- */

static void
lose_peer(struct pipe *pipe)
{
    struct peer *peer = xvs_publish(pipe->peer, NULL);
    char text[80];

    snprintf(text, sizeof text, "has lost its peer, process %d%s",
             (int) peer->pid, atomic_load(&peer->lied)
                 ? ", which broke the rules of the ring" : "");
    loop_watch_remove(pipe->peer_watch);
    pipe->peer_watch = NULL;
    port_set_can(pipe->port, PORT_CAN_CHAIN);
    pipe->port->queues[0].fd = -1;
    port_watch(&pipe->port->queues[0]);
    peer_retire(peer);
    port_news(pipe->port, PORT_DOWN, text);
}

static void
on_peer(void *arg, int fd, unsigned int events)
{
    (void) fd;
    if (events & LOOP_CLOSED) {
        lose_peer(arg);
    }
}

static void
start_peer(struct pipe *pipe, int fd, uint32_t can)
{
    struct pipe_welcome welcome = make_welcome(pipe);
    struct error error;
    struct peer *peer = peer_create(fd, &welcome, !pipe->disabled,
                                    &error);
    char text[80];

    if (!peer) {
        refuse(pipe, fd, PIPE_FAILED, error.text);
        return;
    }
    snprintf(text, sizeof text, "has a peer, process %d", (int) peer->pid);
    pipe->peer_watch = loop_watch_add(pipe->port->owner.loop, fd, 0,
                                      on_peer, pipe);
    port_set_can(pipe->port, PORT_CAN_CHAIN | (can & CAN_MAX));
    (void) xvs_publish(pipe->peer, peer);
    pipe->port->queues[0].fd = fd;
    port_watch(&pipe->port->queues[0]);
    port_news(pipe->port, PORT_SAME, text);
}

/* ---- A candidate -------------------------------------------------------- */

/* Ends the waiting; the connection is the caller's now. */
static int
take_candidate(struct pipe *pipe)
{
    int fd = pipe->candidate;

    loop_watch_remove(pipe->candidate_watch);
    loop_timer_remove(pipe->patience);
    pipe->candidate_watch = NULL;
    pipe->patience = NULL;
    pipe->candidate = -1;
    return fd;
}

static void
out_of_patience(void *arg)
{
    struct pipe *pipe = arg;

    pipe->patience = NULL;
    refuse(pipe, take_candidate(pipe), PIPE_STRANGE, "no hello in 2 seconds");
}

static void
on_hello(void *arg, int fd, unsigned int events)
{
    struct pipe *pipe = arg;
    struct pipe_hello hello;
    ssize_t size = recv(fd, &hello, sizeof hello, MSG_DONTWAIT | MSG_TRUNC);

    (void) events;
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    take_candidate(pipe);
    if (size <= 0) {
        close(fd);
    } else if (size != (ssize_t) sizeof hello || hello.magic != PIPE_MAGIC) {
        refuse(pipe, fd, PIPE_STRANGE, "this is no hello of a pipe's peer");
    } else if (hello.version != PIPE_VERSION) {
        refuse(pipe, fd, PIPE_STRANGE, "only version 1 is spoken here");
    } else {
        start_peer(pipe, fd, hello.can);
    }
}

static void
on_connect(void *arg, int listener, unsigned int events)
{
    struct pipe *pipe = arg;
    struct loop *loop = pipe->port->owner.loop;
    char text[80] = "another peer is just connecting";
    int fd;

    (void) events;
    while ((fd = socket_accept(listener)) >= 0) {
        if (pipe->peer) {
            snprintf(text, sizeof text, "process %d is the port's peer"
                     " already", (int) pipe->peer->pid);
        }
        if (pipe->peer || pipe->candidate >= 0) {
            refuse(pipe, fd, PIPE_BUSY, text);
            continue;
        }
        pipe->candidate = fd;
        pipe->candidate_watch = loop_watch_add(loop, fd, LOOP_READ, on_hello,
                                               pipe);
        pipe->patience = loop_timer_add(loop, PATIENCE_MS, false,
                                        out_of_patience, pipe);
    }
}

/* ---- The port ----------------------------------------------------------- */

/* The same address for the same path, also after a restart. */
static void
choose_mac(struct port *port)
{
    static const uint8_t zero[6];
    uint64_t hash = hash_bytes(0, port->config.device,
                               strlen(port->config.device));

    if (memcmp(port->config.mac, zero, sizeof zero) == 0) {
        memcpy(port->config.mac, &hash, sizeof port->config.mac);
        port->config.mac[0] = 0x02;
    }
}

static bool
pipe_open(struct port *port, struct error *error)
{
    struct pipe *pipe = mem_zalloc(sizeof *pipe);
    struct stat status;

    port->state = pipe;
    pipe->port = port;
    pipe->disabled = port->config.disabled;
    pipe->candidate = -1;
    pipe->listener = socket_listen_unix(port->config.device, SOCK_SEQPACKET,
                                        SOCKET_MODE, error);
    if (pipe->listener < 0) {
        return false;
    }
    if (lstat(port->config.device, &status) == 0) {
        pipe->device = status.st_dev;
        pipe->inode = status.st_ino;
    }
    choose_mac(port);
    port_set_can(port, PORT_CAN_CHAIN);
    pipe->watch = loop_watch_add(port->owner.loop, pipe->listener, LOOP_READ,
                                 on_connect, pipe);
    return pipe->watch
        || error_set_errno(error, errno, "cannot wait for peers on %s",
                           port->config.device);
}

/* Removes the socket's file unless somebody has put another one there. */
static void
remove_file(const struct pipe *pipe)
{
    const char *path = pipe->port->config.device;
    struct stat status;

    if (lstat(path, &status) == 0 && status.st_dev == pipe->device
        && status.st_ino == pipe->inode) {
        unlink(path);
    }
}

static void
pipe_close(struct port *port)
{
    struct pipe *pipe = port->state;

    if (pipe->candidate >= 0) {
        close(take_candidate(pipe));
    }
    loop_watch_remove(pipe->watch);
    loop_watch_remove(pipe->peer_watch);
    peer_destroy(pipe->peer);
    if (pipe->listener >= 0) {
        remove_file(pipe);
        close(pipe->listener);
    }
    free(pipe);
}

static uint32_t
pipe_receive(struct port_queue *queue, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally, enum port_news *news)
{
    const struct pipe *pipe = queue->port->state;
    struct peer *peer = xvs_read(pipe->peer);

    (void) news;
    return peer ? peer_receive(peer, cache, packets, max, tally) : 0;
}

static void
pipe_transmit(struct port *port, uint32_t worker,
              struct xvs_packet *const *packets, uint32_t n,
              struct port_tally *tally)
{
    const struct pipe *pipe = port->state;
    struct peer *peer = xvs_read(pipe->peer);

    (void) worker;
    if (peer) {
        peer_transmit(peer, packets, n, tally);
    } else {
        tally->dropped += n;
    }
}

static bool
pipe_arm(struct port_queue *queue)
{
    const struct pipe *pipe = queue->port->state;
    struct peer *peer = xvs_read(pipe->peer);

    return !peer || peer_arm(peer);
}

static void
pipe_disarm(struct port_queue *queue)
{
    const struct pipe *pipe = queue->port->state;
    struct peer *peer = xvs_read(pipe->peer);

    if (peer) {
        peer_disarm(peer);
    }
}

static void
pipe_link(struct port *port, bool up)
{
    struct pipe *pipe = port->state;

    if (pipe->disabled == up) {
        pipe->disabled = !up;
        if (pipe->peer) {
            peer_set_link(pipe->peer, up);
        }
    }
}

static enum port_news
pipe_look(const struct port *port)
{
    const struct pipe *pipe = port->state;

    return pipe->peer ? PORT_SAME : PORT_DOWN;
}

const struct port_ops pipe_ops = {
    .name = "pipe",
    .open = pipe_open,
    .close = pipe_close,
    .receive = pipe_receive,
    .transmit = pipe_transmit,
    .arm = pipe_arm,
    .disarm = pipe_disarm,
    .link = pipe_link,
    .look = pipe_look,
};
