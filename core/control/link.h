/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_LINK_H
#define XVS_CONTROL_LINK_H

/*
 * One end of the control connection on an event loop: sends and receives
 * whole checked messages, moves large ones through memfds, and matches
 * answers to requests.  Both daemons use it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct control_header;
struct error;
struct link;
struct loop;

/* A request (at the switch) or event (at xvsd) has arrived.  'message' is
 * valid during the call. */
typedef void (*link_message)(void *arg, struct link *link,
                             const struct control_header *message);
/* The answer to a request; NULL when the connection was lost first. */
typedef void (*link_answer)(void *arg, const struct control_header *answer);
/* The connection ended; 'error' says why.  The link is destroyed after. */
typedef void (*link_closed)(void *arg, const struct error *error);

/* Takes over a connected descriptor. */
struct link *link_create(struct loop *loop, int fd, link_message on_message,
                         link_closed on_closed, void *arg);
void link_destroy(struct link *link);       /* accepts NULL */

/* Starts a message of 'type' in 'out' with 'size' zero bytes of body;
 * returns the body.  More may be appended with the buffer functions. */
void *message_start(struct buffer *out, uint16_t type, size_t size);

/* Numbers, sends, and calls 'on_answer' once. */
void link_request(struct link *link, struct buffer *message,
                  link_answer on_answer, void *arg);
/* Sends an answer to 'request' or an event as it is. */
void link_send(struct link *link, struct buffer *message);

#endif
