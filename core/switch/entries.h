/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_ENTRIES_H
#define XVS_SWITCH_ENTRIES_H

/*
 * Entries of ports into the chain (forward/entry.h), as the main thread makes
 * and changes them.
 */

#include <stdbool.h>
#include <stddef.h>

struct control_port;
struct error;
struct vport;
struct vswitch;

/* False when the port cannot enter where it wants to.  A stage that is not
 * there may come. */
bool entries_judge(const struct vswitch *vswitch,
                   const struct control_port *wanted, struct error *error);
/* A new port's, before a worker has it; entries_end() frees it. */
void entries_begin(struct vport *port);
/* Changes it to what port->made says now. */
void entries_change(struct vport *port);
/* No worker has the port any more. */
void entries_end(struct vport *port);
/* Forgets those that were taken back, when no packet needs them. */
void entries_tidy(struct vswitch *vswitch);
/* Says why the port's packets are dropped; "" when they are not. */
void entries_explain(const struct vport *port, char *text, size_t size);

#endif
