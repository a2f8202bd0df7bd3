/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_ACL_HOST_H
#define XVS_TESTS_ACL_HOST_H

/*
 * Runs the extension acl through its descriptor, as the core does: a host
 * with a clock that the test moves, settings as binary bodies, packets that
 * are made from a few words and parsed by the core's own parser.
 */

#include <stdbool.h>
#include <stdint.h>

#include <xvs/extension.h>

#include "xvs_acl.h"

extern const struct xvs_extension xvs_extension_v1;

/* A rule or packet refused: the sentence, else "". */
extern char acl_refusal[256];
/* Nanoseconds; what host->now() and packets' arrival times are. */
extern _Atomic uint64_t acl_now;
/* What host->timer() asked for, 0: nothing. */
extern uint32_t acl_timer_ms;

/* One instance with ports 1 and 2. */
void *acl_begin(void);
void acl_end(void *self);
/* Frees what was retired: no packet hook may be running. */
void acl_grace(void);

/* Text members NULL: empty.  'number' makes the instance GUID. */
struct acl_test_rule {
    uint32_t port;              /* 0: of the switch */
    uint32_t priority;
    uint8_t direction, action, protocol, stateful;
    uint16_t ethertype;
    uint16_t source_low, source_high, destination_low, destination_high;
    uint32_t idle;
    const char *source, *destination, *source_mac, *destination_mac;
};

int acl_put_rule(void *self, enum xvs_setting_op op, uint32_t number,
                 const struct acl_test_rule *rule);
int acl_delete_rule(void *self, uint32_t port, uint32_t number);
int acl_put_policy(void *self, uint32_t port, uint8_t default_action,
                   uint32_t max_connections);

/* An answer to a query: up to 16 objects of one class. */
struct acl_test_answer {
    uint32_t n;
    struct xvs_guid instances[16];
    char bodies[16][256] __attribute__((aligned(8)));
    uint8_t present[16];
};

int acl_query(void *self, const struct xvs_guid *uuid, uint32_t port,
              struct acl_test_answer *answer);
/* The one object of XVS_AclPortStatus. */
struct xvs_acl_port_status acl_port_status(void *self, uint32_t port);
/* Packets that rule 'number' has counted. */
uint64_t acl_rule_packets(void *self, uint32_t port, uint32_t number);

enum acl_test_kind { TEST_IP, TEST_ARP, TEST_LLDP };

struct acl_test_packet {
    enum acl_test_kind kind;
    uint8_t protocol;
    const char *source, *destination;   /* both v4 or both v6 */
    uint16_t source_port, destination_port; /* ICMP: type, identifier */
    uint8_t tcp_flags;
    uint16_t fragment;          /* as in IPv4: offset / 8, 0x2000: more */
    uint16_t datagram;          /* identification, for fragments */
    uint8_t n_tags;             /* VLAN */
    uint16_t cut;               /* bytes missing at the end */
    const struct acl_test_packet *quoted;   /* in an ICMP error */
    const char *source_mac;     /* last byte of MACs, or NULL */
};

#define TEST_FIN 0x01
#define TEST_SYN 0x02
#define TEST_RST 0x04
#define TEST_ACK 0x10

/* Writes the frame and parses it; 'frame' has 512 bytes. */
void acl_make_packet(struct xvs_packet *packet, uint8_t *frame,
                     const struct acl_test_packet *from);
/* Runs it through a hook of the port; true: it passes. */
bool acl_run(void *self, uint32_t port, bool out,
             const struct acl_test_packet *from);

#endif
