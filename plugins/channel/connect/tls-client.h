/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_TLS_CLIENT_H
#define CONNECT_TLS_CLIENT_H

/*
 * What TLS towards a proxy needs (tls/tls.h), from the files of options.
 */

struct options;
struct tls_keys;

/* Certificates and whom to trust.  NULL: 'why' says. */
struct tls_keys *tls_client_create(const struct options *options,
                                   char why[300]);

#endif
