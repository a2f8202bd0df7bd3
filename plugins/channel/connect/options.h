/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_OPTIONS_H
#define CONNECT_OPTIONS_H

/*
 * What the command line, the environment and the configuration file want, in
 * this order of precedence.
 */

#include <stdbool.h>
#include <stddef.h>

#include "outcome.h"
#include "place.h"

/* A socket to listen on. */
struct listening {
    struct place place;
    struct target target;       /* vm "": SOCKS says which */
};

/* Where the proxy of another host is. */
struct host_place {
    char host[128];             /* as 421 says it */
    struct place place;
};

struct options {
    struct place proxy;
    bool tls;
    char *ca, *certificate, *key;       /* files; NULL: none */
    char token[512];            /* from its file; "": none */
    unsigned timeout;           /* seconds, until a conversation is open */
    enum report_kind report;
    struct target target;       /* vm "": listeners only */
    struct listening *listening;
    size_t n_listening;
    struct host_place *hosts;
    size_t n_hosts;
};

/* False: the program ends, with '*status'; all was said. */
bool options_read(struct options *options, int argc, char **argv,
                  int *status);
void options_clear(struct options *options);
/* NULL: nothing says where that host's proxy is. */
const struct place *options_host(const struct options *options,
                                 const char *host);

/* options-file.c: 'path' may be absent when 'optional'.  False: said why. */
bool options_read_file(struct options *options, const char *path,
                       bool optional);
bool options_read_token(struct options *options, const char *path);
/* options.c: one option under its name; also of the file. */
bool options_set(struct options *options, const char *name,
                 const char *value, char why[200]);

#endif
