/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_BELL_H
#define XVS_PORT_BELL_H

/*
 * A descriptor that tells of another one's frames, and can be silenced.
 *
 * A kernel wakes whoever waits for a descriptor at every frame, also when a
 * worker is busy with it and looks by itself: a tenth of what a frame costs
 * its sender.  So workers wait for a bell, an epoll set with one descriptor
 * in it, which a busy worker takes out.
 */

#include <stdbool.h>

struct bell {
    int bell;                   /* what to wait for; -1: not open */
    int fd;                     /* what it tells of */
    bool silent;                /* the worker's */
};

/* It rings at first.  False with errno. */
bool bell_open(struct bell *bell, int fd);
void bell_close(struct bell *bell);
/* Between these two it does not ring; with frames waiting, it rings when it
 * is armed.  bell_arm() is false when the kernel has no room for it: nobody
 * may sleep then. */
void bell_disarm(struct bell *bell);
bool bell_arm(struct bell *bell);

#endif
