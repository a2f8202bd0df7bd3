/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See loop.h.  What the kernel gives back with an event is a slot and a turn
 * of it, never an address: a watch that has gone has given its slot back, and
 * the slot's turn is another one then.  The timer and the bell (an eventfd)
 * are edge-triggered, so nobody has to read them.
 */

#include "move/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "move/alarms.h"

#define SECOND UINT64_C(1000000000)
#define AT_ONCE 128             /* events of one look */
#define LONGEST UINT64_C(2000000)       /* ns of one loop_run(), about */
#define ALARMS_AT_ONCE 1024u
#define TIMER UINT64_MAX        /* what the kernel says of these two */
#define BELL (UINT64_MAX - 1)

struct slot {
    struct watch *watch;        /* NULL: free */
    uint32_t turn;              /* how often it has been given back */
    uint32_t next;              /* of those that are free; 0: the last one */
};

struct loop {
    int epoll, timer, bell;
    uint64_t now, armed;        /* ns; when the timer goes off, 0: never */
    struct slot *slots;         /* [0] is no slot */
    uint32_t n_slots, free;     /* how many there are; the first free one */
    struct alarms alarms;
    struct watch *first, *last; /* that are posted */
    bool running, rung;         /* in loop_run(); the bell has been rung */
};

static uint64_t
clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * SECOND + (uint64_t) now.tv_nsec;
}

/* ---- Life --------------------------------------------------------------- */

static bool
add_own(struct loop *loop, int fd, uint64_t what)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET,
                                 .data.u64 = what };

    return fd >= 0 && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

struct loop *
loop_create(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop) {
        return NULL;
    }
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    loop->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!add_own(loop, loop->timer, TIMER)
        || !add_own(loop, loop->bell, BELL)) {
        loop_destroy(loop);
        return NULL;
    }
    loop->now = clock_now();
    return loop;
}

static void
close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void
loop_destroy(struct loop *loop)
{
    if (loop) {
        close_fd(loop->bell);
        close_fd(loop->timer);
        close_fd(loop->epoll);
        free(loop->slots);
        free(loop->alarms.heap);
        free(loop);
    }
}

int
loop_descriptor(const struct loop *loop)
{
    return loop->epoll;
}

uint64_t
loop_now(const struct loop *loop)
{
    return loop->running ? loop->now : clock_now();
}

/* ---- Descriptors -------------------------------------------------------- */

static bool
grow_slots(struct loop *loop)
{
    uint32_t n = loop->n_slots ? loop->n_slots * 2 : 64;
    struct slot *slots = realloc(loop->slots, n * sizeof(*slots));

    if (!slots) {
        return false;
    }
    memset(slots + loop->n_slots, 0,
           (n - loop->n_slots) * sizeof(*slots));
    for (uint32_t i = n - 1; i >= loop->n_slots && i > 0; i--) {
        slots[i].next = loop->free;
        loop->free = i;
    }
    loop->slots = slots;
    loop->n_slots = n;
    return true;
}

static void
free_slot(struct loop *loop, uint32_t i)
{
    struct slot *slot = &loop->slots[i];

    slot->watch = NULL;
    slot->turn++;
    slot->next = loop->free;
    loop->free = i;
}

static bool
watch_anew(struct loop *loop, struct watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events };
    struct slot *slot;
    uint32_t i;

    if (!loop->free && !grow_slots(loop)) {
        return false;
    }
    i = loop->free;
    slot = &loop->slots[i];
    event.data.u64 = (uint64_t) slot->turn << 32 | i;
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) != 0) {
        return false;
    }
    loop->free = slot->next;
    slot->watch = watch;
    watch->slot = i;
    watch->asked = events;
    return true;
}

bool
loop_watch(struct loop *loop, struct watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events };

    watch->loop = loop;
    if (!watch->slot) {
        return watch_anew(loop, watch, events);
    }
    if (watch->asked == events && !(events & EPOLLET)) {
        return true;
    }
    event.data.u64 = (uint64_t) loop->slots[watch->slot].turn << 32
        | watch->slot;
    watch->asked = events;
    return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event) == 0;
}

static void
take_back(struct loop *loop, struct watch *watch)
{
    *(watch->prev ? &watch->prev->next : &loop->first) = watch->next;
    *(watch->next ? &watch->next->prev : &loop->last) = watch->prev;
    watch->next = watch->prev = NULL;
    watch->posted = 0;
}

