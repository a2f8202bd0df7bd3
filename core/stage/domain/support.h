/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_SUPPORT_H
#define XVS_STAGE_DOMAIN_SUPPORT_H

/*
 * Whether this host can have domains.  That there are protection keys is not
 * enough: the kernel must also refuse calls of the system in a domain, and
 * tell of a fault there with a signal.  What is missing ends a thread, so it
 * is tried in a process of its own, through the same gate that stages use.
 */

#include <stdbool.h>

struct error;

#define SUPPORT_OPTION "--try-domain"   /* hidden: xvs-switch --try-domain */

/* Once, at the start, before there is another thread: takes the keys, has it
 * tried, and logs what came out. */
void support_find(void);
/* False with an error: there can be no domains here, and why. */
bool support_is_there(struct error *error);

/* What the process does; its exit status. */
int support_main(void);

#endif
