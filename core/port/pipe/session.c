/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames between the pool and a peer's rings.  The peer is hostile: what
 * ring.h finds broken ends the connection, which the main thread notices.
 *
 * Peers are woken by a byte on the connection and not by an eventfd, because
 * the other owner of an eventfd can make our write to it block: whether it
 * does is a property that both share.  Of a socket each has its own end.
 */

#include <config.h>

#include "port/pipe/session.h"

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
#include "packet/offload.h"
#include "packet/pool.h"
#include "port/port.h"

#define BELLS 16                /* messages that are read in one go */

_Static_assert(POOL_FRAME == RING_DATA, "a slot's bytes fill a buffer");
_Static_assert(POOL_FRAME_MAX == RING_FRAME_MAX, "any frame fits");

/* Sealed memory that cannot shrink under us; its descriptor, or -1. */
static int
make_memory(struct session *session, struct error *error)
{
    const size_t size = sizeof *session->memory;
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
    session->memory = memory;
    session->rx.ring = &session->memory->to_switch;
    session->tx.ring = &session->memory->to_peer;
    /* Both sides are born asleep: the first frame wakes them. */
    session->rx.ring->asleep = session->tx.ring->asleep = 1;
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

struct session *
session_create(int fd, const struct pipe_welcome *welcome,
               struct error *error)
{
    struct session *session = mem_zalloc(sizeof *session);
    int memory = make_memory(session, error);
    bool sent;

    session->fd = -1;
    pthread_mutex_init(&session->lock, NULL);
    if (memory < 0) {
        session_destroy(session);
        return NULL;
    }
    sent = send_welcome(fd, welcome, memory);
    if (!sent) {
        error_set_errno(error, errno, "cannot greet the peer");
    }
    close(memory);
    if (!sent) {
        session_destroy(session);
        return NULL;
    }
    session->fd = fd;
    socket_peer(fd, NULL, NULL, &session->pid);
    return session;
}

void
session_destroy(struct session *session)
{
    if (!session) {
        return;
    }
    if (session->memory) {
        munmap(session->memory, sizeof *session->memory);
    }
    if (session->fd >= 0) {
        close(session->fd);
    }
    pthread_mutex_destroy(&session->lock);
    free(session);
}

static void
unused(struct grace_call *call)
{
    session_destroy((struct session *) (void *) call);
}

_Static_assert(offsetof(struct session, grace) == 0, "unused() casts");

void
session_retire(struct session *session)
{
    grace_defer(&session->grace, unused);
}

/* The main thread sees the end of the connection and closes it. */
static void
cut_off(struct session *session, bool lied)
{
    if (!lied || !atomic_exchange(&session->lied, true)) {
        shutdown(session->fd, SHUT_RDWR);
    }
}

/* Copies the next frame into the packet, buffer by buffer. */
static bool
take(const struct ring_end *rx, const struct ring_head *head,
     struct pool_cache *cache, struct xvs_packet *packet)
{
    uint32_t at = 0;

    if (head->total < 14 || !pool_extend(cache, packet, head->total)) {
        return false;
    }
    for (struct xvs_packet *one = packet; one; one = one->next) {
        ring_read(rx, at, one->data, one->length);
        at += one->length;
    }
    return offload_take(packet, &head->virtio);
}

uint32_t
session_receive(struct session *session, struct pool_cache *cache,
                struct xvs_packet **packets, uint32_t max,
                struct port_tally *tally)
{
    struct ring_end *rx = &session->rx;
    uint32_t waiting = rx->broken ? 0 : ring_waiting(rx), got, n = 0;
    struct ring_head head;

    got = pool_get(cache, packets, waiting < max ? waiting : max);
    while (n < got && ring_next(rx, &head)) {
        if (take(rx, &head, cache, packets[n])) {
            tally->bytes += packets[n++]->total;
        } else {
            tally->dropped++;
            pool_put(cache, &packets[n], 1);
            packets[n] = packets[--got];
        }
        ring_skip(rx, head.total);
    }
    tally->packets += n;
    pool_put(cache, packets + n, got - n);
    if (rx->broken) {
        cut_off(session, true);
    } else if (waiting) {
        ring_free(rx);
    }
    return n;
}

static bool
give(struct ring_end *tx, const struct xvs_packet *packet)
{
    uint32_t slots = ring_slots_of(packet->total), at = 0;
    struct virtio_net_hdr virtio;

    if (packet->total > RING_FRAME_MAX || ring_room(tx, slots) < slots) {
        return false;
    }
    for (const struct xvs_packet *one = packet; one; one = one->next) {
        ring_fill(tx, at, one->data, one->length);
        at += one->length;
    }
    offload_give(packet, &virtio);
    ring_add(tx, packet->total, &virtio);
    return true;
}

void
session_transmit(struct session *session, struct xvs_packet *const *packets,
                 uint32_t n, struct port_tally *tally)
{
    struct ring_end *tx = &session->tx;
    bool wake = false, broken;

    pthread_mutex_lock(&session->lock);
    for (uint32_t i = 0; i < n; i++) {
        if (give(tx, packets[i])) {
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
    pthread_mutex_unlock(&session->lock);
    if (broken) {
        cut_off(session, true);
    } else if (wake) {
        /* When there is no room for it, the peer has enough to read. */
        send(session->fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

bool
session_arm(struct session *session)
{
    return session->rx.broken || ring_doze(&session->rx);
}

void
session_disarm(struct session *session)
{
    char byte;

    ring_rouse(&session->rx);
    for (int i = 0; i < BELLS; i++) {
        ssize_t size = recv(session->fd, &byte, sizeof byte, MSG_DONTWAIT);

        if (size < 0) {
            break;
        }
        if (size == 0) {
            cut_off(session, false);
            break;
        }
    }
}
