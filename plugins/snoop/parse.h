/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_PARSE_H
#define SNOOP_PARSE_H

/*
 * Messages about groups, as guests send them: IGMP (RFC 1112, 2236, 3376),
 * MLD (RFC 2710, 3810) and the hellos of PIM routers (RFC 7761).  The input
 * is an IP datagram, contiguous, that nobody has checked; nothing of it is
 * believed before it was.  No state, any thread.
 *
 *     IP header, options        message
 *     |-- TTL 1, alert? --------|-- type, checksum? --|-- records ...
 *
 * Addresses have 16 bytes; one of IPv4 is in the first four and the others
 * are 0.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNOOP_ADDRESS 16u
#define SNOOP_DATAGRAM 9216u    /* bytes; a longer one is malformed */

/* IP protocols that this is about. */
enum { SNOOP_IGMP = 2, SNOOP_ICMP6 = 58, SNOOP_PIM = 103 };

enum snoop_kind {
    SNOOP_OTHER,                /* nothing that is known here */
    SNOOP_MALFORMED,            /* lies about itself */
    SNOOP_QUERY,
    SNOOP_REPORT,               /* who listens, and who does not any more */
    SNOOP_LEAVE,                /* the message of its own of IGMPv2, MLDv1 */
    SNOOP_HELLO                 /* of a PIM router */
};

struct snoop_message {
    enum snoop_kind kind;
    const char *why;            /* of SNOOP_MALFORMED, in words */
    uint8_t version;            /* of IGMP 1 to 3, of MLD 1 or 2 */
    bool is_ipv6;
    bool is_report_of_list;     /* of records, each with a group */
    uint8_t source[SNOOP_ADDRESS];
    uint8_t group[SNOOP_ADDRESS];   /* QUERY: 0 when it asks for all */
    uint32_t response_ms;       /* QUERY: hosts answer within it */
    uint32_t n_records;         /* not read yet */
    const uint8_t *at;          /* the next record */
};

/* What a report says about one group. */
struct snoop_record {
    uint8_t group[SNOOP_ADDRESS];
    bool joins;                 /* else it leaves */
};

/*
 * Reads the datagram; 'is_open': a checksum is still to be finished by a
 * card, and so cannot be checked.  'message' points into the datagram.
 */
void snoop_parse(struct snoop_message *message, const uint8_t *datagram,
                 size_t size, bool is_ipv6, bool is_open);
/*
 * The next group of a report or a leave that says something new; false: that
 * was all.  Sources are not looked at one by one: who wants some sources of a
 * group wants the group.
 */
bool snoop_next(struct snoop_message *message, struct snoop_record *record);

/* Whether switches flood a group whatever was joined: those whose Ethernet
 * addresses all hosts must get, and what is no multicast address. */
bool snoop_is_flooded(bool is_ipv6, const uint8_t *group);
/* The Ethernet address of the group. */
void snoop_mac(bool is_ipv6, const uint8_t *group, uint8_t mac[6]);

static inline bool
snoop_is_zero(const uint8_t *address)
{
    uint8_t all = 0;

    for (unsigned int i = 0; i < SNOOP_ADDRESS; i++) {
        all |= address[i];
    }
    return all == 0;
}

#endif
