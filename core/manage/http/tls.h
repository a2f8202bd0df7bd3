/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_TLS_H
#define XVS_MANAGE_TLS_H

/*
 * TLS for the TCP listener, with GnuTLS.  A session stands on a non-blocking
 * socket that stays the caller's; its calls fail with EAGAIN like those of a
 * socket, and tls_wants_write() says what to wait for then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct tls;
struct tls_session;

/* All are PEM files; 'client_ca' may be NULL: no client certificates. */
struct tls *tls_create(const char *certificate, const char *key,
                       const char *client_ca, struct error *error);
void tls_destroy(struct tls *tls);              /* accepts NULL */

struct tls_session *tls_open(struct tls *tls, int fd);
void tls_close(struct tls_session *session);    /* accepts NULL */
/* 1: done; 0: again when the socket is ready; -1: failed. */
int tls_handshake(struct tls_session *session);
bool tls_wants_write(const struct tls_session *session);
ssize_t tls_recv(struct tls_session *session, void *data, size_t size);
/* After EAGAIN the same data has to be given again. */
ssize_t tls_send(struct tls_session *session, const void *data, size_t size);
/* Says goodbye; the peer then knows that nothing was cut off. */
void tls_bye(struct tls_session *session);
/* The common name of a client certificate that was verified; false: none. */
bool tls_peer_name(struct tls_session *session, char *name, size_t size);

#endif