void
loop_drop(struct watch *watch)
{
    struct loop *loop = watch->loop;

    if (loop && watch->posted) {
        take_back(loop, watch);
    }
    if (loop && watch->slot) {
        free_slot(loop, watch->slot);
        watch->slot = 0;
    }
    watch->loop = NULL;
}

void
loop_unwatch(struct watch *watch)
{
    if (watch->loop && watch->slot) {
        epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    }
    loop_drop(watch);
}

static void
ring(struct loop *loop)
{
    const uint64_t one = 1;

    if (!loop->rung) {
        loop->rung = write(loop->bell, &one, sizeof(one)) == sizeof(one);
    }
}

void
loop_post(struct loop *loop, struct watch *watch, uint32_t events)
{
    if (!watch->posted && events) {
        watch->loop = loop;
        watch->next = NULL;
        watch->prev = loop->last;
        *(loop->last ? &loop->last->next : &loop->first) = watch;
        loop->last = watch;
        if (!loop->running) {
            ring(loop);
        }
    }
    watch->posted |= events;
}

/* ---- Points in time ----------------------------------------------------- */

static void
set_timer(struct loop *loop)
{
    struct itimerspec when = { .it_value = { 0, 0 } };
    const struct alarm *first = alarms_first(&loop->alarms);
    uint64_t at = first ? first->at : 0;

    if (at && (!loop->armed || at < loop->armed)) {
        when.it_value.tv_sec = (time_t) (at / SECOND);
        when.it_value.tv_nsec = (long) (at % SECOND);
        timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL);
        loop->armed = at;
    }
}

void
loop_cancel(struct loop *loop, struct alarm *alarm)
{
    alarms_cancel(&loop->alarms, alarm);
}

bool
loop_alarm(struct loop *loop, struct alarm *alarm, uint64_t at)
{
    loop_cancel(loop, alarm);
    alarm->at = at ? at : 1;
    if (!alarms_set(&loop->alarms, alarm)) {
        return false;
    }
    if (!loop->running) {
        set_timer(loop);
    }
    return true;
}

/* ---- All of it ---------------------------------------------------------- */

static void
tell(struct loop *loop, const struct epoll_event *event)
{
    const struct slot *slot;

    if (event->data.u64 == TIMER) {
        loop->armed = 0;
    } else if (event->data.u64 == BELL) {
        loop->rung = false;
    } else {
        slot = &loop->slots[(uint32_t) event->data.u64];
        if (slot->watch && slot->turn == event->data.u64 >> 32) {
            slot->watch->ready(slot->watch, event->events);
        }
    }
}

static void
tell_alarms(struct loop *loop)
{
    struct alarm *alarm = alarms_first(&loop->alarms);

    for (uint32_t i = 0; i < ALARMS_AT_ONCE && alarm
                         && alarm->at <= loop->now; i++) {
        loop_cancel(loop, alarm);
        alarm->due(alarm);
        alarm = alarms_first(&loop->alarms);
    }
}

/* Those that were posted before; who posts meanwhile comes next time. */
static void
tell_posted(struct loop *loop)
{
    uint32_t n = 0;

    for (const struct watch *at = loop->first; at && n < AT_ONCE;
         at = at->next) {
        n++;
    }
    while (n-- > 0 && loop->first) {
        struct watch *watch = loop->first;
        uint32_t events = watch->posted;

        take_back(loop, watch);
        watch->ready(watch, events);
    }
}

void
loop_run(struct loop *loop)
{
    struct epoll_event events[AT_ONCE];
    const struct alarm *first;
    uint64_t begun;
    int n;

    loop->now = clock_now();
    begun = loop->now;
    loop->running = true;
    do {
        n = epoll_wait(loop->epoll, events, AT_ONCE, 0);
        for (int i = 0; i < n; i++) {
            tell(loop, &events[i]);
        }
        loop->now = clock_now();
        tell_alarms(loop);
        tell_posted(loop);
    } while ((n > 0 || loop->first) && loop->now < begun + LONGEST);
    loop->running = false;
    if (loop->first) {
        ring(loop);
    }
    first = alarms_first(&loop->alarms);
    if (first && first->at <= loop->now) {
        loop->armed = 0;        /* some were left for the next turn */
    }
    set_timer(loop);
}
