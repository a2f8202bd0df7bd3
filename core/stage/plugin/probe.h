/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PLUGIN_PROBE_H
#define XVS_STAGE_PLUGIN_PROBE_H

/*
 * Tries a plugin file in a short-lived process of its own: loads it, judges
 * its descriptor, runs init and fini.  A crash, an exit or an endless loop
 * there costs that process and becomes a sentence such as "bad.so crashed in
 * init (SIGSEGV)".  What comes back is the descriptor as bytes
 * (description.h), so that nothing of the file needs to be in this process
 * for knowing what it is.
 */

#include <stdbool.h>

struct error;
struct loop;
struct plugin;

#define PROBE_OPTION "--probe"      /* hidden: xvs-switch --probe FILE */

/* 'plugin' is described and the callee's; or it is NULL and there is an
 * error. */
typedef void (*probe_call)(void *arg, struct plugin *plugin,
                           const struct error *error);

/* Starts the process; calls once, later, on the loop.  The time is bounded.
 * False when it cannot be started; then there is no call. */
bool probe_start(struct loop *loop, const char *path, probe_call call,
                 void *arg, struct error *error);

/* What the process does; its exit status. */
int probe_main(const char *path);

#endif
