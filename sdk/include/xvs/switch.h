/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_H
#define XVS_SWITCH_H

/*
 * What an extension can tell the switch about Ethernet: policies of ports and
 * of the switch, and addresses.  The switch carries them out on the packet
 * path by itself; they stay in force when the extension hangs, and are taken
 * back when it is disabled.
 *
 *     packet in:   policy (VLAN, mark, storm, rate) -> ingress chain
 *                  -> learning
 *     packet out:  egress chain -> policy (VLAN, rate, queues) -> port
 *
 * Every part of a policy, every fixed address and every group belongs to the
 * extension that gave it first; another one's change is XVS_NOT_ACCEPTED.
 * Results are those of enum xvs_result: XVS_INVALID_PARAMETER for a port that
 * is not there or a value out of range.  A port is there when the settings
 * of it come, but not yet in port().
 *
 * All calls may be made on any thread but a packet worker's.  Get the table
 * with xvs_switching(host): it is NULL where there is no switch.
 *
 * A VLAN is 1 to 4094; 0 stands for frames without a tag, and for those with
 * a priority tag.
 */

#include <xvs/extension.h>

#define XVS_VLAN_BYTES 512      /* a bit for each of 4096 VLANs */
#define XVS_GROUP_PORTS 1024u   /* of a multicast group, at most */

/* Parts of a port's policy.  What is not set does nothing. */
#define XVS_POLICY_VLAN 0x01u       /* vlan_mode, vlan, trunk */
#define XVS_POLICY_ISOLATION 0x02u  /* XVS_PORT_ISOLATED */
#define XVS_POLICY_LEARNING 0x04u   /* _NO_LEARN, _SECURE, max_addresses */
#define XVS_POLICY_FLOOD 0x08u      /* _NO_UNKNOWN, _HAIRPIN */
#define XVS_POLICY_STORM 0x10u      /* storm, storm_bits */
#define XVS_POLICY_RATE 0x20u       /* in, out, guarantee */
#define XVS_POLICY_MIRROR 0x40u     /* mirror_... */
#define XVS_POLICY_MULTICAST 0x80u  /* _ALL_MULTICAST */
#define XVS_POLICY_TARGET 0x100u    /* _MIRROR_ONLY */
#define XVS_POLICY_QUEUES 0x200u    /* shape, n_queues, queue_of,
                                     * priority_of, queues */
#define XVS_POLICY_MARK 0x400u      /* mark_... */

/* Bits of 'flags'. */
#define XVS_PORT_ISOLATED 0x01u     /* no frames to and from other such */
#define XVS_PORT_NO_LEARN 0x02u     /* only fixed addresses are known here */
#define XVS_PORT_SECURE 0x04u       /* drops from sources not known here:
                                     * one too many, or NO_LEARN */
#define XVS_PORT_NO_UNKNOWN 0x08u   /* gets no unknown unicast */
#define XVS_PORT_HAIRPIN 0x10u      /* gets its own frames back, if need be */
#define XVS_PORT_ALL_MULTICAST 0x20u    /* a router is there */
#define XVS_PORT_MIRROR_ONLY 0x40u  /* gets and gives mirrored frames only */

enum xvs_vlan_mode {
    XVS_VLAN_HYBRID = 0,        /* all frames as they are */
    XVS_VLAN_ACCESS = 1,        /* untagged there, in 'vlan' here */
    XVS_VLAN_TRUNK = 2          /* those in 'trunk'; 'vlan' is untagged there
                                 * (0: untagged frames are in VLAN 0) */
};

enum xvs_storm { XVS_STORM_BROADCAST, XVS_STORM_MULTICAST, XVS_STORM_UNKNOWN,
                 XVS_STORM_KINDS };

/* A limit; what is above it is dropped. */
struct xvs_rate {
    uint64_t bits;              /* a second; 0: no limit */
    uint32_t burst;             /* bytes at once; 0: 50 ms, 128 KiB at least */
    uint32_t reserved;
};

