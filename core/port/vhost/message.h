/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_MESSAGE_H
#define XVS_PORT_VHOST_MESSAGE_H

/*
 * Messages of a vhost-user socket: read in pieces as they come, with the
 * descriptors that travel beside them.  Nothing here blocks.
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/vhost/wire.h"

struct message {
    struct wire_header head;
    union wire_body body;       /* bytes beyond head.size are zero */
    uint32_t n_fds;
    int fds[WIRE_FDS];          /* -1: somebody took it over */
    uint32_t have;              /* bytes read so far */
};

enum message_progress { MESSAGE_MORE, MESSAGE_WHOLE, MESSAGE_END };

/*
 * Reads on.  MESSAGE_WHOLE: the message is there, and message_clear() is
 * due when it was handled.  MESSAGE_END: the other side has closed, or sent
 * what is no message; '*why' says which.
 */
enum message_progress message_read(struct message *message, int fd,
                                   const char **why);
/* Closes the descriptors that nobody took over, and starts anew. */
void message_clear(struct message *message);
/* Takes the first descriptor over, or -1 when there is none. */
int message_take_fd(struct message *message);

/* Answers 'message' with the first 'size' bytes of its body, and with 'fd'
 * unless it is -1; false when the other side does not take it. */
bool message_reply(const struct message *message, int socket, uint32_t size,
                   int fd);

#endif
