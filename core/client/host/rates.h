/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_RATES_H
#define XVS_CLIENT_RATES_H

/*
 * Counters of ports and stages as rates: what was counted between two looks,
 * by the time between them.  A counter that went back (xvs-switch was started
 * again) has rate 0 for once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct run;

enum rates_kind { RATES_PORT, RATES_STAGE };
#define RATES_COUNTERS 6        /* of a row, at most */

/* What rows are sorted by; the largest first, names from A. */
enum rates_order { RATES_BY_IN, RATES_BY_OUT, RATES_BY_DROPS, RATES_BY_NAME };

/* A port or a stage. */
struct rates_row {
    enum rates_kind kind;
    char name[140];             /* "lan/vm1", "lan acl" */
    char state[16];
    uint64_t counts[RATES_COUNTERS];    /* at the last look */
    double rates[RATES_COUNTERS];       /* per second */
    bool has_rates;             /* it was there at the look before */
    unsigned int look;          /* when it was seen last */
};

/* Ports: packets and bytes in, packets and bytes out, drops.
 * Stages: packets, bytes, drops, nanoseconds in its hooks. */
enum {
    PORT_RX, PORT_RX_BYTES, PORT_TX, PORT_TX_BYTES, PORT_DROPS,
};
enum {
    STAGE_IN, STAGE_BYTES, STAGE_DROPS, STAGE_TIME,
};

struct rates {
    struct rates_row *rows;
    size_t n, capacity;         /* of rows */
    unsigned int look;          /* number of the last one */
    uint64_t when_ns;           /* it was, */
    double passed_s;            /* so long after the one before */
};

/* Looks once more; 'only' names a switch, or is NULL.  False with run->error
 * set, and what was known before stays. */
bool rates_look(struct rates *rates, struct run *run, const char *only);
/* Ports first. */
void rates_sort(struct rates *rates, enum rates_order order);
void rates_free(struct rates *rates);

/* The title and a row of a kind, without line ends. */
void rates_put_title(struct buffer *out, enum rates_kind kind);
void rates_put_row(struct buffer *out, const struct rates_row *row);
/* All of them for programs. */
void rates_json(const struct rates *rates, struct buffer *out);

#endif
