/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_VHOST_H
#define BENCH_VHOST_H

/*
 * What both ends of vhost-user have in common: messages and how they travel.
 * The bench has both ends of its own, without DPDK and without a line of the
 * switch that is measured: guests that cost little (guest.c) and the least
 * switch there can be (least.c).
 */

#include <linux/vhost.h>
#include <linux/virtio_ring.h>
#include <stdint.h>

#define VHOST_REGIONS 8

enum vhost_request {
    VHOST_GET_FEATURES_MESSAGE = 1,
    VHOST_SET_FEATURES_MESSAGE = 2,
    VHOST_SET_OWNER_MESSAGE = 3,
    VHOST_SET_MEMORY = 5,
    VHOST_SET_RING_SIZE = 8,
    VHOST_SET_RING_ADDRESS = 9,
    VHOST_SET_RING_BASE = 10,
    VHOST_GET_RING_BASE = 11,
    VHOST_SET_RING_KICK = 12,
    VHOST_SET_RING_CALL = 13,
    VHOST_GET_PROTOCOL = 15,
    VHOST_SET_PROTOCOL = 16,
    VHOST_GET_QUEUES = 17,
    VHOST_SET_RING_ENABLE = 18,
};

#define FEATURE_MERGEABLE (1ull << 15)
#define FEATURE_PROTOCOL (1ull << 30)
#define FEATURE_VERSION_1 (1ull << 32)

struct vhost_region {
    uint64_t guest; /* physical address in the guest */
    uint64_t size;
    uint64_t user;   /* address in the front end's process */
    uint64_t offset; /* in the file that comes along */
};

struct vhost_message {
    uint32_t request;
    uint32_t flags; /* version 1; 4: an answer */
    uint32_t size;  /* of what follows */
    union {
        uint64_t number;
        struct vhost_vring_state state;
        struct vhost_vring_addr address;
        struct {
            uint32_t n_regions;
            uint32_t padding;
            struct vhost_region regions[VHOST_REGIONS];
        } memory;
    } body;
} __attribute__((packed));

#define VHOST_HEAD 12u

/* Print what is wrong, with errno, and end the program. */
void die(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* Sends a message, and a descriptor unless 'fd' is -1. */
void vhost_send(int socket, struct vhost_message *message, int fd);

/* Receives one, and up to VHOST_REGIONS descriptors; how many in 'n_fds'.
 * Returns 0, or -1 when the other end has gone or talks nonsense. */
int vhost_receive(int socket, struct vhost_message *message, int *fds,
                  int *n_fds);

/* A listening socket at 'path', replacing what is there. */
int vhost_listen(const char *path);

/* Connects to 'path', waiting up to 5 s for somebody who listens. */
int vhost_connect(const char *path);

void pin_to(int core); /* this thread; -1: anywhere */

#endif
