/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_LISTENER_H
#define CONNECT_LISTENER_H

/*
 * A socket of this host: whoever connects to it talks to one port of one VM,
 * or says in SOCKS5 which he wants.
 */

#include <stdbool.h>

struct client;
struct listener;
struct listening;

/* Listens.  NULL: said why. */
struct listener *listener_create(const struct client *client,
                                 const struct listening *what);
void listener_destroy(struct listener *listener);

#endif
