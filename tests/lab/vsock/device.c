/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The other end of QEMU's vhost-user-vsock-device.
 */

#include "vsock.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Requests of vhost-user that something is done for. */
enum {
    GET_FEATURES = 1, SET_MEMORY = 5, SET_SIZE = 8, SET_ADDRESSES = 9,
    SET_BASE = 10, GET_BASE = 11, SET_KICK = 12, SET_CALL = 13, SET_ERROR = 14,
    GET_PROTOCOL = 15, GET_QUEUES = 17, SET_ENABLED = 18, GET_CONFIG = 24
};

#define F_PROTOCOL 30
#define PROTOCOL_REPLY 3
#define PROTOCOL_CONFIG 9
#define FLAG_REPLY 5u           /* version 1, and an answer */
#define FLAG_NEED_REPLY 8u

struct message {
    uint32_t request, flags, size;
    union {
        uint64_t number;
        struct {
            uint32_t index, value;
        } state;
        struct {
            uint32_t index, flags;
            uint64_t desc, used, avail, log;
        } ring;
        struct {
            uint32_t n, pad;
            struct {
                uint64_t guest, size, user, offset;
            } regions[8];
        } memory;
        struct {
            uint32_t offset, size, flags;
            uint8_t bytes[256];
        } config;
        uint8_t raw[1024];
    } u;
} __attribute__((packed));

void *
device_memory(const struct device *device, uint64_t at, uint64_t size)
{
    for (unsigned i = 0; i < device->n_regions; i++) {
        const struct region *one = &device->regions[i];

        if (at >= one->guest && at - one->guest <= one->size
            && size <= one->size - (at - one->guest)) {
            return (char *) one->map + one->offset + (at - one->guest);
        }
    }
    return NULL;
}

/* By its address in QEMU. */
static void *
user_memory(const struct device *device, uint64_t at)
{
    for (unsigned i = 0; i < device->n_regions; i++) {
        const struct region *one = &device->regions[i];

        if (at >= one->user && at - one->user < one->size) {
            return (char *) one->map + one->offset + (at - one->user);
        }
    }
    return NULL;
}

static void
unmap_all(struct device *device)
{
    for (unsigned i = 0; i < device->n_regions; i++) {
        munmap(device->regions[i].map,
               device->regions[i].size + device->regions[i].offset);
    }
    device->n_regions = 0;
}

static void
map_all(struct device *device, const struct message *message,
        const int fds[8])
{
    unmap_all(device);
    for (unsigned i = 0; i < message->u.memory.n && i < 8; i++) {
        struct region *one = &device->regions[device->n_regions];

        one->guest = message->u.memory.regions[i].guest;
        one->size = message->u.memory.regions[i].size;
        one->user = message->u.memory.regions[i].user;
        one->offset = message->u.memory.regions[i].offset;
        one->map = mmap(NULL, one->size + one->offset,
                        PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], 0);
        close(fds[i]);
        device->n_regions += one->map != MAP_FAILED;
    }
}

static void
stop_ring(struct device *device, struct ring *ring)
{
    if (ring->kick >= 0) {
        watch(device, EPOLL_CTL_DEL, ring->kick, 0, 0);
        close(ring->kick);
        ring->kick = -1;
    }
    ring->desc = NULL;
}

void
device_reset(struct device *device)
{
    for (int i = 0; i < 2; i++) {
        stop_ring(device, &device->rings[i]);
        if (device->rings[i].call >= 0) {
            close(device->rings[i].call);
        }
        device->rings[i] = (struct ring) { .kick = -1, .call = -1 };
    }
    unmap_all(device);
    streams_end(device);
}

static void
answer(struct device *device, struct message *message, uint32_t size)
{
    message->flags = FLAG_REPLY;
    message->size = size;
    if (send(device->front, message, 12 + size, MSG_NOSIGNAL) < 0) {
        perror("vsock: answer");
    }
}

static void
answer_number(struct device *device, struct message *message,
              uint64_t number)
{
    message->u.number = number;
    answer(device, message, 8);
}

