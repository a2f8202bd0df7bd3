/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_TRANSPORT_H
#define XVS_CLIENT_WBEM_TRANSPORT_H

/*
 * A connection to a server as a pair of calls with a time limit: a plain
 * socket (unix or TCP) or TLS over one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct transport;

/* Where a server is and who we are there. */
struct transport_options {
    const char *socket_path;    /* unix socket, used when 'host' is NULL */
    const char *host;           /* name or address */
    unsigned int port;
    bool tls;
    const char *ca;             /* PEM file; NULL: the system's */
    const char *certificate;    /* our PEM file, or NULL */
    const char *key;            /* PEM file; NULL: in 'certificate' */
    unsigned int timeout_ms;    /* without progress; 0: for ever */
};

/* Connects; the error says what to check. */
struct transport *transport_open(const struct transport_options *options,
                                 struct error *error);
void transport_close(struct transport *transport);      /* accepts NULL */
/* Writes everything. */
bool transport_write(struct transport *transport, const void *data,
                     size_t size, struct error *error);
/* Reads what is there; 0 at the end; -1 with the error set. */
ssize_t transport_read(struct transport *transport, void *data, size_t size,
                       struct error *error);
/* True when an idle connection was closed by the other side. */
bool transport_is_stale(struct transport *transport);

/* The TLS part (transport-tls.c). */
struct tls;
struct tls *tls_open(int fd, const struct transport_options *options,
                     struct error *error);
void tls_close(struct tls *tls);                        /* accepts NULL */
/* As read(2) and write(2); EAGAIN in errno asks for 'events' of poll(). */
ssize_t tls_write(struct tls *tls, const void *data, size_t size,
                  short *events, struct error *error);
ssize_t tls_read(struct tls *tls, void *data, size_t size, short *events,
                 struct error *error);

#endif
