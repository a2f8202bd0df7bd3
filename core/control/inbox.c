/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * From packets to messages; see inbox.h.  Everything that the peer sends is
 * hostile until control_check() has seen it.
 */

#include <config.h>

#include "control/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "control/sealed.h"

void
inbox_init(struct inbox *inbox, inbox_message on_message, void *arg)
{
    inbox->room = mem_alloc(CONTROL_INLINE);
    inbox->on_message = on_message;
    inbox->arg = arg;
}

void
inbox_free(struct inbox *inbox)
{
    free(inbox->room);
}

/* MORE: the connection lives on. */
static enum inbox_state
deliver(struct inbox *inbox, const void *data, size_t size,
        struct error *error)
{
    if (!control_check(data, size, error)) {
        return INBOX_FAILED;
    }
    return inbox->on_message(inbox->arg, data) ? INBOX_MORE : INBOX_EMPTY;
}

/* The messages of a packet, one after the other. */
static enum inbox_state
deliver_packet(struct inbox *inbox, size_t size, struct error *error)
{
    const char *at = inbox->room;
    enum inbox_state state = INBOX_MORE;

    while (size && state == INBOX_MORE) {
        size_t first = control_first(at, size);

        state = deliver(inbox, at, first, error);
        at += first;
        size -= first;
    }
    return state;
}

/* A message in a memfd: only if nobody can change it while we read. */
static enum inbox_state
deliver_large(struct inbox *inbox, int memory, struct error *error)
{
    const struct control_header *header = (void *) inbox->room;
    size_t size = header->size;
    const void *map = sealed_map(memory, size, error);
    enum inbox_state state;

    if (!map) {
        return INBOX_FAILED;
    }
    state = deliver(inbox, map, size, error);
    munmap((void *) map, size);
    return state;
}

/* The descriptor that came with a message, or -1; surplus ones are closed. */
static int
received_fd(struct msghdr *message)
{
    int kept = -1;

    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
         head = CMSG_NXTHDR(message, head)) {
        size_t n;

        if (head->cmsg_level != SOL_SOCKET
            || head->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (kept < 0) {
                kept = fd;
            } else {
                close(fd);
            }
        }
    }
    return kept;
}

/* What came with a packet is delivered; nothing is kept of it. */
static enum inbox_state
deliver_all(struct inbox *inbox, size_t size, int memory,
            struct error *error)
{
    enum inbox_state state;

    if (memory >= 0 && size == sizeof(struct control_header)) {
        state = deliver_large(inbox, memory, error);
    } else {
        state = deliver_packet(inbox, size, error);
    }
    if (memory >= 0) {
        close(memory);
    }
    /* A packet that had room left was the last. */
    if (state == INBOX_MORE && memory < 0 && size <= CONTROL_INLINE / 2) {
        return INBOX_EMPTY;
    }
    return state;
}

enum inbox_state
inbox_receive(struct inbox *inbox, int fd, struct error *error)
{
    union {
        char space[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = { inbox->room, CONTROL_INLINE };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return INBOX_EMPTY;
    }
    if (n <= 0) {
        error_set(error, ERROR_IO, "the peer of the control connection has"
                  " gone%s%s", n < 0 ? ": " : "",
                  n < 0 ? strerror(errno) : "");
        return INBOX_FAILED;
    }
    return deliver_all(inbox, (size_t) n, received_fd(&message), error);
}
