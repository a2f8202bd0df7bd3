/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SNOOP_H
#define SNOOP_H

/*
 * One instance of the extension, on one switch.
 *
 *   snoop.c       life, ports; the descriptor
 *   settings.c    the switch's and ports' settings from the operator
 *   groups.c      settings that a port may have several of: groups, filters
 *   hooks.c       the packet hooks
 *   view.c        what of all this packet hooks see
 *   hear.c        what they saw, taken into the tables
 *   tell.c        what the tables hold, told to the switch
 *   status.c      the tables as objects
 *   parse.c       datagrams; message.c: the messages in them
 *   queue.c       from the packet hooks to the control thread
 *   table.c       who listens to what; members.c: how they come and go
 *   vlans.c       routers and queriers
 *   text.c        text forms of addresses and VLANs
 *   xvs_snoop.h   the schema in C, made by xvs-mofc
 *
 *     worker              control thread             the switch
 *     hooks --queue--> hear --> table, vlans --> tell --> groups, policies
 *        ^------------- view (published) <---------+
 *
 * Threads: everything in these structs belongs to the control thread, except
 * what packet hooks reach: the queue, the view and, from there, a port's
 * filters (both replaced as a whole with xvs_publish()) and its counters,
 * which are atomic.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#include "parse.h"
#include "queue.h"
#include "table.h"
#include "vlans.h"

#define SNOOP_MAX_FILTERS 256u  /* of a port */
#define SNOOP_REPORTS 2000u     /* joins and leaves of a port in a second that
                                 * are looked at; others are lost */
#define SNOOP_QUERIES 200u      /* queries and hellos, likewise */
#define SNOOP_SECOND 1000000000u    /* ns */

/* Numbers in xvs_packet.drop_reason. */
enum snoop_reason {
    SNOOP_NOT_ROUTER = 1,       /* a report; no router is where it would go */
    SNOOP_IS_MALFORMED = 2,
    SNOOP_NO_ROUTER_HERE = 3,   /* a query from where no router may be */
    SNOOP_IS_BLOCKED = 4        /* joins groups that a filter blocks */
};

enum snoop_router_mode { SNOOP_LEARNED = 0, SNOOP_ALWAYS = 1,
                         SNOOP_NEVER = 2 };

/* Groups that may be joined, or not. */
struct snoop_filter {
    bool is_ipv6;
    bool blocks;
    uint8_t length;             /* bits of the prefix */
    uint8_t group[SNOOP_ADDRESS];
};

/* What packet hooks see of a port's filters. */
struct snoop_filters {
    uint32_t n;
    struct snoop_filter filters[];
};

/* A setting of which a port may have several. */
struct snoop_rule {
    struct snoop_rule *next;
    struct xvs_guid instance;
    bool is_filter;             /* else a static group */
    struct snoop_filter filter;
    struct snoop_key key;       /* of the static group */
};

/* Counted by workers and by the control thread. */
struct snoop_counters {
    _Atomic uint64_t reports, leaves, queries, hellos, malformed;
    _Atomic uint64_t refused_queries, blocked, by_port, by_switch, lost;
};

/* How many there were in a second. */
struct snoop_rate {
    _Atomic uint64_t second;
    _Atomic uint32_t n;
};

struct snoop_port {
    struct snoop_owner owner;   /* its id, and how much it has joined */
    struct snoop_port *next;    /* in snoop.ports */
    char name[XVS_NAME_SIZE];
    bool has_settings;          /* the next five are of XVS_PortSnooping */
    struct xvs_guid settings;   /* its instance */
    _Atomic uint8_t mode;       /* enum snoop_router_mode */
    bool has_fast_leave;        /* the next one counts */
    bool fast_leave;
    uint32_t max_groups;        /* 0: as the switch has it */
    struct snoop_rule *rules;
    struct snoop_filters *filters;  /* published; NULL: none */
    bool is_router;             /* the switch was told so */
    bool is_heard;              /* while snoop_tell() counts routers */
    struct snoop_counters counters;
    struct snoop_rate reports, queries; /* the workers' */
};

/* XVS_SwitchSnooping. */
struct snoop_config {
    bool is_on[2];              /* by is_ipv6 */
    bool fast_leave;
    uint64_t membership, querier, leave;    /* ns */
    uint32_t max_groups, max_joined;
    uint8_t vlans[XVS_VLAN_BYTES];
};

