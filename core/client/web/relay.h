/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WEB_RELAY_H
#define XVS_CLIENT_WEB_RELAY_H

/*
 * One connection of a browser, from its request to the end of the answer.
 * Blocks; runs in a process of its own.
 */

struct gate;

/* Serves the socket, which is blocking, and leaves it open. */
void relay_serve(const struct gate *gate, int fd);

#endif
