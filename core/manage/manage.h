/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_MANAGE_H
#define XVS_MANAGE_MANAGE_H

/*
 * The management interface: CIM operations over CIM-XML/HTTP(S), on a unix
 * socket and, when configured, on TCP.  Stands on core/service and knows
 * nothing of switches.
 *
 * Dialect, so that our own command can tell failures apart (other clients
 * need not know): an answer with an <ERROR> carries the header
 * "XVS-Error: <error_code_name()>" beside the CIM status code, as a trailer
 * when the answer had begun already.  GetInstance, ModifyInstance and
 * DeleteInstance of a setting accept a base class in the path
 * (XVS_FeatureSettings.InstanceID="..."), and the INSTANCE answered names the
 * class that it really has.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct loop;
struct manage;
struct service;

struct manage_options {
    const char *socket_path;        /* unix socket; NULL: none */
    const char *listen;             /* "address:port"; NULL: no TCP */
    const char *certificate;        /* PEM; with it TCP speaks TLS */
    const char *key;                /* PEM */
    const char *client_ca;          /* PEM: accept client certificates */
    const char *password_file;      /* "user:role:crypt(3) hash" lines */
    const char *admin_group;        /* members may change things */
    const char *reader_group;       /* members may read; "*": everybody */
    size_t max_body;                /* bytes; 0: 16 MiB */
    unsigned int max_connections;   /* 0: 1024 */
    unsigned int idle_timeout_s;    /* 0: 60 */
    unsigned int max_contexts;      /* open enumerations per user; 0: 64 */
};

struct manage *manage_create(struct loop *loop, struct service *service,
                             const struct manage_options *options,
                             struct error *error);
void manage_destroy(struct manage *manage);     /* accepts NULL */
/* The TCP port in use (for ":0"), 0 without TCP. */
uint16_t manage_port(const struct manage *manage);

#endif
