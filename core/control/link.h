/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_LINK_H
#define XVS_CONTROL_LINK_H

/*
 * One end of the control connection on an event loop: sends and receives
 * whole checked messages, moves large ones through memfds, and matches
 * answers to requests.  Both daemons use it.
 *
 * Everything runs on the loop's thread.  A link may be destroyed in any of
 * its callbacks; requests without an answer get theirs (NULL) first.
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
/* Accepts NULL.  on_closed is not called. */
void link_destroy(struct link *link);

/* Numbers, sends, and calls 'on_answer' once.  Takes the bytes out of the
 * buffer and leaves it empty. */
void link_request(struct link *link, struct buffer *message,
                  link_answer on_answer, void *arg);
/* Sends an answer to 'request' or an event as it is; empties the buffer. */
void link_send(struct link *link, struct buffer *message);

#endif
