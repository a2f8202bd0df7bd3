/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_GRANT_CONNECTIONS_H
#define XVS_STAGE_GRANT_CONNECTIONS_H

/*
 * Connections that processes of services have, by the grant they came from, so
 * that they end with it.  A process closes its sockets when it likes, and must
 * not be held up by a copy of ours: so it is not descriptors that are kept, but
 * the kernel's number of each socket (SO_COOKIE), by which the kernel is asked
 * to end it (sock_diag).  What was accepted is found by where it was accepted.
 *
 * Nothing ends a connected unix socket of another process: it can only be found
 * out whether it is open still (unix-sockets.h).
 * Any thread.
 */

#include <stdint.h>

struct buffer;
struct endpoint;

/* All zero: none. */
struct connections {
    uint64_t *cookies;
    uint32_t n, room;
};

/* Takes in what was opened there. */
void connections_note(struct connections *connections,
                      const struct endpoint *endpoint, int fd);
/* Moves those of 'from' to 'to'. */
void connections_merge(struct connections *to, struct connections *from);
/* Ends those that are still there; 'text' names the endpoint in the log, if
 * that cannot be done. */
void connections_cut(struct connections *connections,
                     const struct endpoint *endpoint, const char *text);
/* Ends what was accepted at an endpoint that listens no more. */
void connections_cut_accepted(const struct endpoint *endpoint,
                              const char *text);
/* Appends those of a unix socket that are open, noted or accepted there, as
 * struct unix_socket; 'text' as above. */
void connections_left(const struct connections *connections,
                      const struct endpoint *endpoint, const char *text,
                      struct buffer *found);
void connections_clear(struct connections *connections);

#endif
