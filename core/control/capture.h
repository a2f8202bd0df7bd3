/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_CAPTURE_H
#define XVS_CONTROL_CAPTURE_H

/*
 * Bodies of the messages with which one looks at packets on their way: what
 * a session is to see, and the records of what it saw.  Part of
 * control/message.h, which includes it.
 */

#include <stdint.h>
#include <xvs/extension.h>

/* Where packets can be looked at; a bit each in control_point.mask. */
enum control_points {
    TAP_RX = 0,                 /* as it came from its port */
    TAP_INGRESS_BEFORE = 1,     /* a stage's ingress hook */
    TAP_INGRESS_AFTER = 2,
    TAP_FORWARD = 3,            /* its way out is chosen */
    TAP_EGRESS_BEFORE = 4,      /* a stage's egress hook */
    TAP_EGRESS_AFTER = 5,
    TAP_TX = 6,                 /* handed to its port */
    TAP_POINTS
};

/* What became of a packet at a point. */
enum control_fate {
    FATE_PASSED = 0,
    FATE_DROPPED = 1,           /* by the stage, for its 'reason' */
    FATE_BROKEN = 2,            /* because the stage broke a rule */
    FATE_LEARNED = 3,           /* goes where its address was seen */
    FATE_FLOODED = 4,           /* goes everywhere */
    FATE_CHOSEN = 5,            /* goes where a forwarder wants it */
    FATE_NO_WAY = 6,            /* dropped: there is no way for it */
    FATE_SENT = 7,
    FATE_REFUSED = 8,           /* dropped: the port did not take it */
    FATE_NO_PORT = 9,           /* dropped: the port's interface is gone */
    FATE_POLICY = 10,           /* dropped by a policy: enum control_policy */
    FATE_QUEUED = 11,           /* waits in a queue of the port */
    FATE_END
};

/* The policy that a packet was dropped by. */
enum control_policy {
    POLICY_UNKNOWN = 0,         /* one of several */
    POLICY_VLAN, POLICY_ISOLATION, POLICY_BROADCAST, POLICY_MULTICAST,
    POLICY_FLOOD, POLICY_RATE_IN, POLICY_RATE_OUT, POLICY_ADDRESSES,
    POLICY_SPOOFED, POLICY_LOOP, POLICY_MEMBERS, POLICY_ENTRY,
    POLICY_QUEUES,
    POLICY_BUFFERS,
    POLICY_END
};

#define CAPTURE_FOLLOW 0x1u     /* control_capture.flags: see tap/tap.h */
#define CAPTURE_POINTS 32u      /* of a session, at most */
#define CAPTURE_PROGRAM 4096u   /* instructions of a filter, at most */
#define CAPTURE_IDLE_MS 10000u  /* a session that nobody reads ends */
#define CAPTURE_WAIT_MS 10000u  /* a read waits no longer */
#define CAPTURE_CHUNK (256u << 10)  /* bytes of records in an answer */

/* Followed by its points, then the filter's instructions. */
struct control_capture {
    uint32_t switch_id;
    uint32_t port_id;           /* XVS_PORT_NONE: any */
    uint32_t snap;              /* bytes of each frame; 0: all */
    uint32_t flags;             /* CAPTURE_... */
    uint64_t limit;             /* records, or packets followed; 0: none */
    uint32_t n_points;          /* 0: all points */
    uint32_t n_instructions;    /* 0: all packets */
};

struct control_point {
    struct xvs_guid extension;  /* zero: any, or none */
    uint32_t mask;              /* 1 << enum control_points, each */
    uint32_t reserved;
};

/* Of the classic BPF machine. */
struct control_instruction {
    uint16_t code;
    uint8_t jump_true, jump_false;
    uint32_t operand;
};

struct control_session {
    uint32_t session;           /* number; 0: none */
    uint32_t wait_ms;           /* CAPTURE_READ: for the first record */
};

struct control_captured {
    uint64_t records;           /* made so far */
    uint64_t lost;              /* that there was no room for */
    uint32_t ended;             /* 1: no more will come */
    uint32_t size;              /* bytes of records that follow */
};

/* A record: what happened to a packet at a point.  'size' bytes of the frame
 * follow, 8-aligned. */
struct control_tap {
    uint64_t time;              /* nanoseconds since 1970 */
    uint64_t serial;            /* of the packet, the same at all points */
    uint32_t length;            /* of the frame */
    uint32_t size;              /* bytes of it that follow */
    uint32_t in_port, out_port; /* XVS_PORT_NONE: none (yet) */
    uint32_t spent;             /* in the stage's hook, nanoseconds */
    uint32_t burst;             /* packets that went through it together */
    struct xvs_guid extension;  /* of the stage, or zero */
    uint8_t point;              /* enum control_points */
    uint8_t fate;               /* enum control_fate */
    uint8_t reason;             /* of a drop */
    uint8_t offload;            /* XVS_OFFLOAD_... */
    uint16_t gso_size;          /* of a super frame */
    uint8_t gso_type;           /* enum xvs_gso */
    uint8_t reserved;
};

#endif
