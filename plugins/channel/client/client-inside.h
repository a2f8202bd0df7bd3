/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_CLIENT_INSIDE_H
#define CHANNEL_CLIENT_INSIDE_H

/*
 * What client.c is made of: client-answer.c tells somebody why not, and waits
 * for him to go.
 */

#include "client/client.h"

/* Begins ANSWERING.  The client may be gone after it, and after the next
 * two. */
void client_say_answer(struct client *client, const struct answer *answer);
/* ANSWERING: more can be said. */
void client_say_rest(struct client *client);
/* LINGERING: something has come, for nobody. */
void client_drain(struct client *client);

/* ---- client.c ----------------------------------------------------------- */

void client_want(struct client *client, unsigned events);
/* Closes its side; the client is gone. */
void client_close(struct client *client, bool reset);

#endif
