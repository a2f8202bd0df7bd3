/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_DNS_SERVE_H
#define CHANNEL_DNS_SERVE_H

/*
 * Names of VMs over DNS: the sockets, and what the map says to each name.
 */

#include "channel.h"
#include "dns/dns.h"

#define DNS_STREAMS 16u         /* connections over TCP at the same time */

struct dns_server;

/* A connection over TCP: questions come one after the other, each with its
 * length in front. */
struct dns_stream {
    struct dns_server *server;
    struct watch watch;         /* fd -1: unused */
    struct alarm alarm;         /* it says nothing for too long */
    size_t size;                /* of what has come */
    uint8_t bytes[2 + 512];
};

/* XVS_ChannelDns. */
struct dns_server {
    struct item item;
    struct channel *channel;
    bool has_udp, has_tcp;
    struct grant udp, tcp;
    struct watch datagrams, connections;        /* fd -1: not open */
    struct dns_stream streams[DNS_STREAMS];
    struct dns_host own;        /* this host */
    uint32_t ttl;
    uint32_t rate;              /* datagrams of a second; 0: any number */
    uint32_t left;              /* of this one */
    uint64_t second;            /* ns: when it ends */
};

/* Opens what is not open; for timer(). */
void dns_open(struct channel *self);
void dns_close(struct dns_server *server);
void dns_pause(struct channel *self);
/* Adds an address, such as 192.0.2.1 or 2001:db8::1; false: it is none, or
 * there are enough. */
bool dns_add_address(struct dns_host *host, const char *text);

#endif
