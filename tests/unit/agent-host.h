/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_AGENT_HOST_H
#define XVS_TESTS_AGENT_HOST_H

/*
 * A host for link-mux.c with a real agent behind it: the agent of the build
 * tree runs as a process and listens at a unix socket; its services are
 * sockets of this process, so that both ends of a stream can be compared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/link.h"

enum { TALKS = 1000 };

/* One stream: the host's side of it, and the service's socket. */
struct talk {
    struct side *side;          /* NULL: not there, or given up */
    int service;                /* -1: not there */
    struct dial dial;
    bool ended_dial;
    enum dial_end how;
    char reason[128];
    uint32_t sent[2], received[2];  /* by the side, by the service */
    bool ended[2];              /* the other one has finished */
    bool finished[2], broken[2], wrong;
};

struct agent_host {
    struct loop *loop;
    struct link_host host;
    struct link *link;
    struct link_wish *wish;     /* that has not been granted yet */
    const char *path;           /* of the agent's socket */
    int agent;                  /* its pid; 0: none runs */
    int listening;              /* the service's */
    uint16_t port;              /* of it */
    uint16_t offer;             /* local port at which the agent listens */
    struct talk talks[TALKS];
    struct side *guest;         /* the last one that a guest opened */
    uint16_t guest_port;
    int connections;            /* how often one was asked for */
};

extern struct agent_host world;

/* A folder, a service, a link; an agent when 'agent'.  False: it cannot be. */
bool world_create(bool agent);
void world_destroy(void);
void world_start_agent(void);
void world_signal_agent(int number);
/* KiB of its memory; 0: nobody knows. */
unsigned long world_agent_memory(void);
/* One turn of everything. */
void world_turn(void);
/* Turns until it is so, for as long as a slow machine may need. */
bool world_until(bool (*is_so)(void));
void world_dial(struct talk *talk, uint16_t port);
/* Takes the service's connection whose first bytes say which talk it is; the
 * side says them. */
bool world_pair(struct talk *talk);

#endif
