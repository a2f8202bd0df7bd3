/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The only file that knows liburcu; see grace.h for the rule.
 */

#include <config.h>

#include "packet/grace.h"

#include <pthread.h>
#include <stdbool.h>
#include <urcu-qsbr.h>

_Static_assert(sizeof(struct rcu_head)
                   <= sizeof ((struct grace_call *) 0)->head,
               "struct grace_call holds liburcu's head");

static __thread bool online;        /* this thread may hold pointers */
static __thread bool registered;    /* liburcu knows it */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t drained = PTHREAD_COND_INITIALIZER;
static uint64_t n_deferred;         /* calls that were not made yet */

#if defined(__SANITIZE_THREAD__)
#define HAVE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAVE_TSAN 1
#endif
#endif

#ifdef HAVE_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char quiet_point;            /* stands for all workers' quiet points */
#define BEFORE(address) __tsan_release(address)
#define AFTER(address) __tsan_acquire(address)
#else
static char quiet_point;
#define BEFORE(address) ((void) (address))
#define AFTER(address) ((void) (address))
#endif

void
grace_thread_begin(void)
{
    rcu_register_thread();
    rcu_thread_offline();
    registered = true;
    online = false;
}

void
grace_thread_end(void)
{
    BEFORE(&quiet_point);
    rcu_unregister_thread();
    registered = false;
    online = false;
}

void
grace_online(void)
{
    rcu_thread_online();
    online = true;
}

void
grace_offline(void)
{
    BEFORE(&quiet_point);
    rcu_thread_offline();
    online = false;
}

void
grace_quiet(void)
{
    BEFORE(&quiet_point);
    rcu_quiescent_state();
}

#define WAS_REGISTERED 1u
#define WAS_ONLINE 2u

unsigned int
grace_enter(void)
{
    unsigned int before = (registered ? WAS_REGISTERED : 0)
        | (online ? WAS_ONLINE : 0);

    /* A thread of an extension's own may come here too. */
    if (!registered) {
        grace_thread_begin();
    }
    if (!online) {
        grace_online();
    }
    return before;
}

void
grace_leave(unsigned int before)
{
    if (!(before & WAS_ONLINE)) {
        grace_offline();
    }
    if (!(before & WAS_REGISTERED)) {
        grace_thread_end();
    }
}

static void
arrived(struct rcu_head *head)
{
    struct grace_call *call = (struct grace_call *) (void *) head;

    AFTER(&quiet_point);
    AFTER(call);
    call->function(call);
    pthread_mutex_lock(&lock);
    if (--n_deferred == 0) {
        pthread_cond_broadcast(&drained);
    }
    pthread_mutex_unlock(&lock);
}

void
grace_defer(struct grace_call *call, grace_function function)
{
    unsigned int before = grace_enter();

    call->function = function;
    pthread_mutex_lock(&lock);
    n_deferred++;
    pthread_mutex_unlock(&lock);
    BEFORE(call);
    call_rcu((struct rcu_head *) (void *) call->head, arrived);
    grace_leave(before);
}

void
grace_drain(void)
{
    pthread_mutex_lock(&lock);
    while (n_deferred) {
        pthread_cond_wait(&drained, &lock);
    }
    pthread_mutex_unlock(&lock);
}
