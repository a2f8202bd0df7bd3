/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_TABLE_H
#define XVS_SWITCH_FORWARD_TABLE_H

/*
 * The ports of a switch as workers see them.
 *
 *     main thread                       worker
 *     vswitch.ports (list) --builds--> vswitch.table --> vport --> port
 *                                      (published,       counters  (driver,
 *                                       never changed)             published)
 *
 * Every change makes a new table; the old one, a port that left it and a
 * driver that was replaced are freed after a grace period.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#include "control/message.h"
#include "packet/grace.h"
#include "packet/tally.h"
#include "port/port.h"

struct chain;
struct driver;
struct mac_table;
struct vport;

/* What one worker did for a port. */
struct port_counters {
    uint64_t rx_packets, rx_bytes, rx_dropped;
    uint64_t tx_packets, tx_bytes, tx_dropped;
    uint64_t filtered;          /* dropped by stages or for want of a way */
} __attribute__((aligned(64)));

enum vport_state { VPORT_UP, VPORT_DOWN, VPORT_GONE };

/* A port of a switch. */
struct vport {
    struct grace_call grace;    /* for freeing it */
    struct vport *next;         /* in vswitch.ports; main thread */
    struct vswitch *vswitch;    /* whose it is */
    struct driver *driver;      /* main thread */
    uint32_t id;
    struct port *port;          /* driver, published; NULL: gone */
    struct control_port made;   /* as was asked for; main thread */
    uint8_t mac[6];             /* of the interface; main thread */
    uint8_t own_mac[6];         /* that it had when none was asked for */
    uint32_t mtu;               /* of the interface; atomic */
    enum vport_state state;     /* main thread */
    char text[CONTROL_STATE];   /* why it is not up; main thread */
    uint64_t lost;              /* as drivers that were closed counted it */
    uint16_t group[WORKERS_MAX];    /* each worker's hint, see forward.c */
    struct port_counters counters[WORKERS_MAX];
};

struct port_table {
    struct grace_call grace;    /* for freeing it */
    uint32_t n;
    uint32_t mask;              /* of 'slots' */
    uint32_t *slots;            /* hash: index into 'ports' + 1, or 0 */
    struct vport *ports[];
};

/* What packets of a switch meet; part of struct vswitch. */
struct path {
    struct port_table *table;   /* published; never NULL */
    struct chain *chain;        /* published; NULL: no stage */
    struct mac_table *macs;
};

/* A table of the list's ports. */
struct port_table *table_create(struct vport *first);
void table_retire(struct port_table *table);    /* accepts NULL */
struct vport *table_find(const struct port_table *table, uint32_t id);

#endif