#define XVS_QUEUES 8u           /* of a port, at most */
#define XVS_PRIORITIES 8u       /* of 802.1p */
#define XVS_DSCPS 64u           /* of IP */

/* A queue of a port.  Strict ones go first, the one with the highest number
 * before all others; the rest share what these leave by their weights. */
struct xvs_queue {
    uint32_t weight;            /* 1 to XVS_WEIGHT_MAX; 0: strict */
    uint32_t packets;           /* that wait, at most; 0: 512 */
    uint32_t bytes;             /* that wait, at most; 0: 1 MiB */
    uint32_t reserved;
    struct xvs_rate max;        /* what is above it waits; burst 0: 10 ms,
                                 * 16 KiB at least */
};

#define XVS_WEIGHT_MAX 1000u
#define XVS_QUEUE_PACKETS_MAX 8192u

/* Which priority a frame from the port has. */
enum xvs_mark {
    XVS_MARK_TRUST = 0,         /* that of its tag; without one, of its DSCP
                                 * as the port that it leaves by says */
    XVS_MARK_OVERRIDE = 1,      /* mark_priority */
    XVS_MARK_DSCP = 2           /* mark_of its DSCP; no IP: mark_priority */
};

/* Bits of mirror_directions. */
#define XVS_MIRROR_IN 1u        /* as it came, before everything else */
#define XVS_MIRROR_OUT 2u       /* as it left, behind everything else */

struct xvs_port_policy {
    uint32_t size;              /* of this struct */
    uint32_t flags;             /* XVS_PORT_... */
    uint16_t vlan_mode;         /* enum xvs_vlan_mode */
    uint16_t vlan;              /* access or native VLAN */
    uint8_t trunk[XVS_VLAN_BYTES];  /* bit v % 8 of byte v / 8 */
    uint32_t max_addresses;     /* learned here at once; 0: no limit */
    uint32_t storm[XVS_STORM_KINDS];    /* frames a second; 0: no limit */
    struct xvs_rate in, out;    /* from the port, to the port */
    struct xvs_rate guarantee;  /* of 'in': what a full 'out' of another
                                 * port lets pass all the same */
    uint32_t mirror_port;       /* of the same switch */
    uint16_t mirror_directions; /* XVS_MIRROR_... */
    uint16_t mirror_vlan;       /* only that VLAN; 0: all */
    /* Since 'size' tells of it: bits a second beside 'storm'; 0: no limit. */
    uint64_t storm_bits[XVS_STORM_KINDS];
    struct xvs_rate shape;      /* of the port; what is above it waits in the
                                 * queues; burst as in struct xvs_queue */
    uint16_t n_queues;          /* 1 to XVS_QUEUES */
    uint8_t mark_mode;          /* enum xvs_mark */
    uint8_t mark_priority;      /* 0 to 7 */
    uint32_t reserved;
    uint8_t queue_of[XVS_PRIORITIES];   /* a priority's queue, from 0 */
    uint8_t priority_of[XVS_DSCPS];     /* of frames without a tag */
    uint8_t mark_of[XVS_DSCPS];         /* priority of a DSCP */
    struct xvs_queue queues[XVS_QUEUES];
};

/* Parts of the switch's policy. */
#define XVS_SWITCH_AGEING 0x01u     /* ageing */
#define XVS_SWITCH_LOOP 0x02u       /* loop_... */
#define XVS_SWITCH_MULTICAST 0x04u  /* members_only */

struct xvs_switch_policy {
    uint32_t size;              /* of this struct */
    uint32_t ageing;            /* seconds; default 300 */
    uint32_t loop_moves;        /* addresses that move to a port within a
                                 * second before a loop is looked for;
                                 * default 32, 0: loops are not looked for */
    uint32_t loop_seconds;      /* how long a looped port is blocked; 30 */
    /* VLANs in which a frame to a multicast address that is no group goes to
     * ports with XVS_PORT_ALL_MULTICAST only: of IPv4 (01-00-5E), of IPv6
     * (33-33).  All others go to all ports, and so do the addresses that
     * hosts must always get: 01-00-5E-00-00-xx, 33-33-00-00-00-xx and
     * 33-33-FF-xx-xx-xx. */
    uint8_t members_only[2][XVS_VLAN_BYTES];
};

