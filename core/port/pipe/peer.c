/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A peer's memory and its bells.  The peer is hostile: what ring.h finds
 * broken ends the connection, which the main thread notices.
 *
 * Peers are woken by a byte on the connection and not by an eventfd, because
 * the other owner of an eventfd can make our write to it block: whether it
 * does is a property that both share.  Of a socket each has its own end.
 */

#include <config.h>

#include "port/pipe/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xvs/packet.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/socket.h"
#include "port/frames.h"
#include "port/port.h"

#define BELLS 16                /* messages that are read in one go */

/* Sealed memory that cannot shrink under us; its descriptor, or -1. */
static int
make_memory(struct peer *peer, struct error *error)
{
    const size_t size = sizeof *peer->memory;
    int fd = memfd_create("xvs-pipe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *memory = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t) size) == 0
        && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
            == 0) {
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (memory == MAP_FAILED) {
        error_set_errno(error, errno, "cannot share %zu bytes", size);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    peer->memory = memory;
    peer->rx.ring = &peer->memory->to_switch;
    peer->tx.ring = &peer->memory->to_peer;
    /* Both sides are born asleep: the first frame wakes them. */
    peer->rx.ring->asleep = peer->tx.ring->asleep = 1;
    return fd;
}

static bool
send_welcome(int fd, const struct pipe_welcome *welcome, int memory)
{
    union {
        char space[CMSG_SPACE(sizeof memory)];
        struct cmsghdr align;
    } control = { .space = { 0 } };
    struct pipe_welcome copy = *welcome;
    struct iovec part = { &copy, sizeof copy };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof memory);
    memcpy(CMSG_DATA(head), &memory, sizeof memory);
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL)
        == (ssize_t) sizeof copy;
}

struct peer *
peer_create(int fd, const struct pipe_welcome *welcome, bool up,
            struct error *error)
{
    struct peer *peer = mem_zalloc(sizeof *peer);
    int memory = make_memory(peer, error);
    bool sent;

    peer->fd = -1;
    pthread_mutex_init(&peer->lock, NULL);
    if (memory < 0) {
        peer_destroy(peer);
        return NULL;
    }
    peer->memory->to_peer.down = !up;
    sent = send_welcome(fd, welcome, memory);
    if (!sent) {
        error_set_errno(error, errno, "cannot greet the peer");
    }
    close(memory);
    if (!sent) {
        peer_destroy(peer);
        return NULL;
    }
    peer->fd = fd;
    socket_peer(fd, NULL, NULL, &peer->pid);
    return peer;
}

void
peer_set_link(struct peer *peer, bool up)
{
    __atomic_store_n(&peer->memory->to_peer.down, !up, __ATOMIC_RELEASE);
    send(peer->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
peer_destroy(struct peer *peer)
{
    if (!peer) {
        return;
    }
    if (peer->memory) {
        munmap(peer->memory, sizeof *peer->memory);
    }
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

static void
unused(struct grace_call *call)
{
    peer_destroy((struct peer *) (void *) call);
}

_Static_assert(offsetof(struct peer, grace) == 0, "unused() casts");

void
peer_retire(struct peer *peer)
{
    grace_defer(&peer->grace, unused);
}

/* The main thread sees the end of the connection and closes it. */
static void
cut_off(struct peer *peer, bool lied)
{
    if (!lied || !atomic_exchange(&peer->lied, true)) {
        shutdown(peer->fd, SHUT_RDWR);
    }
}

uint32_t
peer_receive(struct peer *peer, struct pool_cache *cache,
             struct xvs_packet **packets, uint32_t max,
             struct port_tally *tally)
{
    uint32_t n = frames_receive(&peer->rx, cache, packets, max, tally);

    if (peer->rx.broken) {
        cut_off(peer, true);
    }
    return n;
}

void
peer_transmit(struct peer *peer, struct xvs_packet *const *packets,
              uint32_t n, struct port_tally *tally)
{
    struct ring_end *tx = &peer->tx;
    bool wake = false, broken;

    pthread_mutex_lock(&peer->lock);
    for (uint32_t i = 0; i < n; i++) {
        if (frames_give(tx, packets[i], NULL, 0)) {
            tally->packets++;
            tally->bytes += packets[i]->total;
        } else {
            tally->dropped++;
        }
    }
    broken = tx->broken;
    if (!broken) {
        wake = ring_show(tx);
    }
    pthread_mutex_unlock(&peer->lock);
    if (broken) {
        cut_off(peer, true);
    } else if (wake) {
        /* When there is no room for it, the peer has enough to read. */
        send(peer->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

bool
peer_arm(struct peer *peer)
{
    return peer->rx.broken || ring_doze(&peer->rx);
}

void
peer_disarm(struct peer *peer)
{
    char byte;

    ring_rouse(&peer->rx);
    for (int i = 0; i < BELLS; i++) {
        ssize_t size = recv(peer->fd, &byte, sizeof byte, MSG_DONTWAIT);

        if (size < 0) {
            break;
        }
        if (size == 0) {
            cut_off(peer, false);
            break;
        }
    }
}
