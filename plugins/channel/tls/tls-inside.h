/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_TLS_INSIDE_H
#define CHANNEL_TLS_INSIDE_H

/*
 * What the files of a session share.
 *
 *     tls.c           the side that its owner sees
 *     tls-hands.c     who the other end is: how a session begins
 *     tls-below.c     between GnuTLS and the side below
 */

#include <gnutls/gnutls.h>

#include "move/loop.h"
#include "tls/tls.h"
#include "tls/tls-keys.h"

struct tls_side {
    struct side side;           /* first */
    struct tls_keys *keys;
    gnutls_session_t session;
    struct side *below;
    struct loop *loop;
    struct watch again;         /* posted: there is more to be read */
    struct alarm alarm;         /* leaving: it has so long */
    unsigned wanted;            /* by the owner */
    char *out;                  /* what 'below' has not taken; or NULL */
    size_t out_at, out_size;
    char *name;                 /* of a client: whom it talks to */
    char *reason;               /* why it has failed; or NULL */
    bool is_open, failed;       /* the handshake is over, well or not */
    bool alerted;               /* not, and the other end is told why */
    bool said_end;              /* close_notify */
    bool leaving;               /* closed; waits for 'out' to go */
    struct tls_side *next, *prev;       /* of those that leave */
};

static inline struct tls_side *
tls_of(struct side *side)
{
    return (struct tls_side *) (void *) side;
}

/* ---- tls-hands.c -------------------------------------------------------- */

/* Makes the session.  False: no memory. */
bool tls_begin(struct tls_side *self);
/* It has failed: GnuTLS says so. */
void tls_fail(struct tls_side *self, int error);
/* Goes on with the handshake, as far as it goes. */
void tls_shake_hands(struct tls_side *self);

/* ---- tls-below.c -------------------------------------------------------- */

/* What GnuTLS calls. */
void tls_set_transport(struct tls_side *self);
/* Sends what waits.  False: it is lost. */
bool tls_flush(struct tls_side *self);

#endif
