/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The queue of what is to be sent; see outbox.h.  A large message waits as
 * its header alone, with the descriptor of what it is in.
 */

#include <config.h>

#include "control/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/sealed.h"

#define QUEUE_LIMIT (2u * CONTROL_LIMIT)    /* bytes that may wait */
#define PACKED 64                           /* messages in one packet */

struct outgoing {
    struct outgoing *next;
    int fd;                     /* memfd with the message, or -1 */
    size_t size;                /* bytes of 'data' */
    size_t weight;              /* bytes of the whole message */
    char data[];                /* the message, or its header alone */
};

void
outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox) { .last = &outbox->first };
}

/* The first of the queue has left, or never will. */
static void
drop_first(struct outbox *outbox)
{
    struct outgoing *out = outbox->first;

    outbox->first = out->next;
    if (!outbox->first) {
        outbox->last = &outbox->first;
    }
    outbox->size -= out->weight;
    if (out->fd >= 0) {
        close(out->fd);
    }
    free(out);
}

void
outbox_clear(struct outbox *outbox)
{
    while (outbox->first) {
        drop_first(outbox);
    }
}

bool
outbox_put(struct outbox *outbox, const void *message, size_t size)
{
    bool large = size > CONTROL_INLINE;
    size_t kept = large ? sizeof(struct control_header) : size;
    int fd = -1;
    struct outgoing *out;

    if (size > CONTROL_LIMIT || outbox->size + size > QUEUE_LIMIT) {
        return false;
    }
    if (large) {
        fd = sealed_create(message, size);
        if (fd < 0) {
            return false;
        }
    }
    out = mem_alloc(sizeof *out + kept);
    out->next = NULL;
    out->fd = fd;
    out->size = kept;
    out->weight = size;
    memcpy(out->data, message, kept);
    *outbox->last = out;
    outbox->last = &out->next;
    outbox->size += size;
    return true;
}

/* As many of the queue as go into one packet; returns how many. */
static size_t
pack(const struct outbox *outbox, struct iovec parts[PACKED])
{
    size_t n = 0, size = 0;

    for (const struct outgoing *out = outbox->first; out && n < PACKED;
         out = out->next) {
        size += out->size;
        if (n > 0 && (size > CONTROL_INLINE || out->fd >= 0)) {
            break;
        }
        parts[n++] = (struct iovec) { (void *) out->data, out->size };
        if (out->fd >= 0) {
            break;
        }
    }
    return n;
}

/* How many messages were sent in one packet; 0: would block, -1: errno. */
static int
send_some(const struct outbox *outbox, int fd)
{
    char control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec parts[PACKED];
    struct msghdr message = { .msg_iov = parts,
                              .msg_iovlen = pack(outbox, parts) };

    if (outbox->first->fd >= 0) {
        struct cmsghdr *head;

        message.msg_control = control;
        message.msg_controllen = sizeof control;
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &outbox->first->fd, sizeof(int));
    }
    if (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
        return (int) message.msg_iovlen;
    }
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

bool
outbox_flush(struct outbox *outbox, int fd, struct error *error)
{
    while (outbox->first) {
        int sent = send_some(outbox, fd);

        if (sent == 0) {
            break;
        }
        if (sent < 0) {
            return error_set_errno(error, errno, "cannot send on the control"
                                   " connection");
        }
        while (sent-- > 0) {
            drop_first(outbox);
        }
    }
    return true;
}
