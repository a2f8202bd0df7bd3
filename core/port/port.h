/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PORT_H
#define XVS_PORT_PORT_H

/*
 * What every port driver offers: frames in, frames out, and the truth about
 * the interface behind it.  A driver's receive and transmit run on a packet
 * worker and never block; everything else runs on the main thread.  A struct
 * port is never changed once a worker knows it: an interface that comes back
 * gets a new one, and the old one is closed after a grace period.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct error;
struct pool;
struct port;
struct xvs_packet;

#define PORT_MTU_MAX 2000u      /* with two VLAN tags it fits a buffer */

/* What a driver found out about its interface. */
enum port_news {
    PORT_SAME = 0,
    PORT_DOWN,                  /* is there, carries nothing */
    PORT_GONE,                  /* the descriptor is dead */
};

struct port_config {
    uint32_t driver;            /* enum control_driver: tap 1, packet 2 */
    char device[IFNAMSIZ];      /* interface name */
    uint32_t mtu;               /* 0: leave it */
    uint8_t mac[6];             /* zero: leave it */
};

/* What one call did, for the counters. */
struct port_tally {
    uint32_t packets;           /* carried */
    uint32_t dropped;           /* too large, malformed, no room */
    uint64_t bytes;             /* of the carried ones */
};

struct port_ops {
    const char *name;
    bool (*open)(struct port *port, struct error *error);
    /* Undoes what open did to the interface, or NULL. */
    void (*close)(struct port *port);
    /* Fills up to 'max' packets from the pool. */
    uint32_t (*receive)(struct port *port, struct pool *pool,
                        struct xvs_packet **packets, uint32_t max,
                        struct port_tally *tally, enum port_news *news);
    void (*transmit)(struct port *port, struct xvs_packet *const *packets,
                     uint32_t n, struct port_tally *tally);
    /* How the interface is now; PORT_SAME: up. */
    enum port_news (*look)(const struct port *port);
};

struct port {
    const struct port_ops *ops;
    struct port_config config;  /* as given; device and mac filled in */
    int fd;                     /* readable when frames wait */
    uint8_t *large;             /* packet driver: room for a super frame */
    bool silenced;              /* packet driver: ARP was turned off */
    bool reserved;              /* tap driver: opened ahead, goes back */
};

extern const struct port_ops packet_ops;    /* packet.c */
extern const struct port_ops tap_ops;       /* tap.c */

/* NULL with an error that names the device and what to do. */
struct port *port_open(const struct port_config *config, struct error *error);
void port_close(struct port *port);     /* accepts NULL */

#endif
