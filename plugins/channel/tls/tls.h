/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_TLS_H
#define CHANNEL_TLS_H

/*
 * TLS: a side over a side, with clients and as one.  A side that ends its
 * direction says close_notify, and the other direction goes on; one that is
 * lost without it is a reset.  Certificates and keys are texts: there are no
 * files here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "move/side.h"

#define TLS_FINGERPRINT_SIZE 65u        /* SHA-256, hex */

struct tls_keys;

/* Certificates (the server's first) and its key, as PEM; 'clients': who signs
 * clients' certificates, of which each must have one; or NULL: any will do, or
 * none, and clients are known by their fingerprints.  NULL: 'reason' says
 * what is wrong with which. */
struct tls_keys *tls_keys_server(const char *certificates,
                                 const char *key, const char *clients,
                                 char reason[160]);
/* As a client: 'trusted' sign servers' certificates, NULL: whom the system
 * trusts; 'certificates' and 'key' are shown, or NULL. */
struct tls_keys *tls_keys_client(const char *trusted,
                                 const char *certificates, const char *key,
                                 char reason[160]);
/* One more who destroys them; NULL: nothing. */
struct tls_keys *tls_keys_hold(struct tls_keys *keys);
/* Sessions that there are go on. */
void tls_keys_destroy(struct tls_keys *keys);

/* Takes 'below', which a client has come by.  NULL: no memory, it stays the
 * caller's. */
struct side *tls_side(struct tls_keys *keys, struct loop *loop,
                      struct side *below);
/* The same as a client of 'name', which the other end's certificate must have:
 * a domain or an address.  The first words are said at once. */
struct side *tls_to(struct tls_keys *keys, struct loop *loop,
                    struct side *below, const char *name);
/* Why a side has failed; "": it has not, or nobody knows. */
const char *tls_reason(struct side *side);
/* Once something could be read: false: the client has shown no certificate. */
bool tls_fingerprint(struct side *side, char hex[TLS_FINGERPRINT_SIZE]);
/* Closes those that are still saying their last words. */
void tls_clean(void);

#endif
