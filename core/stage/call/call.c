/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sending and receiving whole messages; check.c looks at what is in them.
 */

#include <config.h>

#include "stage/call/call.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"

#define PIECE 65536u            /* memory that is given ahead of the bytes */

_Static_assert(1 + SHARE_FILES + CALL_BELLS <= CALL_FDS
               && CALL_OPENS <= CALL_FDS, "all descriptors have room");

void *
call_begin(struct buffer *out, enum call_type type, size_t size)
{
    struct call_head head = { .type = type };

    out->size = 0;
    buffer_put(out, &head, sizeof head);
    buffer_extend(out, CONTROL_ALIGN(size));
    return out->data + sizeof head;
}

size_t
call_put(struct buffer *out, const void *piece, size_t size)
{
    size_t at = out->size;

    buffer_put(out, piece, size);
    buffer_align(out, 8);
    return at;
}

/* Puts the descriptors into the message's control part. */
static void
attach(struct msghdr *message, char *space, const int *fds, uint32_t n)
{
    struct cmsghdr *part;

    message->msg_control = space;
    message->msg_controllen = CMSG_SPACE(n * sizeof *fds);
    part = CMSG_FIRSTHDR(message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(n * sizeof *fds);
    memcpy(CMSG_DATA(part), fds, n * sizeof *fds);
}

bool
call_send(int fd, struct buffer *message, const int *fds, uint32_t n,
          struct error *error)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(CALL_FDS * sizeof(int))];
    struct call_head *head = (void *) message->data;
    size_t sent = 0;

    memset(space, 0, sizeof space);
    head->size = (uint32_t) message->size;
    while (sent < message->size) {
        struct iovec piece = { message->data + sent, message->size - sent };
        struct msghdr packet = { .msg_iov = &piece, .msg_iovlen = 1 };
        ssize_t size;

        if (n && sent == 0) {
            attach(&packet, space, fds, n);
            size = sendmsg(fd, &packet, MSG_NOSIGNAL);
        } else {
            /* Processes with sockets have no sendmsg(). */
            size = send(fd, piece.iov_base, piece.iov_len, MSG_NOSIGNAL);
        }
        if (size < 0 && errno != EINTR) {
            return error_set_errno(error, errno, "cannot send a call");
        }
        sent += size > 0 ? (size_t) size : 0;
    }
    return true;
}

/* Takes the descriptors of a packet; those that are too many are closed. */
static uint32_t
detach(struct msghdr *message, int *fds)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    uint32_t n = 0;

    for (; part; part = CMSG_NXTHDR(message, part)) {
        size_t size = part->cmsg_len - CMSG_LEN(0);

        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS
            && n == 0) {
            n = (uint32_t) (size / sizeof(int));
            memcpy(fds, CMSG_DATA(part), n * sizeof(int));
        }
    }
    return n;
}

/* Some bytes, as recvmsg(); with room for descriptors when 'fds' is not
 * NULL.  Without room the kernel drops them. */
static ssize_t
take(int fd, void *to, size_t size, int *fds, uint32_t *n, int flags)
{
    _Alignas(struct cmsghdr) char space[CMSG_SPACE(CALL_FDS * sizeof(int))];
    struct iovec piece = { to, size };
    struct msghdr packet = { .msg_iov = &piece, .msg_iovlen = 1 };
    ssize_t result;

    if (fds && *n == 0) {
        packet.msg_control = space;
        packet.msg_controllen = sizeof space;
    }
    do {
        result = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC | flags);
    } while (result < 0 && errno == EINTR);
    if (result > 0 && packet.msg_control) {
        *n = detach(&packet, fds);
    }
    return result;
}

/* Until there is something to take, or the end; false: it is too late. */
static bool
await(int fd, uint64_t until_ms)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };

    while (until_ms) {
        uint64_t now = loop_now_ms();
        int left = until_ms > now ? (int) (until_ms - now) : 0;
        int result = poll(&one, 1, left);

        if (result > 0 || (result < 0 && errno != EINTR)) {
            break;
        }
        if (left == 0) {
            return false;
        }
    }
    return true;
}

static enum call_end
too_late(struct error *error)
{
    error_set(error, ERROR_TIMEOUT, "it does not answer");
    return CALL_LATE;
}

/* Exactly 'size' bytes more, whose memory grows as they come.  What has come
 * is taken without asking for it first: most messages are sent whole. */
static enum call_end
take_all(int fd, struct buffer *message, size_t size, int *fds, uint32_t *n,
         uint64_t until_ms, struct error *error)
{
    while (size) {
        size_t piece = size < PIECE ? size : PIECE;
        ssize_t result;

        buffer_reserve(message, piece);
        result = take(fd, message->data + message->size, piece, fds, n,
                      until_ms ? MSG_DONTWAIT : 0);
        if (result < 0 && errno == EAGAIN) {
            if (!await(fd, until_ms)) {
                return too_late(error);
            }
            continue;
        }
        if (result <= 0) {
            error_set(error, ERROR_IO, "it has closed its end");
            return CALL_CLOSED;
        }
        message->size += (size_t) result;
        size -= (size_t) result;
    }
    return CALL_GOOD;
}

enum call_end
call_receive(int fd, struct buffer *message, int *fds, uint32_t *n,
             uint64_t until_ms, struct error *error)
{
    struct call_head head;
    enum call_end end;
    uint32_t none = 0;

    n = n ? n : &none;
    *n = 0;
    message->size = 0;
    if (!await(fd, until_ms)) {
        return too_late(error);
    }
    end = take_all(fd, message, sizeof head, fds, n, until_ms, error);
    if (end != CALL_GOOD) {
        return end;
    }
    memcpy(&head, message->data, sizeof head);
    if (head.size < sizeof head || head.size > CONTROL_LIMIT) {
        error_set(error, ERROR_LIMIT, "a message of %u bytes", head.size);
        return CALL_BAD;
    }
    end = take_all(fd, message, head.size - sizeof head, NULL, NULL, until_ms,
                   error);
    if (end != CALL_GOOD) {
        return end;
    }
    return call_check_message(message->data, message->size, error) ? CALL_GOOD
                                                           : CALL_BAD;
}
