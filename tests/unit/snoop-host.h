/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_SNOOP_HOST_H
#define XVS_TESTS_SNOOP_HOST_H

/*
 * Runs the extension snoop through its descriptor, as the core does: a host
 * with a clock that the test moves, a switch that remembers what it was told,
 * and messages in frames that the core's own parser has parsed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xvs/switch.h>

#include "xvs_snoop.h"

extern const struct xvs_extension xvs_extension_v1;

#define SNOOP_FAKE_GROUPS 16384

/* A group that the switch was told of. */
struct snoop_fake_group {
    uint8_t mac[6];
    uint16_t vlan;
    uint32_t n;
    uint32_t ports[8];          /* the first of them */
};

/* What the extension told the host. */
struct snoop_fake {
    uint64_t now;               /* ns; what host->now() is */
    char refusal[256];          /* the newest; "" : none */
    uint32_t timer_ms;          /* what host->timer() asked for */
    uint64_t due;               /* ns; its next call */
    uint32_t n_wakes;
    uint32_t n_events;
    uint32_t n_groups;
    struct snoop_fake_group groups[SNOOP_FAKE_GROUPS];
    struct xvs_switch_policy policy;
    bool is_router[16];         /* by port: XVS_PORT_ALL_MULTICAST */
    int result;                 /* of group(); XVS_SUCCESS: it works */
    bool has_workers;           /* what is retired stays until snoop_end() */
};

extern struct snoop_fake snoop_fake;

/* One instance with ports 1 to 4, active. */
void *snoop_begin(void);
/* Ends it; everything that was told is taken back. */
void snoop_end(void *self);
/* Moves the clock, in steps of the timer that the extension asked for. */
void snoop_pass(void *self, uint64_t milliseconds);
/* Lets the control thread do what it was woken for. */
void snoop_settle(void *self);

/* The group in the switch, or NULL. */
const struct snoop_fake_group *snoop_told(const char *mac, uint16_t vlan);
/* True when frames of the VLAN go to members only. */
bool snoop_bound(bool is_ipv6, uint16_t vlan);

/* 'body' NULL with XVS_DELETE. */
int snoop_put(void *self, enum xvs_setting_op op, const struct xvs_guid *uuid,
              uint32_t port, uint32_t number, const struct xvs_view *view);
/* With all defaults but what the caller changed. */
int snoop_put_switch(void *self, const struct xvs_switch_snooping *body,
                     const char *vlans);
int snoop_put_port(void *self, uint32_t port, uint8_t router);
int snoop_put_static(void *self, enum xvs_setting_op op, uint32_t port,
                     uint32_t number, const char *group, uint16_t vlan);
int snoop_put_filter(void *self, enum xvs_setting_op op, uint32_t port,
                     uint32_t number, const char *groups, uint8_t action);
struct xvs_port_snooping_status snoop_port_status(void *self, uint32_t port);
/* Number of objects of a status class of the switch. */
uint32_t snoop_count(void *self, const struct xvs_guid *uuid);

/* How a message is wrapped. */
struct snoop_wrap {
    bool is_ipv6;
    uint16_t vlan;              /* 0: no tag */
    const char *source;         /* NULL: 192.0.2.9 or fe80::9 */
    const char *destination;    /* NULL: 224.0.0.22 or ff02::16 */
    uint8_t hops;               /* 0: 1 */
    bool no_alert;
    bool wrong_sum;
    uint8_t protocol;           /* 0: IGMP or ICMPv6 */
};

/* A message of one group: type, code, group ("": 0); returns its size. */
size_t snoop_one(uint8_t *body, uint8_t type, uint16_t code,
                 const char *group);
/* A report of 'n' records of a type, each with as many sources; 'group' is
 * the first, its last byte counts up. */
size_t snoop_list(uint8_t *body, bool is_ipv6, uint32_t n, uint8_t record,
                  uint16_t n_sources, const char *group);
/* Makes a frame; returns its size.  'frame' has room for 128 more bytes. */
size_t snoop_wrap(uint8_t *frame, const struct snoop_wrap *wrap,
                  const uint8_t *body, size_t size);
/* Runs a frame through a hook; the drop reason, 0: it passes. */
uint8_t snoop_run(void *self, uint32_t port, bool out, uint8_t *frame,
                  size_t size);

/* What tests mostly want: each is a frame through 'port' in VLAN 0, and what
 * it wakes. */
uint8_t snoop_join(void *self, uint32_t port, const char *group);
uint8_t snoop_leave(void *self, uint32_t port, const char *group);
/* A general query with 1 s for answers, v2 or MLDv1. */
uint8_t snoop_query(void *self, uint32_t port, const char *source);

#endif
