/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_H
#define ACL_H

/*
 * One instance of the extension, on one switch.
 *
 *   acl.c          life, ports; the descriptor
 *   settings.c     rules and port settings from the operator; judge.c
 *   publish.c      what packets see of them, made and replaced
 *   filter.c       the packet hooks; burst.c: many packets at a time
 *   status.c       counters for the operator, and their reset
 *   set.c          all that decides at a port: views and a policy
 *   book.c, view.c rules of one owner, and what packets see of them
 *   classify.c     many rules compiled, by compile.c; span.c
 *   rules.c        one rule
 *   flows.c        what was found for flows, kept by each worker
 *   connections.c  the connection table; connection.c: one connection
 *   key.c          what of a packet rules look at
 *   address.c      text forms of addresses
 *   counter.c      counters that many threads add to
 *   xvs_acl.h      the schema in C, made by xvs-mofc
 *
 * Threads: everything in these structs belongs to the control thread, except
 * what the packet hooks reach: self->ports and, from there, a port's set
 * (both replaced as a whole with xvs_publish()), its counters (atomic) and
 * the connection table (connections.h).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xvs/extension.h>

#include "book.h"
#include "connections.h"
#include "flows.h"
#include "set.h"

#define ACL_CONNECTIONS 65536u      /* of a switch; a power of two */
#define ACL_MAX_RULES 16384u        /* of a port, or of the switch for all */
#define ACL_MAX_ALL_RULES 131072u   /* of the switch and all its ports */
#define ACL_DEFAULT_MAX_CONNECTIONS 16384u

/* Numbers in xvs_packet.drop_reason. */
enum acl_reason {
    ACL_BY_RULE = 1,            /* a rule denies it */
    ACL_BY_DEFAULT = 2,         /* no rule allows it */
    ACL_NO_ROOM = 3,            /* a connection too many */
    ACL_BROKEN = 4              /* its headers cannot be judged */
};

struct acl_port {
    struct acl_port *next;      /* in acl.all_ports */
    uint32_t id;                /* the core's */
    uint32_t serial;            /* ours, never used again */
    struct acl_set *set;        /* published */
    struct acl_set *next_set;   /* while a change is prepared */
    struct acl_book book;       /* rules of this port */
    uint8_t default_action;     /* enum acl_action */
    bool has_settings;          /* the next two are the operator's */
    struct xvs_guid settings;   /* instance of XVS_AclPortSettings */
    uint32_t max_connections;
    struct acl_counter *allowed;
    struct acl_counter *blocked;
    _Atomic uint64_t n_blocked_connections;
    _Atomic uint64_t n_refused_connections;
    _Atomic uint32_t n_open;    /* connections */
};

/* What the packet hooks search: open addressing by port id. */
struct acl_ports {
    uint32_t mask;              /* number of slots - 1 */
    struct acl_port *slots[];
};

struct acl {
    const struct xvs_host *host;
    struct acl_connections *connections;
    struct acl_ports *ports;    /* published */
    struct acl_port *all_ports;
    struct acl_book book;       /* rules of the switch */
    struct acl_flows flows;     /* of the workers */
    uint64_t seed;              /* secret: nobody can choose hashes */
    uint64_t generation;        /* of the newest set */
    uint64_t settled;           /* generation at the last tick */
    uint64_t swept;             /* when connections were looked through */
    uint32_t serial;            /* of the newest port */
    uint32_t n_rules;           /* of all books */
    uint32_t n_stateful;        /* of them */
    bool is_loose;              /* there is something to compile */
    uint32_t timer_ms;          /* between ticks, 0: none */
};

/* First slot to look at in acl_ports. */
static inline uint32_t
acl_port_hash(uint32_t id)
{
    return id * 0x9e3779b1u >> 16;
}

/* The port of that id, or NULL (control thread). */
struct acl_port *acl_port_find(const struct acl *self, uint32_t id);

/*
 * publish.c.  Puts sets in force, for 'port' with that view of its rules and
 * its policy of now, or with NULL for all ports with that view of the rules
 * of the switch.  False, with nothing changed, when memory is short.
 */
bool acl_publish(struct acl *self, struct acl_port *port,
                 struct acl_view *view);
/*
 * Puts a change of a rule in force and takes it over: 'fresh' instead of
 * 'gone' (either may be NULL) among the rules of 'port', or of the switch.
 * 'gone' is the caller's then, to be retired.  False, with nothing changed,
 * when memory is short.
 */
bool acl_change(struct acl *self, struct acl_port *port,
                struct acl_rule *gone, struct acl_rule *fresh);
/* Hook: compiles what has changed, and forgets connections. */
void acl_tick(void *self);

/* The rules of the port, or of the switch when it is NULL. */
static inline struct acl_book *
acl_book_of(struct acl *self, struct acl_port *port)
{
    return port ? &port->book : &self->book;
}

int acl_setting(void *self, const struct xvs_setting *setting,
                struct xvs_answer *answer);
int acl_status(void *self, const struct xvs_query *query,
               struct xvs_answer *answer);
void acl_ingress(void *self, struct xvs_burst *burst);
void acl_egress(void *self, struct xvs_burst *burst);

#endif