/* What packet hooks see.  'slots' and 'routers' lie behind it. */
struct snoop_view {
    uint8_t snooped[2][XVS_VLAN_BYTES]; /* by is_ipv6: VLANs to look at */
    uint8_t asked[2][XVS_VLAN_BYTES];   /* those that have a querier */
    uint32_t mask;              /* number of slots - 1 */
    uint32_t n_routers;
    uint64_t *routers;          /* snoop_router_key(), sorted */
    struct snoop_port *slots[]; /* by port id, open addressing */
};

struct snoop {
    const struct xvs_host *host;
    const struct xvs_switching *switching;
    struct snoop_queue *queue;
    struct snoop_view *view;    /* published; never NULL */
    struct snoop_port *ports;
    struct snoop_table *table;
    struct snoop_vlans *vlans;
    struct snoop_config config;
    bool has_settings;          /* of XVS_SwitchSnooping */
    struct xvs_guid settings;   /* its instance */
    bool is_stale;              /* the view is not what the tables say */
    bool has_complained;        /* the switch took something not */
    bool is_behind;             /* ... or not yet: it is told again */
    uint8_t bound[2][XVS_VLAN_BYTES];   /* as the switch was told */
    uint64_t checks;            /* ns: all is told anew then; 0: never */
    uint64_t ages;              /* ns: the next look at what has expired */
    uint32_t period_ms;         /* of the timer */
};

static inline bool
snoop_has_vlan(const uint8_t *vlans, uint16_t vlan)
{
    return vlans[vlan / 8 % XVS_VLAN_BYTES] >> (vlan % 8) & 1;
}

static inline void
snoop_add_vlan(uint8_t *vlans, uint16_t vlan)
{
    vlans[vlan / 8 % XVS_VLAN_BYTES] |= (uint8_t) (1u << vlan % 8);
}

/* NULL when there is none. */
struct snoop_port *snoop_port_find(const struct snoop *self, uint32_t id);
/* All defaults. */
void snoop_config_default(struct snoop_config *config);
/* Whether messages of the VLAN are looked at. */
bool snoop_is_on(const struct snoop *self, bool is_ipv6, uint16_t vlan);

/* ---- view.c ---- */

/* Publishes what packet hooks see; false: no memory, and nothing changed. */
bool snoop_view_publish(struct snoop *self);
/* Packet hooks; NULL: not known. */
struct snoop_port *snoop_view_port(const struct snoop_view *view,
                                   uint32_t id);
bool snoop_view_is_router(const struct snoop_view *view, uint32_t port_id,
                          bool is_ipv6, uint16_t vlan);
/* Whether the filters (or NULL) block a group. */
bool snoop_blocks(const struct snoop_filters *filters, bool is_ipv6,
                  const uint8_t *group);
/* Publishes the port's filters; false: no memory. */
bool snoop_publish_filters(struct snoop *self, struct snoop_port *port);

/* ---- hear.c and tell.c ---- */

/* Takes in all that packet hooks saw. */
void snoop_hear(struct snoop *self);
/* Ages, tells the switch and the packet hooks what has changed, and sets the
 * timer to when something is to be done next. */
void snoop_tell(struct snoop *self);
/* Tells the switch all anew, whoever told it what before. */
void snoop_tell_all(struct snoop *self);

/* ---- The extension's hooks ---- */

int snoop_setting(void *self, const struct xvs_setting *setting,
                  struct xvs_answer *answer);
int snoop_status(void *self, const struct xvs_query *query,
                 struct xvs_answer *answer);
void snoop_ingress(void *self, struct xvs_burst *burst);
void snoop_egress(void *self, struct xvs_burst *burst);

/* ---- text.c ---- */

#define SNOOP_TEXT 46           /* of an address, with NUL */

/* These return NULL, or what is wrong with the text. */
const char *snoop_read_vlans(const char *text, uint8_t vlans[XVS_VLAN_BYTES]);
const char *snoop_read_group(const char *text, bool *is_ipv6,
                             uint8_t group[SNOOP_ADDRESS]);
const char *snoop_read_prefix(const char *text, struct snoop_filter *filter);
void snoop_address_text(bool is_ipv6, const uint8_t *address,
                        char text[SNOOP_TEXT]);

#endif
