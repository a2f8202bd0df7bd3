/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_FAULT_H
#define XVS_PORT_VHOST_RING_FAULT_H

/*
 * Mapped files of others can become shorter while we use them; touching what
 * is gone raises SIGBUS, which would end the switch.  For the mappings
 * that are watched here the handler puts empty memory in the file's place, so
 * that the worker goes on, and tells the main thread, which then parts from
 * the guest.  Any other SIGBUS ends the process as usual.
 *
 * Watching and forgetting is for the main thread.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whole pages from mmap(); 'notify' is an eventfd or -1. */
void fault_watch(void *mapping, size_t size, int notify);
void fault_forget(const void *mapping);
/* Whether the mapping was replaced. */
bool fault_hit(const void *mapping);

#endif
