/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See memory.h.
 */

#include <config.h>

#include "fuzz/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
#define STEP UINT64_C(100000)   /* ns from look to look at the clock */

struct memory *memory_sides[MEMORY_SIDES];
static struct loop *the_loop;

/* ---- What the kernel would do ------------------------------------------- */

static uint64_t clock_at = 1000 * SECOND;

void
memory_wait(uint64_t ns)
{
    clock_at += ns;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    (void) clock;
    clock_at += STEP;
    now->tv_sec = (time_t) (clock_at / SECOND);
    now->tv_nsec = (long) (clock_at % SECOND);
    return 0;
}

int
epoll_wait(int epoll, struct epoll_event *events, int n, int timeout)
{
    (void) epoll;
    (void) events;
    (void) n;
    (void) timeout;
    return 0;
}

int
timerfd_settime(int timer, int flags, const struct itimerspec *when,
                struct itimerspec *old)
{
    (void) timer;
    (void) flags;
    (void) when;
    (void) old;
    return 0;
}

/* ---- Sides -------------------------------------------------------------- */

static struct memory *
of_side(struct side *side)
{
    return (struct memory *) (void *) side;
}

/* What it is, of what is wanted; and what it has to be told in any case. */
static unsigned
is_now(const struct memory *memory)
{
    unsigned now = memory->size || memory->ended ? SIDE_READABLE : 0;

    return ((now | (memory->room ? SIDE_WRITABLE : 0)) & memory->wanted)
        | memory->ends;
}

static void
post(struct memory *memory)
{
    if (is_now(memory)) {
        loop_post(the_loop, &memory->watch, EPOLLIN);
    }
}

static void
is_posted(struct watch *watch, uint32_t events)
{
    struct memory *memory = (struct memory *) (void *)
        ((char *) watch - offsetof(struct memory, watch));
    unsigned now = is_now(memory);

    (void) events;
    memory->ends = 0;
    if (now) {
        memory->side.ready(&memory->side, now);
    }
}

static ssize_t
memory_read(struct side *side, void *bytes, size_t size)
{
    struct memory *memory = of_side(side);
    size_t n = memory->size < memory->piece ? memory->size : memory->piece;

    n = n < size ? n : size;
    post(memory);
    if (n == 0 && (memory->lost || !memory->ended)) {
        errno = memory->lost ? ECONNRESET : EAGAIN;
        return -1;
    }
    memcpy(bytes, memory->bytes + memory->at, n);
    memory->at += n;
    memory->size -= n;
    return (ssize_t) n;
}

static ssize_t
memory_write(struct side *side, const void *bytes, size_t size)
{
    struct memory *memory = of_side(side);
    size_t n = memory->room < size ? memory->room : size;

    (void) bytes;
    if (memory->finished) {
        abort();                /* it was told that there is nothing more */
    }
    post(memory);
    if (memory->lost || n == 0) {
        errno = memory->lost ? memory->lost : EAGAIN;
        return memory->lost || size ? -1 : 0;
    }
    memory->room -= n;
    return (ssize_t) n;
}

static void
memory_finish(struct side *side)
{
    of_side(side)->finished = true;
}

static void
memory_want(struct side *side, unsigned events)
{
    of_side(side)->wanted = events;
    post(of_side(side));
}

static void
memory_close(struct side *side, bool reset)
{
    (void) reset;
    loop_unwatch(&of_side(side)->watch);
    for (size_t i = 0; i < MEMORY_SIDES; i++) {
        if (memory_sides[i] == of_side(side)) {
            memory_sides[i] = NULL;
        }
    }
    free(side);
}

static const struct side_class memory_class = {
    .read = memory_read, .write = memory_write, .finish = memory_finish,
    .want = memory_want, .close = memory_close };

struct memory *
memory_open(struct loop *loop, size_t piece)
{
    for (size_t i = 0; i < MEMORY_SIDES; i++) {
        if (!memory_sides[i]) {
            struct memory *memory = malloc(sizeof *memory);

            if (!memory) {
                abort();
            }
            memset(memory, 0, offsetof(struct memory, bytes));
            memset(&memory->at, 0,
                   sizeof *memory - offsetof(struct memory, at));
            memory->side.class = &memory_class;
            memory->watch.fd = -1;
            memory->watch.ready = is_posted;
            memory->piece = piece;
            memory->room = 1u << 20;
            memory_sides[i] = memory;
            the_loop = loop;
            return memory;
        }
    }
    return NULL;
}

void
memory_say(struct memory *memory, const uint8_t *bytes, size_t size)
{
    if (memory->ended || memory->lost) {
        return;
    }
    memmove(memory->bytes, memory->bytes + memory->at, memory->size);
    memory->at = 0;
    size = size < MEMORY_MOST - memory->size ? size
                                             : MEMORY_MOST - memory->size;
    memcpy(memory->bytes + memory->size, bytes, size);
    memory->size += size;
    post(memory);
}

void
memory_lose(struct memory *memory, int lost)
{
    memory->ended = true;
    memory->lost = lost;
    post(memory);
}

void
memory_end(struct memory *memory, unsigned how)
{
    memory->ended = true;
    memory->ends |= how;
    if (how == SIDE_BROKEN) {
        memory_lose(memory, ECONNRESET);
    }
    post(memory);
}

void
memory_take(struct memory *memory, size_t size)
{
    memory->room = size;
    post(memory);
}
