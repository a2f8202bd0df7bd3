/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_WORKER_H
#define XVS_SWITCH_FORWARD_WORKER_H

/*
 * A thread that carries packets: waits for ports that have frames, takes
 * bursts from them and forwards them.  Asks for a little while without
 * sleeping after it had work, then sleeps until the kernel wakes it: an idle
 * switch costs nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

struct error;
struct loop;
struct vport;
struct worker;

/* On the main thread: what a worker found out about a port's interface. */
typedef void (*worker_news)(void *arg, uint32_t port_id, enum port_news news);

struct worker *worker_start(struct loop *loop, worker_news on_news, void *arg,
                            struct error *error);
/* Stops and joins; the ports must have been removed.  False, and nothing is
 * freed, when a packet hook does not return in time. */
bool worker_stop(struct worker *worker, uint32_t timeout_ms);

/* How long it has been at work on one round; 0: it is not. */
uint64_t worker_busy_ms(const struct worker *worker);

/* Main thread.  The port's driver is watched until it is removed; it may be
 * freed after the grace period that follows. */
bool worker_add(struct worker *worker, struct vport *port,
                struct error *error);
void worker_remove(struct worker *worker, struct port *driver);

#endif
