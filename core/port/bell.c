/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See bell.h.
 */

#include <config.h>

#include "port/bell.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static bool
watch(const struct bell *bell)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(bell->bell, EPOLL_CTL_ADD, bell->fd, &event) == 0
        || errno == EEXIST;
}

bool
bell_open(struct bell *bell, int fd)
{
    bell->fd = fd;
    bell->silent = false;
    bell->bell = epoll_create1(EPOLL_CLOEXEC);
    return bell->bell >= 0 && watch(bell);
}

void
bell_close(struct bell *bell)
{
    if (bell->bell >= 0) {
        close(bell->bell);
        bell->bell = -1;
    }
}

void
bell_disarm(struct bell *bell)
{
    if (!bell->silent) {
        bell->silent = true;
        epoll_ctl(bell->bell, EPOLL_CTL_DEL, bell->fd, NULL);
    }
}

bool
bell_arm(struct bell *bell)
{
    if (bell->silent && watch(bell)) {
        bell->silent = false;
    }
    return !bell->silent;
}
