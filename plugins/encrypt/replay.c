/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See replay.h.  The window is a ring of words, of which the newest number
 * clears those that it steps over (as in RFC 6479).
 */
#include "replay.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (REPLAY_WINDOW / 64 + 1)

struct window {
    uint64_t session, newest;
    uint64_t used;              /* when; 0: never */
    uint32_t port;
    uint64_t words[WORDS];
};

struct bucket {
    atomic_flag busy;
    struct window windows[REPLAY_WAYS];
} __attribute__((aligned(64)));

struct replay {
    struct bucket buckets[REPLAY_BUCKETS];
};

_Static_assert((WORDS & (WORDS - 1)) == 0, "words are numbered by a mask");

struct replay *
replay_create(void)
{
    struct replay *replay = aligned_alloc(64, sizeof(*replay));

    return replay ? memset(replay, 0, sizeof(*replay)) : NULL;
}

void
replay_destroy(struct replay *replay)
{
    free(replay);
}

static struct bucket *
bucket_of(struct replay *replay, uint64_t session, uint32_t port)
{
    uint64_t hash = (session ^ port) * 0x9e3779b97f4a7c15u;

    return &replay->buckets[(hash >> 32) % REPLAY_BUCKETS];
}

/* The window of the session and port; the one used last of all makes room. */
static struct window *
window_of(struct bucket *bucket, uint64_t session, uint32_t port)
{
    struct window *oldest = bucket->windows;

    for (uint32_t i = 0; i < REPLAY_WAYS; i++) {
        struct window *window = &bucket->windows[i];

        if (window->used && window->session == session
            && window->port == port) {
            return window;
        }
        if (window->used < oldest->used) {
            oldest = window;
        }
    }
    memset(oldest, 0, sizeof(*oldest));
    oldest->session = session;
    oldest->port = port;
    return oldest;
}

/* Clears what lies between the newest number and this one. */
static void
advance(struct window *window, uint64_t number)
{
    uint64_t from = window->newest / 64, to = number / 64;

    for (uint64_t i = 1; i <= to - from && i <= WORDS; i++) {
        window->words[(from + i) & (WORDS - 1)] = 0;
    }
    window->newest = number;
}

static bool
note(struct window *window, uint64_t number)
{
    uint64_t bit = 1ull << number % 64, *word;

    if (number > window->newest) {
        advance(window, number);
    } else if (window->newest - number >= REPLAY_WINDOW) {
        return false;
    }
    word = &window->words[(number / 64) & (WORDS - 1)];
    if (*word & bit) {
        return false;
    }
    *word |= bit;
    return true;
}

bool
replay_is_new(struct replay *replay, uint64_t session, uint32_t port,
              uint64_t number, uint64_t now)
{
    struct bucket *bucket = bucket_of(replay, session, port);
    struct window *window;
    bool is_new;

    /* Held for some nanoseconds, unless its owner was put to sleep. */
    while (atomic_flag_test_and_set_explicit(&bucket->busy,
                                             memory_order_acquire)) {
        sched_yield();
    }
    window = window_of(bucket, session, port);
    window->used = now ? now : 1;
    is_new = note(window, number);
    atomic_flag_clear_explicit(&bucket->busy, memory_order_release);
    return is_new;
}
