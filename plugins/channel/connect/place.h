/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONNECT_PLACE_H
#define CONNECT_PLACE_H

/*
 * Places as people write them: of a proxy, of a listener, of a VM.
 */

#include <stdbool.h>
#include <stdint.h>

/* Of a socket.  A name is not looked up yet. */
struct place {
    char host[256];             /* a name or an address; "": 'path' */
    uint16_t port;
    char path[108];             /* of a unix socket */
};

/* Inside a VM. */
struct target {
    char vm[256];
    uint16_t port;
};

/* HOST:PORT, [ADDRESS]:PORT or unix:PATH.  False: none of these. */
bool place_parse(struct place *place, const char *text);
/* [ADDRESS:]PORT; the address of this host alone when it is left out. */
bool place_parse_listener(struct place *place, const char *text);
/* [ADDRESS:]PORT:VM:PORT; ADDRESS in brackets when it has colons. */
bool place_parse_forward(struct place *place, struct target *target,
                         const char *text);
/* A name of a VM as proxies take it: letters, digits, ". _ - :". */
bool target_name(struct target *target, const char *name);
/* 1 to 65535. */
bool place_port(uint16_t *port, const char *text);
/* As place_parse() reads it; 'text' is returned. */
char *place_text(const struct place *place, char text[300]);

#endif
