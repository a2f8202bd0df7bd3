/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The least vhost-user switch there can be: a wire between two sockets, for a
 * lower bound of what a frame costs on this machine.  Not a product: split
 * rings, one descriptor per frame, one pair of rings, and of a guest's input
 * only bounds are checked.
 *
 *     least -a SOCKET -b SOCKET [-c CORE] [-1]
 *
 * Frames go through a pool of its own (two copies), or with -1 from guest to
 * guest (one).  Serves until it is killed, guest after guest.
 */
#include "vhost.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST 32u
#define HEADER 12u /* virtio-net header */
#define FRAME_MAX 2048u
#define STRIDE 2304u /* not a power of two: see guest.h */

struct queue {
    struct vring_desc *descriptors;
    struct vring_avail *avail;
    struct vring_used *used;
    uint32_t size; /* entries */
    uint16_t next; /* index of the next entry that is taken */
    int call;
    bool enabled;
};

struct device {
    const char *path;
    int listener;
    int socket;             /* -1: nobody is connected */
    struct queue queues[2]; /* to the guest, from the guest */
    struct vhost_region regions[VHOST_REGIONS];
    uint8_t *memory[VHOST_REGIONS];
    unsigned int n_regions;
    bool ready;
};

static struct device devices[2];
static bool one_copy;
static uint8_t pool[BURST][STRIDE] __attribute__((aligned(64)));

/* Where 'size' bytes of guest memory are, or NULL. */
static uint8_t *
at_guest(struct device *device, uint64_t address, uint32_t size)
{
    for (unsigned int i = 0; i < device->n_regions; i++) {
        const struct vhost_region *region = &device->regions[i];
        uint64_t offset = address - region->guest;

        if (offset < region->size && region->size - offset >= size) {
            return device->memory[i] + offset;
        }
    }
    return NULL;
}

static void *
at_user(struct device *device, uint64_t address)
{
    for (unsigned int i = 0; i < device->n_regions; i++) {
        if (address - device->regions[i].user < device->regions[i].size) {
            return device->memory[i] + (address - device->regions[i].user);
        }
    }
    return NULL;
}

static void
hang_up(struct device *device)
{
    for (unsigned int i = 0; i < device->n_regions; i++) {
        munmap(device->memory[i] - device->regions[i].offset,
               device->regions[i].size + device->regions[i].offset);
    }
    close(device->socket);
    device->socket = -1;
    device->n_regions = 0;
    device->ready = false;
    memset(device->queues, 0, sizeof device->queues);
}

static void
map_memory(struct device *device, const struct vhost_message *message,
           const int *fds, int n_fds)
{
    device->n_regions = 0;
    for (int i = 0; i < n_fds; i++) {
        struct vhost_region region = message->body.memory.regions[i];
        uint8_t *memory =
            mmap(NULL, region.size + region.offset, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_POPULATE, fds[i], 0);

        if (memory == MAP_FAILED) {
            die("memory of the guest at %s", device->path);
        }
        close(fds[i]);
        device->regions[i] = region;
        device->memory[i] = memory + region.offset;
        device->n_regions = (unsigned int) i + 1;
    }
}

/* Answers a question; false when the message is none. */
static bool
answer(struct device *device, struct vhost_message *message,
       struct queue *queue)
{
    uint64_t number = 0;

    switch (message->request) {
    case VHOST_GET_FEATURES_MESSAGE:
        number = FEATURE_VERSION_1 | FEATURE_PROTOCOL | FEATURE_MERGEABLE;
        break;
    case VHOST_GET_PROTOCOL:
    case VHOST_GET_QUEUES:
        number = 1;
        break;
    case VHOST_GET_RING_BASE:
        number = message->body.state.index | (uint64_t) queue->next << 32;
        queue->enabled = false;
        break;
    default:
        return false;
    }
    message->body.number = number;
    message->size = sizeof number;
    message->flags = 4;
    vhost_send(device->socket, message, -1);
    return true;
}

/* Takes one message; false when the guest has gone. */
static bool
take_message(struct device *device)
{
    struct vhost_message message;
    int fds[VHOST_REGIONS], n_fds;

    if (vhost_receive(device->socket, &message, fds, &n_fds) != 0) {
        return false;
    }
    struct queue *queue = &device->queues[message.body.state.index & 1];
    struct vhost_vring_addr address = message.body.address;
    if (answer(device, &message, queue)) {
        return true;
    }
    switch (message.request) {
    case VHOST_SET_MEMORY:
        map_memory(device, &message, fds, n_fds);
        break;
    case VHOST_SET_RING_SIZE:
        queue->size = message.body.state.num;
        break;
    case VHOST_SET_RING_BASE:
        queue->next = (uint16_t) message.body.state.num;
        break;
    case VHOST_SET_RING_ADDRESS:
        queue->descriptors = at_user(device, address.desc_user_addr);
        queue->avail = at_user(device, address.avail_user_addr);
        queue->used = at_user(device, address.used_user_addr);
        break;
    case VHOST_SET_RING_CALL:
        queue->call = n_fds > 0 ? fds[0] : -1;
        break;
    case VHOST_SET_RING_ENABLE:
        queue->enabled = message.body.state.num != 0;
        break;
    }
    device->ready = device->queues[0].enabled && device->queues[1].enabled
                    && device->queues[0].used && device->queues[1].used;
    for (unsigned int i = 0; device->ready && i < 2; i++) {
        device->queues[i].used->flags = VRING_USED_F_NO_NOTIFY;
    }
    return true;
}

