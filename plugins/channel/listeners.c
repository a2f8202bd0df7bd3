/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Where clients come to.  What cannot be opened is tried again each second, so
 * that an address that comes later, or a port that gets free, is enough.
 */

#include "listeners.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sockets.h"
#include "tls/tls.h"

#define AT_ONCE 64u             /* who are accepted in one turn */

/* ---- Who comes by a unix socket ------------------------------------------ */

static void
somebody_waits(void *arg)
{
    struct listening *listening = arg;

    listening->waits = true;
    xvs_wake(listening->channel->host);
}

static void
accept_all(struct channel *self, struct listening *listening)
{
    struct xvs_visitor visitor = { .size = sizeof(visitor) };
    int result = XVS_SUCCESS;

    for (uint32_t n = 0; n < AT_ONCE && result == XVS_SUCCESS; n++) {
        result = sockets_accept(self, &listening->grant, &visitor);
        if (result == XVS_SUCCESS && visitor.fd < 0) {
            break;
        }
        if (result == XVS_SUCCESS) {
            listener_takes(listening->listener, visitor.fd, visitor.uid);
        }
    }
    /* What fails now is tried again a second later. */
    if (result == XVS_SUCCESS || result == XVS_NOT_SUPPORTED) {
        listening->waits = false;
        listener_awaits(listening->listener, result != XVS_SUCCESS);
    }
}

void
listeners_accept(struct channel *self)
{
    for (struct item *item = self->listeners; item; item = item->next) {
        struct listening *listening = (struct listening *) item;

        if (listening->waits && listening->listener) {
            accept_all(self, listening);
        }
    }
}

/* ---- What listens -------------------------------------------------------- */

static void
open_one(struct channel *self, struct listening *listening)
{
    char reason[160], text[300];

    if (listening->config.local) {
        listening->waits = false;
        listening->config.waits = somebody_waits;
        listening->config.arg = listening;
    }
    listening->config.fd = sockets_open(self, &listening->grant, reason);
    if (listening->config.fd >= 0) {
        listening->listener = listener_create(self->proxy,
                                              &listening->config);
    }
    if (listening->listener) {
        listening->reason[0] = 0;
        return;
    }
    if (listening->config.fd >= 0) {
        snprintf(reason, sizeof(reason), "no memory");
        close(listening->config.fd);
        listening->config.fd = -1;
    }
    if (strcmp(reason, listening->reason) != 0) {
        memcpy(listening->reason, reason, sizeof(reason));
        snprintf(text, sizeof(text), "no clients can come: %.200s", reason);
        self->host->event(self->host, XVS_LOG_ERROR, text);
    }
}

void
listeners_open(struct channel *self)
{
    for (struct item *item = self->listeners; item && self->proxy;
         item = item->next) {
        struct listening *listening = (struct listening *) item;

        if (!listening->listener) {
            open_one(self, listening);
        }
    }
}

static void
close_one(struct listening *listening)
{
    if (listening->listener) {
        listener_destroy(listening->listener);
        listening->listener = NULL;
    }
    if (listening->config.fd >= 0) {
        close(listening->config.fd);
        listening->config.fd = -1;
    }
}

void
listeners_remove(struct channel *self, struct listening *listening)
{
    items_remove(&self->listeners, &listening->item);
    close_one(listening);
    tls_keys_destroy(listening->config.tls);
    free(listening);
}

void
listeners_pause(struct channel *self)
{
    for (struct item *item = self->listeners; item; item = item->next) {
        close_one((struct listening *) item);
    }
}
