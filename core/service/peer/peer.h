/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_PEER_H
#define XVS_SERVICE_PEER_H

/*
 * The connection to xvs-switch: made when it is there, made again when it
 * was lost, for as long as we run.
 */

#include <stdbool.h>
#include <stdint.h>
#include "control/link.h"

struct control_event;
struct loop;
struct peer;
struct xvs_guid;

/* What the owner is told. */
struct peer_calls {
    /* Connected, greeted; 'boot' is new with each start of xvs-switch. */
    void (*up)(void *arg, const struct xvs_guid *boot, const char *version);
    /* Lost; requests under way have got their NULL answers. */
    void (*down)(void *arg, const char *why);
    void (*event)(void *arg, const struct control_event *event);
};

struct peer *peer_create(struct loop *loop, const char *path,
                         const struct peer_calls *calls, void *arg);
/* Ends the connection; requests get NULL at once from now on. */
void peer_close(struct peer *peer);
void peer_destroy(struct peer *peer);       /* accepts NULL */
bool peer_is_up(const struct peer *peer);
/* Answered with NULL (later, not in the call) when there is no connection. */
void peer_request(struct peer *peer, struct buffer *message,
                  link_answer on_answer, void *arg);

#endif
