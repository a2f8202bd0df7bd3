/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWEXPORT_IPFIX_H
#define FLOWEXPORT_IPFIX_H

/*
 * Messages of IPFIX (RFC 7011): templates, options and flow records.  Records
 * are put into one message until it is full; the caller sends it then.
 *
 * The sequence number counts data records, those of options included, as
 * section 3.1 says.  Elements are IANA's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "message.h"

/* Values of flowEndReason. */
enum ipfix_end { IPFIX_IDLE = 1, IPFIX_ACTIVE = 2, IPFIX_FORCED = 4,
                 IPFIX_NO_ROOM = 5 };

struct ipfix {
    struct message message;
    uint32_t domain;            /* the observation domain */
    uint32_t sequence;          /* data records before this message */
    uint32_t n;                 /* in it */
    uint32_t set;               /* where the open set begins; 0: none */
    uint16_t set_id;            /* of it */
    int64_t epoch_ns;           /* what makes host->now() the time of day */
};

/* Empties the message. */
void ipfix_begin(struct ipfix *ipfix);
/* All templates and option templates, into an empty message. */
void ipfix_templates(struct ipfix *ipfix);
/* False: the message is full, send it first. */
bool ipfix_flow(struct ipfix *ipfix, const struct xvs_flow *flow,
                enum ipfix_end reason);
/* What was exported so far (an options record). */
bool ipfix_totals(struct ipfix *ipfix, uint64_t messages, uint64_t records,
                  uint64_t bytes);
/* The name of a port (an options record). */
bool ipfix_port(struct ipfix *ipfix, uint32_t port_id, const char *name);
/* Completes the message, which can be sent then; false: it is empty. */
bool ipfix_end(struct ipfix *ipfix, uint32_t seconds);

#endif