/* Up to 'max' waiting entries: their buffers (NULL: none to use). */
static unsigned int
take(struct device *device, struct queue *queue, unsigned int max,
     uint16_t *ids, uint8_t **buffers, uint32_t *sizes)
{
    const uint32_t mask = queue->size - 1;
    uint16_t end = __atomic_load_n(&queue->avail->idx, __ATOMIC_ACQUIRE);
    unsigned int n = (uint16_t) (end - queue->next);

    n = n < max ? n : max;
    for (unsigned int i = 0; i < n; i++) {
        ids[i] =
            queue->avail->ring[(queue->next + i) & mask] & (uint16_t) mask;
        __builtin_prefetch(&queue->descriptors[ids[i]]);
    }
    for (unsigned int i = 0; i < n; i++) {
        const struct vring_desc *descriptor = &queue->descriptors[ids[i]];

        sizes[i] = descriptor->len;
        buffers[i] = at_guest(device, descriptor->addr, sizes[i]);
        __builtin_prefetch(buffers[i]);
    }
    return n;
}

/* Gives the entries back; one store publishes the burst. */
static void
give(struct queue *queue, const uint16_t *ids, const uint32_t *sizes,
     unsigned int n)
{
    const uint32_t mask = queue->size - 1;
    const uint64_t one = 1;

    for (unsigned int i = 0; i < n; i++) {
        queue->used->ring[(queue->next + i) & mask] =
            (struct vring_used_elem){ids[i], sizes[i]};
    }
    queue->next = (uint16_t) (queue->next + n);
    __atomic_store_n(&queue->used->idx, queue->next, __ATOMIC_RELEASE);
    if (n > 0 && (queue->avail->flags & VRING_AVAIL_F_NO_INTERRUPT) == 0) {
        (void) !write(queue->call, &one, sizeof one);
    }
}

/* Writes frames into the guest's buffers; 'sizes' becomes what was written. */
static void
fill(uint8_t *const *to, uint32_t *room, uint8_t *const *from,
     const uint32_t *sizes, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        if (to[i] == NULL || from[i] == NULL || sizes[i] == 0
            || room[i] < sizes[i]) {
            room[i] = 0;
            continue;
        }
        memset(to[i], 0, HEADER);
        to[i][10] = 1; /* num_buffers */
        memcpy(to[i] + HEADER, from[i] + HEADER, sizes[i] - HEADER);
        room[i] = sizes[i];
    }
}

static void
forward(struct device *source, struct device *target)
{
    static const uint32_t nothing[BURST];
    struct queue *in = &source->queues[1], *out = &target->queues[0];
    uint16_t in_ids[BURST], out_ids[BURST];
    uint32_t sizes[BURST], rooms[BURST];
    uint8_t *frames[BURST], *buffers[BURST];
    unsigned int n = take(source, in, BURST, in_ids, frames, sizes);

    if (n == 0) {
        return;
    }
    for (unsigned int i = 0; i < n; i++) {
        if (frames[i] == NULL || sizes[i] < HEADER + 14
            || sizes[i] > HEADER + FRAME_MAX) {
            sizes[i] = 0;
        } else if (!one_copy) {
            memcpy(pool[i] + HEADER, frames[i] + HEADER, sizes[i] - HEADER);
            frames[i] = pool[i];
        }
    }
    if (!one_copy) {
        give(in, in_ids, nothing, n);
    }
    unsigned int m = take(target, out, n, out_ids, buffers, rooms);
    fill(buffers, rooms, frames, sizes, m);
    give(out, out_ids, rooms, m);
    if (one_copy) {
        give(in, in_ids, nothing, n);
    }
}

/* Looks after both sockets: guests come, talk and go. */
static void
attend(int timeout)
{
    struct pollfd ready[2];

    for (int i = 0; i < 2; i++) {
        ready[i] = (struct pollfd){devices[i].socket < 0 ? devices[i].listener
                                                         : devices[i].socket,
                                   POLLIN, 0};
    }
    if (poll(ready, 2, timeout) <= 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (ready[i].revents == 0) {
            continue;
        }
        if (devices[i].socket < 0) {
            devices[i].socket = accept(devices[i].listener, NULL, NULL);
        } else if (!take_message(&devices[i])) {
            hang_up(&devices[i]);
        }
    }
}

int
main(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "a:b:c:1")) > 0) {
        switch (option) {
        case 'a':
            devices[0].path = optarg;
            break;
        case 'b':
            devices[1].path = optarg;
            break;
        case 'c':
            pin_to(atoi(optarg));
            break;
        case '1':
            one_copy = true;
            break;
        default:
            return 2;
        }
    }
    if (!devices[0].path || !devices[1].path) {
        fprintf(stderr, "usage: least -a SOCKET -b SOCKET [-c CORE] [-1]\n");
        return 2;
    }
    prctl(PR_SET_NAME, "least-worker");
    for (int i = 0; i < 2; i++) {
        devices[i].listener = vhost_listen(devices[i].path);
        devices[i].socket = -1;
    }
    for (;;) {
        bool busy = devices[0].ready && devices[1].ready;

        for (int i = 0; busy && i < 20000; i++) {
            forward(&devices[0], &devices[1]);
            forward(&devices[1], &devices[0]);
        }
        attend(busy ? 0 : 100);
    }
}