#define XVS_ADDRESS_FIXED 1u    /* given by an extension */
#define XVS_ADDRESS_GROUP 2u    /* multicast; one entry for each port */

/* An address that the switch knows. */
struct xvs_address {
    uint8_t mac[6];
    uint16_t vlan;
    uint32_t port_id;
    uint32_t age;               /* seconds since it was seen; fixed: 0 */
    uint32_t flags;             /* XVS_ADDRESS_... */
    uint32_t reserved;
};

/* Frames that policies dropped at a port. */
struct xvs_port_drops {
    uint32_t size;              /* of this struct */
    uint32_t addresses;         /* learned here at this moment */
    uint64_t vlan;              /* not in the port's VLANs */
    uint64_t isolation;
    uint64_t storm[XVS_STORM_KINDS];
    uint64_t rate_in, rate_out;
    uint64_t address_limit;     /* from a source that is not known here */
    uint64_t spoofed;           /* from a source that is fixed elsewhere */
    uint64_t loop;              /* while blocked */
    uint64_t multicast;         /* for members only, and there are none */
    uint64_t moves;             /* addresses that came from another port */
    uint64_t loops;             /* how often it was blocked */
    uint64_t queues;            /* that found no room in its queues */
};

/* What happened in a queue so far.  Frames that came are those that were sent,
 * dropped, or wait. */
struct xvs_queue_state {
    uint64_t packets, bytes;    /* sent */
    uint64_t full;              /* dropped: the queue was full */
    uint64_t shortage;          /* dropped: the switch had no buffers for it */
    uint64_t discarded;         /* dropped: the port could not send them any
                                 * more */
    uint64_t depth_bytes;       /* that wait now */
    uint32_t depth, deepest;    /* packets that wait, now and at most */
};

struct xvs_queue_states {
    uint32_t size;              /* of this struct */
    uint32_t n_queues;          /* 0: the port has none */
    uint64_t tokens;            /* bytes that the port may send at once, when
                                 * it last looked; 0 without 'shape' */
    uint64_t waits;             /* how often it had to wait for them */
    uint64_t removed;           /* that waited at ports which were deleted
                                 * from the switch, so far */
    struct xvs_queue_state queues[XVS_QUEUES];
};

/*
 * Flows: what the switch counts for an extension that asks for it, one for
 * each switch.  All workers count by themselves; what they counted is taken
 * every 'interval', all of it, so that numbers are of that time only, and a
 * flow that several workers see comes once from each of them.
 */
struct xvs_flow_wish {
    uint32_t size;              /* of this struct */
    uint32_t interval;          /* ms, 100 to 60000 */
    uint32_t flows;             /* of one worker in an interval; 256 to
                                 * 1048576, and a power of 2 */
    uint32_t sampling;          /* beginnings of 1 in so many packets are
                                 * kept (struct xvs_sample); 0: of none */
};

struct xvs_flow {
    /* What makes it a flow; all in host order but addresses. */
    uint8_t source[16], destination[16];    /* of IP; without IP, MAC */
    uint32_t in_port, out_port; /* out: XVS_PORT_NONE to several */
    uint16_t source_port, destination_port; /* of ICMP: 0, type << 8 | code */
    uint16_t ethertype;
    uint16_t vlan;              /* 0: no tag */
    uint8_t ip_version;         /* 4, 6; 0: no IP */
    uint8_t protocol, tos;
    uint8_t tcp_flags;          /* all that were seen; of no flow's name */
    uint32_t reserved;
    /* What was counted; frames as on a wire, when the sender cuts them. */
    uint64_t packets;
    uint64_t bytes;             /* of IP, with its header; else of frames */
    uint64_t frame_bytes;       /* from the Ethernet header on */
    uint64_t first, last;       /* ns, as host->now() */
};

#define XVS_SAMPLE_SIZE 128u

