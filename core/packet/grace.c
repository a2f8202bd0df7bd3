/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The only file that knows liburcu; see grace.h for the rule.
 */

#include <config.h>

#include "packet/grace.h"

#include <stdbool.h>
#include <urcu-qsbr.h>

_Static_assert(sizeof(struct rcu_head) <= sizeof ((struct grace_call *) 0)->head,
               "struct grace_call holds liburcu's head");

static __thread bool online;        /* this thread may hold pointers */

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
    online = false;
}

void
grace_thread_end(void)
{
    BEFORE(&quiet_point);
    rcu_unregister_thread();
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

static void
arrived(struct rcu_head *head)
{
    struct grace_call *call = (struct grace_call *) (void *) head;

    AFTER(&quiet_point);
    AFTER(call);
    call->function(call);
}

void
grace_defer(struct grace_call *call, grace_function function)
{
    bool was_online = online;

    call->function = function;
    BEFORE(call);
    if (!was_online) {
        rcu_thread_online();
    }
    call_rcu((struct rcu_head *) (void *) call->head, arrived);
    if (!was_online) {
        rcu_thread_offline();
    }
}

void
grace_drain(void)
{
    rcu_barrier();
}
