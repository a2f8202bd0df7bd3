/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stage's control thread, called from packet workers: no call is lost, many
 * are one, and what a caller wrote before is seen.
 */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "stage/thread.h"
#include "unit.h"

enum { N_CALLERS = 3, N_ROUNDS = 20000, WAIT_MS = 5000 };

static struct thread *thread;
static atomic_uint n_timer, n_between, n_written, n_seen;

static void
done(void *arg)
{
    (void) arg;
}

static void
timer(void *arg)
{
    (void) arg;
    n_seen = n_written;
    n_timer++;
}

static void
between(void *arg)
{
    (void) arg;
    n_between++;
}

static void
begin(struct loop *loop)
{
    const struct thread_calls calls = { done, timer, between, NULL };
    struct error error;

    n_timer = n_between = n_written = n_seen = 0;
    thread = thread_create(loop, "test", &calls, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(thread);
}

/* Waits until the value is there; false: it does not come. */
static bool
comes(const atomic_uint *value, unsigned int wanted)
{
    for (int i = 0; i < WAIT_MS && *value < wanted; i++) {
        usleep(1000);
    }
    return *value >= wanted;
}

static void
test_once(void)
{
    struct error error;
    struct loop *loop = loop_create(&error);

    begin(loop);
    usleep(20000);
    CU_ASSERT_EQUAL(n_timer, 0);
    for (unsigned int i = 1; i <= 5; i++) {
        thread_call_timer(thread);
        CU_ASSERT(comes(&n_timer, i));
    }
    usleep(20000);
    CU_ASSERT_EQUAL(n_timer, 5);
    CU_ASSERT_EQUAL(n_between, 0);
    thread_poke(thread);
    CU_ASSERT(comes(&n_between, 1));
    CU_ASSERT_EQUAL(n_timer, 5);
    thread_destroy(thread);
    loop_destroy(loop);
}

static void *
call_often(void *arg)
{
    (void) arg;
    for (int i = 0; i < N_ROUNDS; i++) {
        n_written++;
        thread_call_timer(thread);
    }
    return NULL;
}

/* With and without a period, which must go on. */
static void
test_many(void)
{
    struct error error;
    struct loop *loop = loop_create(&error);
    pthread_t callers[N_CALLERS];

    for (uint32_t period = 0; period <= 1000; period += 1000) {
        begin(loop);
        thread_timer(thread, period);
        for (int i = 0; i < N_CALLERS; i++) {
            pthread_create(&callers[i], NULL, call_often, NULL);
        }
        for (int i = 0; i < N_CALLERS; i++) {
            pthread_join(callers[i], NULL);
        }
        CU_ASSERT(comes(&n_seen, N_CALLERS * N_ROUNDS));
        CU_ASSERT(n_timer <= N_CALLERS * N_ROUNDS);
        thread_timer(thread, period ? 10 : 0);
        CU_ASSERT(!period || comes(&n_timer, n_timer + 3));
        thread_destroy(thread);
    }
    loop_destroy(loop);
}

/* As a packet worker does. */
static void *
hold(void *arg)
{
    (void) arg;
    thread_hold_calls();
    for (int i = 0; i < 3; i++) {
        thread_call_timer(thread);
    }
    usleep(20000);
    CU_ASSERT_EQUAL(n_timer, 0);
    thread_make_calls();
    CU_ASSERT(comes(&n_timer, 1));
    thread_make_calls();
    thread_call_timer(thread);
    return NULL;
}

/* One that is not made does not keep others from calling. */
static void
test_held(void)
{
    struct error error;
    struct loop *loop = loop_create(&error);
    pthread_t worker;

    begin(loop);
    pthread_create(&worker, NULL, hold, NULL);
    pthread_join(worker, NULL);
    usleep(20000);
    CU_ASSERT_EQUAL(n_timer, 1);
    thread_call_timer(thread);
    CU_ASSERT(comes(&n_timer, 2));
    thread_destroy(thread);
    loop_destroy(loop);
}

static const struct unit_test tests[] = {
    { "a call is one call of the timer", test_once },
    { "many calls at the same time", test_many },
    { "calls that wait", test_held },
};

UNIT_MAIN("thread", tests)
