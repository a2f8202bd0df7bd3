/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who is called when.  What ends in a turn is freed behind it, because the
 * kernel may have told of it in the same turn.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent.h"

enum { AT_ONCE = 64, TICK = 1000 };     /* events of a turn, ms */

static int epoll;
static struct watch *over, *again;

void
loop_start(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        die("no epoll: %s", strerror(errno));
    }
}

bool
loop_watch(struct watch *watch)
{
    struct epoll_event event = { .events = LOOP_EDGES, .data.ptr = watch };

    watch->asked = LOOP_EDGES;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void
loop_ask(struct watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = watch };

    if (watch->asked != events) {
        watch->asked = events;
        epoll_ctl(epoll, EPOLL_CTL_MOD, watch->fd, &event);
    }
}

static void
take_back(struct watch *watch)
{
    for (struct watch **at = &again; *at; at = &(*at)->next) {
        if (*at == watch) {
            *at = watch->next;
            return;
        }
    }
}

void
loop_close(struct watch *watch)
{
    if (watch->ready) {
        take_back(watch);
        watch->ready = NULL;
        close(watch->fd);
        watch->next = over;
        over = watch;
    }
}

void
loop_again(struct watch *watch)
{
    take_back(watch);
    watch->next = again;
    again = watch;
}

static void
call_again(void)
{
    struct watch *first = again;

    again = NULL;
    while (first) {
        struct watch *next = first->next;

        first->ready(first, 0);
        first = next;
    }
}

void
loop_turn(void)
{
    struct epoll_event events[AT_ONCE];
    int n = epoll_wait(epoll, events, AT_ONCE, again ? 0 : TICK);

    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data.ptr;

        if (watch->ready) {
            watch->ready(watch, events[i].events);
        }
    }
    call_again();
    while (over) {
        struct watch *next = over->next;

        free(over);
        over = next;
    }
}
