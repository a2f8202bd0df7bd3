/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PACKET_GRACE_H
#define XVS_PACKET_GRACE_H

/*
 * When may something that packet workers can see be freed?  After a grace
 * period: once every worker has passed a point where it held nothing.
 *
 * This is liburcu's QSBR flavour with our rule on top: workers are "online"
 * while they work and say grace_quiet() between bursts; every other thread is
 * a client only, offline except inside of grace_defer(), so that a hook that
 * hangs never delays a grace period.  Pointers are published and read with
 * xvs_publish() and xvs_read(); writers are serial (the main thread).
 *
 * ThreadSanitizer does not see into liburcu: in such builds grace.c tells it
 * about the two orders that a grace period promises (quiet -> call, and
 * defer -> call), and nothing more.
 */

#include <stdint.h>

struct grace_call;
typedef void (*grace_function)(struct grace_call *call);

/* A deferred call; a member of what is to be freed. */
struct grace_call {
    void *head[2];              /* liburcu's struct rcu_head */
    grace_function function;    /* what to call */
};

/* First and last call of every thread that uses the functions below. */
void grace_thread_begin(void);
void grace_thread_end(void);

/* Workers: between online and offline pointers may be held. */
void grace_online(void);
void grace_offline(void);
void grace_quiet(void);

/* The same for any thread and a short look: what enter returns goes back to
 * leave. */
unsigned int grace_enter(void);
void grace_leave(unsigned int before);

/*
 * Calls 'function'(call) on liburcu's thread after a grace period.  Never
 * waits.  'call' must stay until then.
 */
void grace_defer(struct grace_call *call, grace_function function);

/* Waits until everything that was deferred has been called.  Not on a worker,
 * whose own quiet points it would wait for. */
void grace_drain(void);

#endif
