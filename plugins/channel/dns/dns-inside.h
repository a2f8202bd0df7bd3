/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_DNS_INSIDE_H
#define CHANNEL_DNS_INSIDE_H

/*
 * What the files of questions and answers share.
 *
 *     dns.c            what is answered
 *     dns-question.c   reading what was asked
 *     dns-records.c    writing records
 */

#include "dns/dns.h"

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_SRV = 33,
       TYPE_OPT = 41, TYPE_IXFR = 251, TYPE_AXFR = 252, TYPE_ANY = 255 };
enum { CLASS_IN = 1, CLASS_ANY = 255 };
enum { CODE_NONE = 0, CODE_FORMAT = 1, CODE_NAME = 3, CODE_NOT_DONE = 4,
       CODE_REFUSED = 5, CODE_VERSION = 16 };
enum { FLAG_ANSWER = 0x8000, FLAG_AUTHORITY = 0x0400, FLAG_CUT = 0x0200,
       FLAG_RECURSE = 0x0100, MASK_OPCODE = 0x7800 };

#define HEADER 12u
#define OWNER 0xc00cu           /* the name of the question, as a pointer */
#define SMALLEST 512u           /* that everybody takes */
#define OPT_SIZE 11u            /* of ours */

/* What was asked. */
struct question {
    char name[DNS_NAME];        /* lower case, dots between labels */
    bool is_odd;                /* bytes that no name here has */
    size_t end;                 /* behind it */
    uint16_t type, class;
    bool has_opt;
    uint8_t version;
    uint16_t room;              /* what the client takes */
};

/* An answer in the making. */
struct reply {
    const struct dns_zone *zone;
    dns_find find;
    void *arg;
    uint8_t *bytes;
    size_t size, most;
    bool full;                  /* something did not fit */
    uint16_t counts[3];         /* answer, authority, additional */
    uint32_t code;
};

static inline uint16_t
dns_get16(const uint8_t *at)
{
    return (uint16_t) (at[0] << 8 | at[1]);
}

static inline void
dns_set16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

/* Reads a question and what belongs to it.  False: it is malformed. */
bool dns_read_question(struct question *question, const uint8_t *bytes,
                       size_t size);

/* Appends bytes, or nothing from then on: it is full. */
void dns_put(struct reply *reply, const void *bytes, size_t size);
/* The zone's. */
void dns_put_soa(struct reply *reply, uint32_t section);
void dns_put_ns(struct reply *reply);
/* Addresses of that type (or all); their owner is 'name' of the zone, or
 * (NULL) the name that was asked for. */
void dns_put_addresses(struct reply *reply, const struct dns_host *host,
                       uint16_t type, const char *name, uint32_t section);
void dns_put_service(struct reply *reply, const struct dns_host *host,
                     const char *name);

#endif
