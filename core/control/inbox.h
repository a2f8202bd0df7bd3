/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_INBOX_H
#define XVS_CONTROL_INBOX_H

/*
 * Receiving on a control connection: a packet becomes whole, checked
 * messages, also those that come in a memfd.
 */

#include <stdbool.h>

struct control_header;
struct error;

/* Gets each message, which is valid during the call.  False: no more of them,
 * the connection was closed. */
typedef bool (*inbox_message)(void *arg,
                              const struct control_header *message);

struct inbox {
    char *room;                 /* for one packet; 8-aligned */
    inbox_message on_message;
    void *arg;                  /* for on_message */
};

enum inbox_state {
    INBOX_EMPTY,                /* nothing more to read for now */
    INBOX_MORE,                 /* there may be more */
    INBOX_FAILED,               /* the connection is of no use any more */
};

void inbox_init(struct inbox *inbox, inbox_message on_message, void *arg);
void inbox_free(struct inbox *inbox);
/* Takes one packet from the socket, if there is one, and delivers what is in
 * it.  The inbox must outlive the call, whatever on_message does.  'error'
 * is set when it fails: the peer has gone, or what it sent is wrong. */
enum inbox_state inbox_receive(struct inbox *inbox, int fd,
                               struct error *error);

#endif