/* The beginning of a frame. */
struct xvs_sample {
    uint32_t in_port, out_port; /* as of a flow */
    uint32_t total;             /* bytes of the frame */
    uint32_t size;              /* of 'bytes' that are there */
    uint64_t seen;              /* packets that could have been sampled before,
                                 * by the same worker */
    uint8_t bytes[XVS_SAMPLE_SIZE];
};

/* Of an interval that was taken. */
struct xvs_flow_counts {
    uint32_t size;              /* of this struct */
    uint32_t n_samples;         /* there are */
    uint64_t packets;           /* all that were seen */
    uint64_t missed, missed_bytes;  /* of these, those of no flow, because
                                 * there was no room for one more */
    uint64_t missed_samples;
};

/* What a port has carried so far. */
struct xvs_port_counters {
    uint32_t size, reserved;    /* of this struct */
    uint64_t rx_packets, rx_bytes, rx_dropped;
    uint64_t tx_packets, tx_bytes, tx_dropped;
};

struct xvs_switching {
    uint32_t size, reserved;    /* of this struct */
    /* Sets these parts as 'policy' says; NULL gives them up. */
    int (*port_policy)(const struct xvs_host *host, uint32_t port_id,
                       uint32_t parts, const struct xvs_port_policy *policy);
    /* The same for parts of the switch's policy. */
    int (*switch_policy)(const struct xvs_host *host, uint32_t parts,
                         const struct xvs_switch_policy *policy);
    /* Fixes a unicast address: it is at that port, and nowhere else.
     * XVS_PORT_NONE gives it up. */
    int (*address)(const struct xvs_host *host, const uint8_t *mac,
                   uint16_t vlan, uint32_t port_id);
    /* Leads frames to a multicast address to these ports (but never back) and
     * to ports with XVS_PORT_ALL_MULTICAST.  All ports of the group at once;
     * NULL gives it up, none at all is an empty group.  Ports that are
     * deleted leave it. */
    int (*group)(const struct xvs_host *host, const uint8_t *mac,
                 uint16_t vlan, const uint32_t *port_ids, uint32_t n);
    /* Reads up to 'n' addresses from *position on, which starts at 0; returns
     * how many.  0: that was all. */
    uint32_t (*addresses)(const struct xvs_host *host, uint64_t *position,
                          struct xvs_address *out, uint32_t n);
    /* Tells what policies dropped at a port; drops->size says how much is
     * wanted. */
    int (*port_drops)(const struct xvs_host *host, uint32_t port_id,
                      struct xvs_port_drops *drops);
    /* Tells how the queues of a port do; queues->size says how much is
     * wanted.  Ask only where the table's size tells that it is there. */
    int (*port_queues)(const struct xvs_host *host, uint32_t port_id,
                       struct xvs_queue_states *queues);
    /* Since version 1.4: counts flows from now on; NULL ends it. */
    int (*flows)(const struct xvs_host *host,
                 const struct xvs_flow_wish *wish);
    /*
     * Since version 1.4: takes up to 'n' flows of the last interval; returns
     * how many.  0: there are no more for now, and then 'counts', unless NULL,
     * has the rest of the interval that ended with this; counts->packets is 0
     * when none did.
     */
    uint32_t (*take_flows)(const struct xvs_host *host, struct xvs_flow *out,
                           uint32_t n, struct xvs_flow_counts *counts);
    /* Since version 1.4: takes samples in the same way; take them before the
     * last of the flows. */
    uint32_t (*take_samples)(const struct xvs_host *host,
                             struct xvs_sample *out, uint32_t n);
    /* Since version 1.4: tells what a port has carried; counters->size says
     * how much is wanted. */
    int (*port_counters)(const struct xvs_host *host, uint32_t port_id,
                         struct xvs_port_counters *counters);
};

static inline const struct xvs_switching *
xvs_switching(const struct xvs_host *host)
{
    return host->size >= offsetof(struct xvs_host, switching)
            + sizeof(host->switching) ? host->switching : NULL;
}

#endif
