/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_HTTP_CLIENT_H
#define XVS_CLIENT_WBEM_HTTP_CLIENT_H

/*
 * One keep-alive connection on which CIM-XML requests are posted, one at a
 * time.  It connects with the first request, and again when the server
 * closed it while idle; a request that was sent is never repeated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "client/wbem/transport.h"

struct error;
struct http_client;

/* Where the server is. */
struct http_options {
    struct transport_options transport;
    const char *user;       /* Basic authentication, or NULL */
    const char *password;
};

/*
 * Reads "HOST", "HOST:PORT", "[v6]:PORT", "http://..." or "https://..." into
 * transport.host, port and tls; the host is on the heap.  Plain http is
 * refused unless the host is this one.
 */
bool http_options_host(struct http_options *options, const char *text,
                       struct error *error);

/* Copies the texts. */
struct http_client *http_client_create(const struct http_options *options);
const struct http_options *
http_client_options(const struct http_client *client);
void http_client_destroy(struct http_client *client);   /* accepts NULL */
/*
 * Sends a request for the CIM method on the object ("root/xvs:C.K=1") and
 * reads the answer's head.  True when a CIM-XML body follows, which
 * http_client_read() must read to its end before the next post.
 */
bool http_client_post(struct http_client *client, const char *method,
                      const char *object, const void *body, size_t size,
                      struct error *error);
/* A piece of the body; 0 at its end; -1 with the error set. */
ssize_t http_client_read(struct http_client *client, void *data, size_t size,
                         struct error *error);
/* A field of head or trailer, or NULL. */
const char *http_client_field(const struct http_client *client,
                              const char *name);
/* Ends an answer: what was not read of it costs the connection. */
void http_client_abandon(struct http_client *client);
/* True while an answer's body has not been read to its end. */
bool http_client_is_busy(const struct http_client *client);
/* True when the last failure was that nobody answered at the address. */
bool http_client_is_unreachable(const struct http_client *client);

#endif
