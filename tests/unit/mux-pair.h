/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MUX_PAIR_H
#define XVS_TESTS_MUX_PAIR_H

/*
 * Two ends of a link and the bytes on their way, for tests: what a stream
 * carries, how much of it, and how it ends follows from its port, so each end
 * knows what the other one has to send.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mux-inside.h"

/* From PAIR_THEIRS on: those that the guest opens. */
enum { PAIR_PORTS = 64, PAIR_THEIRS = 32 };

/* What goes one way of a stream. */
struct plan {
    uint32_t size;
    bool reset;             /* instead of an end */
};

/* One end of a stream. */
struct talk {
    struct mux_stream *stream;
    uint16_t port;
    bool opened, refused, reset, ended, finished;
    uint32_t sent, received;
    bool wrong;             /* other bytes came than were sent */
};

/* One end of the link; what it has sent and the other has not got. */
struct end {
    struct mux *mux;
    struct end *other;
    uint8_t *way;
    size_t n_way, size_way;
    struct talk talks[PAIR_PORTS];
    unsigned int n_up, n_down, n_pongs, n_ports;
    uint64_t pong;
    uint16_t last_port;
    struct mux_peer peer;
    char reason[MUX_REASON];
    uint8_t salt;           /* of the bytes; of each life another */
};

struct pair {
    struct end host, guest;
    struct plan plans[PAIR_PORTS][2];       /* by port; host to guest, back */
    uint64_t random;
    bool deaf;              /* nobody reads when something comes */
};

extern struct pair pair;

uint32_t pair_random(uint32_t n);
/* Both are new and know nothing of each other. */
void pair_create(uint64_t seed, uint32_t streams);
void pair_destroy(void);
/* What an end has to say, up to n bytes of it, gets on its way. */
void pair_write(struct end *end, size_t n);
/* Up to n bytes on their way from 'end' arrive. */
void pair_arrive(struct end *end, size_t n);
/* All of both, until nothing moves; streams are not served. */
void pair_settle(void);
/* Opens a stream for the port, if it can be. */
bool pair_open(struct end *end, uint16_t port);
/* Each stream of an end reads and writes some. */
void pair_serve(struct end *end);
/* Nothing of it is on its way any more, at either end. */
bool pair_over(uint16_t port);

#endif
