/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PORT_H
#define XVS_PORT_PORT_H

/*
 * What every port driver offers: frames in, frames out, and the truth about
 * what is behind it.
 *
 *     main thread                        worker(s)
 *     open, close, look, events of      receive, arm, disarm of the queues
 *     the driver's own descriptors      that it has; transmit of any port
 *
 * Life of a port:
 *   1. open()       on the main thread; fills 'queues', 'can', mac and mtu
 *   2. receive()    by one worker at a time per queue; the worker may change
 *   3. arm()        the worker found nothing for a while and wants to sleep:
 *                   from now on queue->fd is readable when frames wait
 *   4. disarm()     it woke up and asks by itself again
 *   5. close()      after a grace period: no worker is in the driver any more
 *
 * A worker's calls never block.  What a driver changes while workers may be
 * inside (a guest that comes and goes) it publishes, and frees after a grace
 * period (packet/grace.h).  When queue->fd changes, or the link does, the
 * driver tells its owner.  A kernel interface that vanished is different: the
 * driver says PORT_GONE, the port is closed and opened anew when it is back.
 */

#include <stdbool.h>
#include <stdint.h>

#include "control/message.h"

struct error;
struct loop;
struct pool_cache;
struct port;
struct port_queue;
struct xvs_packet;

#define PORT_QUEUES CONTROL_QUEUES  /* receive queues, at most */
#define PORT_MTU_MAX 65521u     /* with its header it fits a chain */

/* What a driver found out about what is behind the port. */
enum port_news {
    PORT_SAME = 0,
    PORT_DOWN,                  /* is there, carries nothing */
    PORT_GONE,                  /* the descriptor is dead */
};

/* Bits of 'can': what a port takes beside plain frames of one buffer. */
enum port_can {
    PORT_CAN_CHAIN = 0x01,      /* frames in several buffers */
    PORT_CAN_CHECKSUM = 0x02,   /* checksums that are not finished */
    PORT_CAN_TSO4 = 0x04,       /* super frames, TCP over IPv4 */
    PORT_CAN_TSO6 = 0x08,       /* TCP over IPv6 */
    PORT_CAN_USO = 0x10,        /* UDP */
    PORT_CAN_ECN = 0x20,        /* super frames with CWR */
};

struct port_config {
    uint32_t driver;            /* enum control_driver */
    char device[CONTROL_DEVICE];    /* interface, socket or file */
    uint32_t mtu;               /* 0: leave it */
    uint32_t mode;              /* enum control_mode; 0: the driver's own */
    uint32_t queues;            /* wanted; 0: the driver's own choice */
    uint8_t mac[6];             /* zero: leave it */
    bool disabled;              /* opens with its link down; see link() */
};

/* What one call did, for the counters. */
struct port_tally {
    uint32_t packets;           /* carried */
    uint32_t dropped;           /* too large, malformed, no room */
    uint64_t bytes;             /* of the carried ones */
};

/* Whom a driver tells what happened by itself; on the main thread. */
struct port_owner {
    struct loop *loop;          /* for the driver's descriptors and timers */
    /* The link is up (PORT_SAME) or down; 'text' says why. */
    void (*news)(void *arg, struct port *port, enum port_news news,
                 const char *text);
    /* queue->fd is another one now; the old one may be closed after this. */
    void (*watch)(void *arg, struct port_queue *queue);
    void *arg;
    uint32_t n_workers;         /* that may transmit; 0: not known */
};

/* A receive queue. */
struct port_queue {
    struct port *port;
    uint32_t index;             /* among the port's */
    int fd;                     /* see arm(); -1: cannot have frames now */
    void *state;                /* the driver's own */
};

struct port_ops {
    const char *name;
    bool (*open)(struct port *port, struct error *error);
    /* Undoes open(), whole or half done; or NULL. */
    void (*close)(struct port *port);
    /* Fills up to 'max' packets from the pool: data, length, total, next and
     * what the sender left to do. */
    uint32_t (*receive)(struct port_queue *queue, struct pool_cache *cache,
                        struct xvs_packet **packets, uint32_t max,
                        struct port_tally *tally, enum port_news *news);
    /* The packets stay the caller's.  'worker' tells callers apart: drivers
     * with several ways out take that one, those with one lock it. */
    void (*transmit)(struct port *port, uint32_t worker,
                     struct xvs_packet *const *packets, uint32_t n,
                     struct port_tally *tally);
    /* False: frames are there already, do not sleep.  NULL: the descriptor
     * says so always. */
    bool (*arm)(struct port_queue *queue);
    void (*disarm)(struct port_queue *queue);
    /* Gives what is behind the MTU and address of 'wanted', or leaves it as
     * it is; NULL: cannot be changed.  Main thread. */
    bool (*update)(struct port *port, const struct port_config *wanted,
                   struct error *error);
    /* Main thread: the operator disables the port, or enables it again: what
     * is behind sees its link go down or up.  NULL: it cannot be told. */
    void (*link)(struct port *port, bool up);
    /* How what is behind is now; PORT_SAME: up. */
    enum port_news (*look)(const struct port *port);
    /* About once a second: what a driver does now and then; or NULL. */
    void (*tick)(struct port *port);
};

struct port {
    const struct port_ops *ops;
    struct port_config config;  /* as given; device and mac filled in */
    struct port_owner owner;    /* whom it tells */
    uint32_t can;               /* enum port_can; atomic */
    char text[CONTROL_STATE];   /* how it works, for people; main thread */
    char usual[128];            /* the same when there is no complaint */
    uint64_t lost;              /* frames that the kernel had no room for;
                                 * main thread */
    uint32_t n_queues;
    struct port_queue queues[PORT_QUEUES];
    void *state;                /* the driver's own */
};

extern const struct port_ops packet_ops;    /* packet/packet.c */
extern const struct port_ops pcap_ops;      /* pcap/pcap.c */
extern const struct port_ops pipe_ops;      /* pipe/pipe.c */
extern const struct port_ops tap_ops;       /* tap.c */
extern const struct port_ops vhost_ops;     /* vhost/driver.c */
extern const struct port_ops xdp_ops;       /* xdp/xdp.c */

/* NULL with an error that names the device and what to do. */
struct port *port_open(const struct port_config *config,
                       const struct port_owner *owner, struct error *error);
void port_close(struct port *port);     /* accepts NULL */
/* Gives an open port another MTU and address; false, and all is as before,
 * when that is not possible, with what to do. */
bool port_update(struct port *port, const struct port_config *config,
                 struct error *error);
/* The owner does not want to hear of the port any more; it will be closed. */
void port_part(struct port *port);

/* For drivers: tell the owner. */
void port_news(struct port *port, enum port_news news, const char *text);
void port_watch(struct port_queue *queue);

/* For drivers: how it works, in a few words; and the same with an event that
 * somebody should see, once until the text changes. */
void port_describe(struct port *port, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void port_complain(struct port *port, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complains when frames of the port are larger than its interface takes;
 * 'mtu' is the interface's now, 0: not known. */
void port_compare_mtu(struct port *port, uint32_t mtu);

/* For drivers: what the port takes, from now on. */
void port_set_can(struct port *port, uint32_t can);
uint32_t port_can(const struct port *port);

#endif
