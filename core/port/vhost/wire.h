/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_WIRE_H
#define XVS_PORT_VHOST_WIRE_H

/*
 * The vhost-user protocol's numbers and structures, as QEMU's document
 * "vhost-user" defines them.  Both ends are on one host: host byte order.
 */

#include <stdint.h>

enum wire_request {
    WIRE_GET_FEATURES = 1, WIRE_SET_FEATURES = 2, WIRE_SET_OWNER = 3,
    WIRE_RESET_OWNER = 4, WIRE_SET_MEM_TABLE = 5, WIRE_SET_LOG_BASE = 6,
    WIRE_SET_LOG_FD = 7, WIRE_SET_VRING_NUM = 8, WIRE_SET_VRING_ADDR = 9,
    WIRE_SET_VRING_BASE = 10, WIRE_GET_VRING_BASE = 11,
    WIRE_SET_VRING_KICK = 12, WIRE_SET_VRING_CALL = 13,
    WIRE_SET_VRING_ERR = 14, WIRE_GET_PROTOCOL_FEATURES = 15,
    WIRE_SET_PROTOCOL_FEATURES = 16, WIRE_GET_QUEUE_NUM = 17,
    WIRE_SET_VRING_ENABLE = 18, WIRE_SEND_RARP = 19, WIRE_NET_SET_MTU = 20,
    WIRE_GET_INFLIGHT_FD = 31, WIRE_SET_INFLIGHT_FD = 32,
    WIRE_RESET_DEVICE = 34, WIRE_GET_MAX_MEM_SLOTS = 36,
    WIRE_ADD_MEM_REG = 37, WIRE_REM_MEM_REG = 38,
    WIRE_SET_STATUS = 39, WIRE_GET_STATUS = 40,
    WIRE_REQUESTS
};

/* Protocol features. */
#define WIRE_F_MQ (1u << 0)
#define WIRE_F_LOG_SHMFD (1u << 1)
#define WIRE_F_RARP (1u << 2)
#define WIRE_F_REPLY_ACK (1u << 3)
#define WIRE_F_MTU (1u << 4)
#define WIRE_F_INFLIGHT (1u << 12)
#define WIRE_F_RESET_DEVICE (1u << 13)
#define WIRE_F_MEM_SLOTS (1u << 15)
#define WIRE_F_STATUS (1u << 16)

/* Bits of a header's flags. */
#define WIRE_VERSION 0x1u
#define WIRE_VERSION_MASK 0x3u
#define WIRE_REPLY 0x4u
#define WIRE_NEED_REPLY 0x8u

#define WIRE_FDS 8u             /* descriptors in one message, at most */
#define WIRE_TABLE 8u           /* regions in one message, at most */

struct wire_header {
    uint32_t request;           /* enum wire_request */
    uint32_t flags;
    uint32_t size;              /* of what follows */
};

struct wire_state {
    uint32_t index;             /* of the ring */
    uint32_t number;
};

#define WIRE_RING_LOG 1u        /* flags: writes to the used ring are logged */

struct wire_address {
    uint32_t index;             /* of the ring */
    uint32_t flags;
    uint64_t desc, used, avail; /* in the front end's address space */
    uint64_t log;               /* the used ring's, in the guest's */
};

struct wire_region {
    uint64_t guest;             /* address for the guest */
    uint64_t size;
    uint64_t user;              /* address for the front end */
    uint64_t offset;            /* in the file */
};

#define WIRE_RING_MASK 0xffu    /* of a ring's number with a descriptor */
#define WIRE_NO_FD 0x100u       /* beside it: there is no descriptor */

union wire_body {
    uint64_t number;
    struct wire_state state;
    struct wire_address address;
    struct {
        uint32_t n, padding;
        struct wire_region regions[WIRE_TABLE];
    } table;
    struct {
        uint64_t padding;
        struct wire_region region;
    } slot;
    struct {
        uint64_t size, offset;
    } log;
    struct {
        uint64_t size, offset;
        uint16_t n_queues, queue_size;
    } inflight;
};

#endif
