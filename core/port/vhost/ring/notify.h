/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_NOTIFY_H
#define XVS_PORT_VHOST_RING_NOTIFY_H

/*
 * Writing to eventfds that a guest's hypervisor gave us, without ever waiting.
 *
 * A write to an eventfd waits when its counter is full, unless O_NONBLOCK is
 * set; both are shared with the other side, which could stop a worker so, and
 * with it every guest.  The kernel's own signal of an eventfd does not wait: it
 * fills the counter up and goes on.  The end of an asynchronous request is told
 * by such a signal, so we submit one that has nothing to do: a write of no
 * bytes to /dev/null, which has ended when the call returns.
 */

/* Before the first notify(); more than once does no harm.  Where the kernel
 * has no asynchronous requests, ordinary writes it is, and the log says so. */
void notify_prepare(void);
/* Adds 1 to the eventfd's counter.  Any thread; what is no eventfd is left
 * alone. */
void notify(int fd);
/* Takes the counter, never waiting for one. */
void notify_clear(int fd);

#endif
