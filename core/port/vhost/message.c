/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A stream socket: header and body can arrive in any pieces, and descriptors
 * come with the first byte of their message.
 */

#include <config.h>

#include "port/vhost/message.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD ((uint32_t) sizeof(struct wire_header))

_Static_assert(offsetof(struct message, body) >= sizeof(struct wire_header),
               "head and body do not overlap");

union control {
    char space[CMSG_SPACE(sizeof(int) * WIRE_FDS)];
    struct cmsghdr align;
};

static void
close_fds(struct message *message)
{
    for (uint32_t i = 0; i < message->n_fds; i++) {
        if (message->fds[i] >= 0) {
            close(message->fds[i]);
        }
    }
    message->n_fds = 0;
}

/* More than a message can have are closed at once. */
static void
take_fds(struct message *message, struct msghdr *header)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(header); head;
         head = CMSG_NXTHDR(header, head)) {
        size_t n;

        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (message->n_fds < WIRE_FDS) {
                message->fds[message->n_fds++] = fd;
            } else {
                close(fd);
            }
        }
    }
}

/* Reads up to 'size' bytes; 0: closed, -1 with errno. */
static ssize_t
read_some(struct message *message, int fd, void *to, size_t size)
{
    union control control;
    struct iovec part = { to, size };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control };
    ssize_t got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (got > 0) {
        take_fds(message, &header);
    }
    return got;
}

/* Where the next byte goes, and how many are missing of the piece. */
static uint8_t *
place(struct message *message, size_t *missing)
{
    if (message->have < HEAD) {
        *missing = HEAD - message->have;
        return (uint8_t *) &message->head + message->have;
    }
    *missing = HEAD + message->head.size - message->have;
    return (uint8_t *) &message->body + (message->have - HEAD);
}

static bool
head_is_good(const struct message *message, const char **why)
{
    if ((message->head.flags & WIRE_VERSION_MASK) != WIRE_VERSION) {
        *why = "speaks another version of the protocol";
        return false;
    }
    if (message->head.size > sizeof message->body) {
        *why = "sent a message that is too long";
        return false;
    }
    return true;
}

enum message_progress
message_read(struct message *message, int fd, const char **why)
{
    for (;;) {
        size_t missing;
        uint8_t *to = place(message, &missing);
        ssize_t got = missing ? read_some(message, fd, to, missing) : 0;

        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return MESSAGE_MORE;
        }
        if (missing && got <= 0) {
            *why = got < 0 ? strerror(errno) : "closed the connection";
            return MESSAGE_END;
        }
        message->have += (uint32_t) got;
        if (message->have >= HEAD && !head_is_good(message, why)) {
            return MESSAGE_END;
        }
        if (message->have >= HEAD
            && message->have == HEAD + message->head.size) {
            return MESSAGE_WHOLE;
        }
    }
}

void
message_clear(struct message *message)
{
    close_fds(message);
    memset(message, 0, sizeof *message);
}

int
message_take_fd(struct message *message)
{
    int fd = message->n_fds ? message->fds[0] : -1;

    if (fd >= 0) {
        message->fds[0] = -1;
    }
    return fd;
}

bool
message_reply(const struct message *message, int socket, uint32_t size,
              int fd)
{
    struct wire_header head = { message->head.request,
                                WIRE_VERSION | WIRE_REPLY, size };
    union control control;
    struct iovec parts[] = { { &head, sizeof head },
                             { (void *) &message->body, size } };
    struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };

    memset(&control, 0, sizeof control);
    if (fd >= 0) {
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(sizeof fd);
    }
    return sendmsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL)
        == (ssize_t) (sizeof head + size);
}
