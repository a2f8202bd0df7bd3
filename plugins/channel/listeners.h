/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_LISTENERS_H
#define CHANNEL_LISTENERS_H

/*
 * Where clients come to, as settings say.
 */

#include "channel.h"

/* XVS_ChannelListener. */
struct listening {
    struct item item;
    struct channel *channel;
    struct grant grant;
    char place[120];            /* as it was written */
    struct listener_config config;      /* fd -1: it is not open */
    struct listener *listener;  /* NULL: it is not open */
    char reason[160];           /* why not, or "" */
    bool waits;                 /* somebody does, at a unix socket */
};

/* For timer(): opens what is not open. */
void listeners_open(struct channel *self);
/* For timer(): has the host accept those who wait at unix sockets, which says
 * who they are. */
void listeners_accept(struct channel *self);
/* Nobody new comes; it is forgotten. */
void listeners_remove(struct channel *self, struct listening *listening);
void listeners_pause(struct channel *self);

#endif
