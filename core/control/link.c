/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A control connection on an event loop.
 *
 * What is to be sent waits in a queue until the round of the loop ends (bounded:
 * a peer that does not read loses the connection), and leaves in as few packets
 * as possible: a system call costs more than a message.  Requests wait in a list for their answers.  A
 * link is freed after the current round of the loop, so that a callback may
 * destroy it while link.c is still on the stack.
 */

#include <config.h>

#include "control/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "control/message.h"

#define QUEUE_LIMIT (2u * CONTROL_LIMIT)    /* bytes that may wait */
#define PACKED 64                           /* messages in one packet */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* A message that waits until the peer reads. */
struct outgoing {
    struct outgoing *next;
    int fd;                     /* memfd with the message, or -1 */
    size_t size;                /* bytes of 'data' */
    size_t weight;              /* bytes of the whole message */
    char data[];                /* the message, or its header alone */
};

/* A request that waits for its answer. */
struct pending {
    struct pending *next;
    uint32_t number;
    uint16_t type;
    link_answer on_answer;
    void *arg;
};

struct link {
    struct loop *loop;
    struct loop_watch *watch;
    int fd;                     /* -1 once closed */
    link_message on_message;
    link_closed on_closed;
    void *arg;
    struct outgoing *first;     /* queue of messages to send */
    struct outgoing **last;
    size_t queued;              /* bytes in it */
    struct pending *pending;    /* oldest first */
    struct pending **pending_last;
    uint32_t next_number;
    char *input;                /* CONTROL_INLINE bytes, 8-aligned */
};

static void handle(void *arg, int fd, unsigned int events);

struct link *
link_create(struct loop *loop, int fd, link_message on_message,
            link_closed on_closed, void *arg)
{
    struct link *link = mem_zalloc(sizeof *link);

    link->loop = loop;
    link->fd = fd;
    link->on_message = on_message;
    link->on_closed = on_closed;
    link->arg = arg;
    link->last = &link->first;
    link->pending_last = &link->pending;
    link->input = mem_alloc(CONTROL_INLINE);
    link->watch = loop_watch_add(loop, fd, LOOP_READ, handle, link);
    return link;
}

static void
release(void *arg)
{
    struct link *link = arg;

    free(link->input);
    free(link);
}

/* The first of the queue has left, or never will. */
static void
drop_first(struct link *link)
{
    struct outgoing *out = link->first;

    link->first = out->next;
    if (!link->first) {
        link->last = &link->first;
    }
    link->queued -= out->weight;
    if (out->fd >= 0) {
        close(out->fd);
    }
    free(out);
}

static void
drop_queue(struct link *link)
{
    while (link->first) {
        drop_first(link);
    }
}

/* Tells everyone who waits that no answer will come. */
static void
drop_pending(struct link *link)
{
    while (link->pending) {
        struct pending *one = link->pending;

        link->pending = one->next;
        if (!link->pending) {
            link->pending_last = &link->pending;
        }
        if (one->on_answer) {
            one->on_answer(one->arg, NULL);
        }
        free(one);
    }
}

/* Returns false when it was closed before. */
static bool
shut(struct link *link)
{
    if (link->fd < 0) {
        return false;
    }
    loop_watch_remove(link->watch);
    link->watch = NULL;
    close(link->fd);
    link->fd = -1;
    drop_queue(link);
    drop_pending(link);
    loop_defer(link->loop, release, link);
    return true;
}

void
link_destroy(struct link *link)
{
    if (link) {
        shut(link);
    }
}

static void
fail(struct link *link, const struct error *error)
{
    if (shut(link) && link->on_closed) {
        link->on_closed(link->arg, error);
    }
}

