/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ETHERNET_H
#define ETHERNET_H

/*
 * One instance of the extension, on one switch.  It has no packet hooks: what
 * the operator sets becomes policies of the switch itself (xvs/switch.h),
 * which stay in force whatever happens to us.
 *
 *   ethernet.c     life, ports; the descriptor
 *   settings.c     settings from the operator
 *   policies.c     those that a port has one of, made its policy
 *   mirrors.c      the ports that mirrors go to
 *   status.c       addresses and counters, as objects
 *   text.c         text forms of addresses and VLANs
 *   xvs_ethernet.h the schema in C, made by xvs-mofc
 *
 * Everything here belongs to the control thread.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/switch.h>

#define ETHERNET_CLASSES 8u     /* of settings that a port can have one of */
#define ETHERNET_MAC_TEXT 18    /* aa:bb:cc:dd:ee:ff and NUL */

/* A fixed address of a port. */
struct ethernet_static {
    struct ethernet_static *next;
    struct xvs_guid instance;   /* of XVS_StaticAddress */
    uint8_t mac[6];
    uint16_t vlan;
};

struct ethernet_port {
    struct ethernet_port *next;
    uint32_t id;                /* the core's */
    char name[XVS_NAME_SIZE];
    uint32_t has;               /* bit i: it has settings of class i */
    struct xvs_guid instances[ETHERNET_CLASSES];    /* these */
    struct ethernet_static *statics;
    struct xvs_port_policy mirror;  /* its mirror part, if it has one */
    bool is_exclusive;          /* its mirror's target is for it alone */
    char target[XVS_NAME_SIZE]; /* the mirror's */
    uint32_t target_id;         /* in force; XVS_PORT_NONE: it is not */
};

struct ethernet {
    const struct xvs_host *host;
    const struct xvs_switching *switching;
    struct ethernet_port *ports;
    bool has_settings;          /* XVS_SwitchEthernet */
    struct xvs_guid settings;   /* its instance */
};

/* NULL when there is none. */
struct ethernet_port *ethernet_port_find(const struct ethernet *self,
                                         uint32_t id);
struct ethernet_port *ethernet_port_named(const struct ethernet *self,
                                          const char *name);

int ethernet_setting(void *self, const struct xvs_setting *setting,
                     struct xvs_answer *answer);
int ethernet_status(void *self, const struct xvs_query *query,
                    struct xvs_answer *answer);
/* Points mirrors to the ports that have their targets' names now; false: some
 * have no target. */
bool ethernet_aim_mirrors(struct ethernet *self);

/* Both return NULL, or what is wrong with the text. */
const char *ethernet_read_mac(const char *text, uint8_t mac[6]);
const char *ethernet_read_vlans(const char *text,
                                uint8_t vlans[XVS_VLAN_BYTES]);
void ethernet_mac_text(const uint8_t mac[6], char text[ETHERNET_MAC_TEXT]);

#endif
