/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A hostile peer of a pipe port:
 *
 *     pipe-liar SOCKET mute       connects and says nothing
 *     pipe-liar SOCKET strange    says something else than hello
 *     pipe-liar SOCKET index      is welcome, then shows more than a ring has
 *     pipe-liar SOCKET size       shows a frame larger than what it shows
 *     pipe-liar SOCKET half       closes one direction
 *     pipe-liar SOCKET bells      rings without an end, for a second
 *
 * Prints what the switch says; succeeds when the switch ends the connection
 * (after "bells": when it does not).
 */

#include <config.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/socket.h"
#include "port/pipe/message.h"

#define PATIENCE_MS 5000

static struct pipe_welcome welcome;

/* The welcome; the memory that came with it, or NULL. */
static struct pipe_memory *
hear(int fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct pollfd poll_fd = { fd, POLLIN, 0 };
    struct iovec part = { &welcome, sizeof welcome };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    struct cmsghdr *head;
    void *memory;
    int shared;

    if (poll(&poll_fd, 1, PATIENCE_MS) != 1 || recvmsg(fd, &message, 0) <= 0) {
        fputs("no answer\n", stderr);
        exit(1);
    }
    head = CMSG_FIRSTHDR(&message);
    if (!head) {
        puts(welcome.text);
        return NULL;
    }
    memcpy(&shared, CMSG_DATA(head), sizeof shared);
    memory = mmap(NULL, sizeof(struct pipe_memory), PROT_READ | PROT_WRITE,
                  MAP_SHARED, shared, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* The switch ends the connection. */
static int
has_ended(int fd)
{
    uint64_t end = loop_now_ms() + PATIENCE_MS, now;
    char byte;

    while ((now = loop_now_ms()) < end) {
        struct pollfd poll_fd = { fd, POLLIN, 0 };

        if (poll(&poll_fd, 1, (int) (end - now)) == 1
            && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0) {
            return 0;
        }
    }
    return 1;
}

static int
ring_bells(int fd)
{
    uint64_t end = loop_now_ms() + 1000;

    while (loop_now_ms() < end) {
        struct pollfd poll_fd = { fd, POLLIN, 0 };

        send(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLHUP) {
            return 1;
        }
    }
    return 0;
}

static int
lie(int fd, const char *what)
{
    const struct pipe_hello hello = { .magic = PIPE_MAGIC,
                                      .version = PIPE_VERSION };
    struct pipe_memory *memory;

    if (strcmp(what, "strange") == 0) {
        send(fd, "how do you do", 13, 0);
        return hear(fd) ? 1 : has_ended(fd);
    }
    if (strcmp(what, "mute") == 0) {
        return hear(fd) ? 1 : has_ended(fd);
    }
    send(fd, &hello, sizeof hello, 0);
    memory = hear(fd);
    if (!memory) {
        return 1;
    }
    if (strcmp(what, "half") == 0) {
        shutdown(fd, SHUT_WR);
        return has_ended(fd);
    }
    if (strcmp(what, "bells") == 0) {
        return ring_bells(fd);
    }
    memory->to_switch.slots[0].head.total = 5000;
    memory->to_switch.head = strcmp(what, "index") == 0 ? RING_SLOTS + 1 : 1;
    send(fd, "x", 1, 0);
    return has_ended(fd);
}

int
main(int argc, char **argv)
{
    struct error error;
    int fd;

    if (argc != 3) {
        fputs("usage: pipe-liar SOCKET HOW\n", stderr);
        return 2;
    }
    fd = socket_connect_unix(argv[1], SOCK_SEQPACKET, &error);
    if (fd < 0) {
        fputs(error.text, stderr);
        return 2;
    }
    return lie(fd, argv[2]);
}
