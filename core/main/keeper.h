/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MAIN_KEEPER_H
#define XVS_MAIN_KEEPER_H

/*
 * A small process that keeps xvs-switch running: xvsd starts it before it
 * gives up its rights, and both outlive xvsd, so that traffic goes on.  One
 * keeper per control socket: a second one sees the lock and ends.  It does
 * nothing before xvsd says that it works, and ends with an xvsd that does not
 * get so far.
 */

#include <stdbool.h>

struct error;

/*
 * Forks the keeper, unless there is one for this control socket.  'program'
 * is our own path: xvs-switch is looked for beside it.  'user' and
 * 'plugin_dirs' (ends with NULL; may be NULL) are for xvs-switch.
 */
bool keeper_start(const char *program, const char *control, const char *user,
                  char *const *plugin_dirs, struct error *error);
/* xvsd works.  Nothing when no keeper was started. */
void keeper_go(void);

#endif
