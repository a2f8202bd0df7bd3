/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PROBE_H
#define XVS_STAGE_PROBE_H

/*
 * Tries a plugin file in a short-lived process of its own before it comes
 * into this one: loads it, judges its descriptor, runs init and fini.  A
 * crash, an exit or an endless loop there costs that process and becomes a
 * sentence such as "bad.so crashed in init (SIGSEGV)".
 */

#include <stdbool.h>

struct error;
struct loop;
struct probe;

#define PROBE_OPTION "--probe"      /* hidden: xvs-switch --probe FILE */

/* 'error' is NULL when the file may be loaded. */
typedef void (*probe_call)(void *arg, const struct error *error);

/* Starts the process; calls once, later, on the loop.  The time is bounded.
 * False when it cannot be started; then there is no call. */
bool probe_start(struct loop *loop, const char *path, probe_call call,
                 void *arg, struct error *error);

/* What the process does; its exit status. */
int probe_main(const char *path);

#endif
