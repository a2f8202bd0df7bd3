/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_DNS_H
#define CHANNEL_DNS_H

/*
 * A small authoritative server of names (RFC 1034, 1035, 2782): one question
 * in, one answer out, no sockets.  It follows no pointer of a question and
 * asks nobody; an answer is never longer than the client says that it takes
 * (EDNS, RFC 6891), nor than DNS_DATAGRAM, and is left out (TC) when it would
 * be: then the client asks again over TCP.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME 256u           /* a name as text, with its end */
#define DNS_ADDRESSES 8u
#define DNS_DATAGRAM 1232u      /* of an answer by UDP, whatever one takes */
#define DNS_MOST 2048u          /* of any; by TCP */

/* What the zone is. */
struct dns_zone {
    char name[128];             /* vm.internal; lower case */
    uint32_t ttl;               /* seconds */
    uint32_t serial;            /* another one after a change */
};

/* What a name stands for. */
struct dns_host {
    struct {
        uint8_t size;           /* 4 or 16 */
        uint8_t bytes[16];
    } addresses[DNS_ADDRESSES];
    uint32_t n;                 /* 0: there is such a name, no more */
    uint16_t port;              /* for SRV */
};

/* Looks up a name of the zone, in lower case and without the zone: "vm1",
 * "vm1.h1", "ns" for the server.  False: there is no such name. */
typedef bool (*dns_find)(void *arg, const char *name, struct dns_host *host);

/* What became of a question. */
enum dns_end {
    DNS_SILENT,                 /* it was none: nothing is to be sent */
    DNS_ANSWERED,
    DNS_REFUSED                 /* and this is said */
};

/* How an answer goes; DNS_BRIEFLY: as a datagram without any record, whose
 * reader asks again over TCP. */
enum dns_way { DNS_DATAGRAMS, DNS_BRIEFLY, DNS_TCP };

/*
 * Answers 'size' bytes of a question; '*answer_size' bytes are to be sent.
 */
enum dns_end dns_answer(const struct dns_zone *zone, dns_find find, void *arg,
                        enum dns_way way, const uint8_t *question, size_t size,
                        uint8_t answer[DNS_MOST], size_t *answer_size);

#endif
