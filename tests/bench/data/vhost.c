/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of vhost-user over a unix socket: see vhost.h. */
#include "vhost.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
die(const char *format, ...)
{
    int code = errno;
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, " (%s)\n", strerror(code));
    exit(1);
}

void
vhost_send(int socket, struct vhost_message *message, int fd)
{
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec part = {message, VHOST_HEAD + message->size};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};

    message->flags |= 1;
    if (fd >= 0) {
        head.msg_control = control;
        head.msg_controllen = sizeof control;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    }
    if (sendmsg(socket, &head, MSG_NOSIGNAL) < 0) {
        die("vhost-user: request %u", message->request);
    }
}

int
vhost_receive(int socket, struct vhost_message *message, int *fds, int *n_fds)
{
    char control[CMSG_SPACE(VHOST_REGIONS * sizeof *fds)];
    struct iovec part = {message, VHOST_HEAD};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof control};

    *n_fds = 0;
    if (recvmsg(socket, &head, MSG_WAITALL) != VHOST_HEAD
        || message->size > sizeof message->body) {
        return -1;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&head); c;
         c = CMSG_NXTHDR(&head, c)) {
        if (c->cmsg_type == SCM_RIGHTS) {
            size_t size = c->cmsg_len - CMSG_LEN(0);

            memcpy(fds, CMSG_DATA(c), size);
            *n_fds = (int) (size / sizeof *fds);
        }
    }
    if (message->size > 0
        && recv(socket, &message->body, message->size, MSG_WAITALL)
               != (ssize_t) message->size) {
        return -1;
    }
    return 0;
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die("%s", path);
    }
    strcpy(address.sun_path, path);
    return address;
}

int
vhost_listen(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) != 0
        || listen(fd, 2) != 0) {
        die("listen on %s", path);
    }
    return fd;
}

int
vhost_connect(const char *path)
{
    struct sockaddr_un address = address_of(path);

    for (int tries = 0; tries < 100; tries++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd >= 0
            && connect(fd, (struct sockaddr *) &address, sizeof address)
                   == 0) {
            return fd;
        }
        close(fd);
        usleep(50000);
    }
    die("connect to %s", path);
}

void
pin_to(int core)
{
    cpu_set_t set;

    if (core < 0) {
        return;
    }
    CPU_ZERO(&set);
    CPU_SET((size_t) core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        die("core %d", core);
    }
}