static void
set_descriptor(struct device *device, const struct message *message, int fd)
{
    int i = (int) (message->u.number & 1);
    struct ring *ring = &device->rings[i];

    if (message->request == SET_KICK) {
        if (ring->kick >= 0) {
            watch(device, EPOLL_CTL_DEL, ring->kick, 0, 0);
            close(ring->kick);
        }
        ring->kick = fd;
        watch(device, EPOLL_CTL_ADD, fd, EPOLLIN,
              i ? TAG_FROM_GUEST : TAG_TO_GUEST);
    } else if (message->request == SET_CALL) {
        if (ring->call >= 0) {
            close(ring->call);
        }
        ring->call = fd;
    } else if (fd >= 0) {
        close(fd);
    }
}

/* Questions; false: it is none. */
static bool
ask(struct device *device, struct message *message)
{
    struct ring *ring = &device->rings[message->u.state.index & 1];

    switch (message->request) {
    case GET_FEATURES:
        answer_number(device, message, UINT64_C(1) << VIRTIO_F_VERSION_1
                      | UINT64_C(1) << F_PROTOCOL);
        return true;
    case GET_PROTOCOL:
        answer_number(device, message,
                      1u << PROTOCOL_REPLY | 1u << PROTOCOL_CONFIG);
        return true;
    case GET_QUEUES:
        answer_number(device, message, 2);
        return true;
    case GET_CONFIG:
        if (message->u.config.offset == 0 && message->u.config.size <= 8) {
            memcpy(message->u.config.bytes, &device->cid,
                   message->u.config.size);
        }
        answer(device, message, message->size);
        return true;
    case GET_BASE:
        message->u.state.value = ring->last;
        stop_ring(device, ring);
        answer(device, message, 8);
        streams_end(device);
        return true;
    default:
        return false;
    }
}

static void
change(struct device *device, const struct message *message,
       const int fds[8])
{
    struct ring *ring = &device->rings[message->u.state.index & 1];

    switch (message->request) {
    case SET_MEMORY:
        map_all(device, message, fds);
        break;
    case SET_SIZE:
        ring->n = message->u.state.value;
        break;
    case SET_ADDRESSES:
        ring->desc = user_memory(device, message->u.ring.desc);
        ring->used = user_memory(device, message->u.ring.used);
        ring->avail = user_memory(device, message->u.ring.avail);
        break;
    case SET_BASE:
        ring->last = (uint16_t) message->u.state.value;
        break;
    case SET_KICK: case SET_CALL: case SET_ERROR:
        set_descriptor(device, message, fds[0]);
        break;
    case SET_ENABLED:
        ring->enabled = message->u.state.value;
        streams_to_guest(device);
        streams_from_guest(device);
        break;
    default:
        break;
    }
}

/* False: QEMU has gone. */
static bool
receive(struct device *device, struct message *message, int fds[8])
{
    char space[CMSG_SPACE(8 * sizeof(int))];
    struct iovec head = { message, 12 };
    struct msghdr header = { .msg_iov = &head, .msg_iovlen = 1,
                             .msg_control = space,
                             .msg_controllen = sizeof(space) };
    struct cmsghdr *control;

    if (recvmsg(device->front, &header, MSG_CMSG_CLOEXEC) != 12) {
        return false;
    }
    for (control = CMSG_FIRSTHDR(&header); control;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_type == SCM_RIGHTS) {
            memcpy(fds, CMSG_DATA(control),
                   control->cmsg_len - CMSG_LEN(0));
        }
    }
    return message->size <= sizeof(message->u.raw)
        && (message->size == 0
            || recv(device->front, message->u.raw, message->size,
                    MSG_WAITALL) == (ssize_t) message->size);
}

bool
device_message(struct device *device)
{
    struct message message = { .size = 0 };
    int fds[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };

    if (!receive(device, &message, fds)) {
        return false;
    }
    if (!ask(device, &message)) {
        change(device, &message, fds);
        if (message.flags & FLAG_NEED_REPLY) {
            answer_number(device, &message, 0);
        }
    }
    return true;
}
