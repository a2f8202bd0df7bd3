/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_GUARD_HOST_H
#define XVS_TESTS_GUARD_HOST_H

/*
 * Runs the extension guard through its descriptor, as the core does: a host
 * with a clock that the test moves, settings as binary bodies, frames that
 * are put together layer by layer and parsed by the core's own parser.
 *
 * Port 1 has the MAC address MAC_A, port 2 MAC_B, port 3 none.
 */

#include <stdint.h>

#include <xvs/extension.h>

#include "guard.h"
#include "xvs_guard.h"

#define MAC_A "\x02\0\0\0\0\x0a"
#define MAC_B "\x02\0\0\0\0\x0b"
#define LOCAL_A "fe80::ff:fe00:a"   /* made of MAC_A */

extern const struct xvs_extension xvs_extension_v1;

/* A setting refused: the sentence, else "".  The last event, or "". */
extern char guard_refusal[256], guard_event[512];
/* Nanoseconds; what host->now() and packets' arrival times are. */
extern _Atomic uint64_t guard_now;

void *guard_begin(void);
void guard_end(void *self);
/* Frees what was retired: no packet hook may be running. */
void guard_grace(void);

/* 'given' has a bit for each property that is not NULL (enum guard_property,
 * and GUARD_PROPERTIES for 'allowed'). */
struct guard_test_settings {
    uint32_t given;
    uint8_t mode, trusted, macs, addresses, dhcp, router, redirects, snooping;
    uint32_t arp_rate;
    const char *allowed;        /* AllowedMacs */
};

/* Port 0: of the switch.  'number' makes the instance GUID. */
int guard_put(void *self, enum xvs_setting_op op, uint32_t port,
              uint32_t number, const struct guard_test_settings *settings);
int guard_put_address(void *self, enum xvs_setting_op op, uint32_t port,
                      uint32_t number, const char *text);

/* The one object of XVS_GuardPortStatus; its texts are in guard_texts. */
struct xvs_guard_port_status guard_port_status(void *self, uint32_t port);
extern char guard_texts[4][300];    /* LastReason, -Mac, -Address; Macs */
/* How many leases the port has; the first in 'text' as "address mac vlan
 * left". */
uint32_t guard_port_leases(void *self, uint32_t port, char text[80]);

/* A frame under construction. */
struct guard_frame {
    uint8_t bytes[1600];
    uint32_t size;
    uint32_t l3, fragment, l4;  /* offsets; 0: none */
};

/* Each call adds a layer; sizes are put right in guard_run(). */
void frame_start(struct guard_frame *frame, const char *mac, uint32_t n_tags);
void frame_put(struct guard_frame *frame, const void *bytes, uint32_t size);
void frame_arp(struct guard_frame *frame, uint8_t operation,
               const char *mac, const char *source, const char *target);
void frame_ipv4(struct guard_frame *frame, const char *source,
                const char *destination, uint8_t protocol);
/* 'next' is the header that follows: an extension's or the last one. */
void frame_ipv6(struct guard_frame *frame, const char *source,
                const char *destination, uint8_t next);
void frame_extension(struct guard_frame *frame, uint8_t next);
/* 'offset' in units of 8 bytes. */
void frame_fragment(struct guard_frame *frame, uint8_t next, uint16_t offset,
                    int more);
void frame_udp(struct guard_frame *frame, uint16_t from, uint16_t to);
/* ICMPv6: type, a target when it has one, and an option with a link-layer
 * address (0: none). */
void frame_icmp6(struct guard_frame *frame, uint8_t type, const char *target,
                 uint8_t option, const char *mac);
/* DHCP; 'type' 0: no options. */
void frame_dhcp(struct guard_frame *frame, uint8_t operation, uint8_t type,
                uint32_t number, const char *mac, const char *given,
                uint32_t seconds);

/* Through the hook: what it is dropped for, GUARD_PASS when it passes. */
enum guard_reason guard_run(void *self, uint32_t port,
                            struct guard_frame *frame);

#endif