/* A sealed memfd with the message, or -1. */
static int
seal(const void *data, size_t size)
{
    int fd = memfd_create("xvs-control", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;

    if (fd < 0) {
        return -1;
    }
    while (done < size) {
        ssize_t n = write(fd, (const char *) data + done, size - done);

        if (n < 0) {
            close(fd);
            return -1;
        }
        done += (size_t) n;
    }
    if (fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* As many of the queue as go into one packet; returns how many. */
static size_t
pack(const struct link *link, struct iovec parts[PACKED])
{
    size_t n = 0, size = 0;

    for (const struct outgoing *out = link->first; out && n < PACKED;
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
send_some(struct link *link)
{
    char control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec parts[PACKED];
    struct msghdr message = { .msg_iov = parts,
                              .msg_iovlen = pack(link, parts) };

    if (link->first->fd >= 0) {
        struct cmsghdr *head;

        message.msg_control = control;
        message.msg_controllen = sizeof control;
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &link->first->fd, sizeof(int));
    }
    if (sendmsg(link->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
        return (int) message.msg_iovlen;
    }
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

static bool
flush(struct link *link)
{
    struct error error;

    while (link->first) {
        int sent = send_some(link);

        if (sent == 0) {
            break;
        }
        if (sent < 0) {
            error_set_errno(&error, errno, "cannot send on the control"
                            " connection");
            fail(link, &error);
            return false;
        }
        while (sent-- > 0) {
            drop_first(link);
        }
    }
    loop_watch_set(link->watch,
                   LOOP_READ | (link->first ? LOOP_WRITE : 0));
    return true;
}

/* Fails the link from the loop, so that the caller sees no callback. */
static void
send_failed(void *arg)
{
    struct link *link = arg;
    struct error error;

    error_set(&error, ERROR_LIMIT, "the peer of the control connection does"
              " not read, or memory for a message is lacking");
    fail(link, &error);
}

static void
flush_later(void *arg)
{
    struct link *link = arg;

    if (link->fd >= 0) {
        flush(link);
    }
}

void
link_send(struct link *link, struct buffer *message)
{
    struct control_header *header;
    struct outgoing *out;
    bool large;
    size_t size;

    buffer_align(message, 8);
    header = (struct control_header *) (void *) message->data;
    header->size = (uint32_t) message->size;
    large = message->size > CONTROL_INLINE;
    size = large ? sizeof *header : message->size;
    if (link->fd < 0) {
        message->size = 0;
        return;
    }
    out = mem_alloc(sizeof *out + size);
    out->next = NULL;
    out->size = size;
    out->weight = message->size;
    memcpy(out->data, message->data, size);
    out->fd = large ? seal(message->data, message->size) : -1;
    if ((large && out->fd < 0) || message->size > CONTROL_LIMIT
        || link->queued + message->size > QUEUE_LIMIT) {
        if (out->fd >= 0) {
            close(out->fd);
        }
        free(out);
        loop_defer(link->loop, send_failed, link);
    } else {
        /* One deferred flush sends everything of this round. */
        if (!link->first) {
            loop_defer(link->loop, flush_later, link);
        }
        *link->last = out;
        link->last = &out->next;
        link->queued += out->weight;
    }
    message->size = 0;
}

void
link_request(struct link *link, struct buffer *message,
             link_answer on_answer, void *arg)
{
    struct control_header *header =
        (struct control_header *) (void *) message->data;
    struct pending *one;

    if (link->fd < 0) {
        message->size = 0;
        on_answer(arg, NULL);
        return;
    }
    one = mem_zalloc(sizeof *one);
    link->next_number = link->next_number == UINT32_MAX
        ? 1 : link->next_number + 1;
    header->number = link->next_number;
    one->number = header->number;
    one->type = header->type;
    one->on_answer = on_answer;
    one->arg = arg;
    *link->pending_last = one;
    link->pending_last = &one->next;
    link_send(link, message);
}

static void
answered(struct link *link, const struct control_header *message)
{
    struct error error;

    for (struct pending **at = &link->pending; *at; at = &(*at)->next) {
        struct pending *one = *at;

        if (one->number != message->number) {
            continue;
        }
        if ((one->type | CONTROL_ANSWER) != message->type) {
            break;
        }
        *at = one->next;
        if (!*at) {
            link->pending_last = at;
        }
        one->on_answer(one->arg, message);
        free(one);
        return;
    }
    error_set(&error, ERROR_INVALID, "the peer of the control connection"
              " answered a request that was not made (%s, number %u)",
              control_type_name(message->type), message->number);
    fail(link, &error);
}

static void
deliver(struct link *link, const void *data, size_t size)
{
    const struct control_header *message = data;
    struct error error;

    if (!control_check(message, size, &error)) {
        fail(link, &error);
    } else if (message->type & CONTROL_ANSWER) {
        answered(link, message);
    } else if (link->on_message) {
        link->on_message(link->arg, link, message);
    }
}

/* The messages of a packet, one after the other. */
static void
deliver_packet(struct link *link, const char *packet, size_t size)
{
    /* The link may be closed in any of them. */
    while (size && link->fd >= 0) {
        size_t first = control_first(packet, size);

        deliver(link, packet, first);
        packet += first;
        size -= first;
    }
}

/* A message in a memfd: only if nobody can change it while we read. */
static void
deliver_large(struct link *link, const struct control_header *header,
              int memory)
{
    struct error error;
    struct stat status;
    int seals = fcntl(memory, F_GET_SEALS);
    void *map;

    if (seals < 0 || (seals & SEALS) != SEALS || fstat(memory, &status) != 0
        || status.st_size != (off_t) header->size
        || header->size > CONTROL_LIMIT) {
        error_set(&error, ERROR_INVALID, "a control message came in a memory"
                  " file that is not sealed or has another size");
        fail(link, &error);
        return;
    }
    map = mmap(NULL, header->size, PROT_READ, MAP_PRIVATE, memory, 0);
    if (map == MAP_FAILED) {
        error_set_errno(&error, errno, "cannot map a control message of %u"
                        " bytes", header->size);
        fail(link, &error);
        return;
    }
    deliver(link, map, header->size);
    munmap(map, header->size);
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

/* True when there may be more to read: after a packet that had not room for
 * everything. */
static bool
receive(struct link *link)
{
    union {
        char space[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = { link->input, CONTROL_INLINE };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    const struct control_header *header = (void *) link->input;
    ssize_t n = recvmsg(link->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct error error;
    int memory;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (n <= 0) {
        error_set(&error, ERROR_IO, "the peer of the control connection has"
                  " gone%s%s", n < 0 ? ": " : "",
                  n < 0 ? strerror(errno) : "");
        fail(link, &error);
        return false;
    }
    memory = received_fd(&message);
    if (memory >= 0 && (size_t) n == sizeof *header) {
        deliver_large(link, header, memory);
    } else {
        deliver_packet(link, link->input, (size_t) n);
    }
    if (memory >= 0) {
        close(memory);
    }
    return link->fd >= 0
        && (memory >= 0 || (size_t) n > CONTROL_INLINE / 2);
}

static void
handle(void *arg, int fd, unsigned int events)
{
    struct link *link = arg;

    (void) fd;
    if ((events & LOOP_WRITE) && !flush(link)) {
        return;
    }
    /* Bounded, so that one busy peer does not starve the loop. */
    for (int i = 0; i < 64 && link->fd >= 0; i++) {
        if (!receive(link)) {
            break;
        }
    }
}
