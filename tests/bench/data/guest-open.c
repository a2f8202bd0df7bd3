/* SPDX-License-Identifier: BSD-3-Clause */
/* How a guest's card comes up: memory, rings, and telling the switch. */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEGABYTE (1u << 20)
#define RING_ROOM (256u << 10) /* for the three parts of a ring */
#define PAGE 4096u

static void
send_number(struct guest *guest, unsigned int request, uint64_t value, int fd)
{
    struct vhost_message message = {
        .request = request, .size = sizeof value, .body.number = value};

    vhost_send(guest->socket, &message, fd);
}

static uint64_t
ask_number(struct guest *guest, unsigned int request)
{
    struct vhost_message message = {.request = request};
    int fds[VHOST_REGIONS], n_fds;

    vhost_send(guest->socket, &message, -1);
    if (vhost_receive(guest->socket, &message, fds, &n_fds) != 0) {
        die("the switch does not answer request %u", request);
    }
    return message.body.number;
}

static void
send_state(struct guest *guest, unsigned int request, unsigned int index,
           unsigned int number)
{
    struct vhost_message message = {.request = request,
                                    .size = sizeof message.body.state,
                                    .body.state = {index, number}};

    vhost_send(guest->socket, &message, -1);
}

static void
make_memory(struct guest *guest)
{
    const size_t unit = 2 * MEGABYTE;
    size_t size = 2 * (size_t) guest->options->ring * GUEST_STRIDE + MEGABYTE;
    bool huge = guest->options->huge;

    guest->memory_size = (size + unit - 1) / unit * unit;
    guest->memory_fd = memfd_create("vgen", huge ? MFD_HUGETLB : 0);
    if (guest->memory_fd < 0
        || ftruncate(guest->memory_fd, (off_t) guest->memory_size) != 0) {
        die("memory of a guest");
    }
    guest->memory = mmap(NULL, guest->memory_size, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_POPULATE, guest->memory_fd, 0);
    if (guest->memory == MAP_FAILED) {
        die("%zu bytes of %s memory", guest->memory_size,
            huge ? "hugepage" : "ordinary");
    }
}

static void
agree(struct guest *guest)
{
    struct vhost_message owner = {.request = VHOST_SET_OWNER_MESSAGE};
    uint64_t wanted = FEATURE_VERSION_1 | FEATURE_PROTOCOL
                      | (guest->options->mergeable ? FEATURE_MERGEABLE : 0);

    vhost_send(guest->socket, &owner, -1);
    guest->features = ask_number(guest, VHOST_GET_FEATURES_MESSAGE) & wanted;
    if ((guest->features & FEATURE_VERSION_1) == 0) {
        die("the switch does not know modern devices");
    }
    if (guest->features & FEATURE_PROTOCOL) {
        ask_number(guest, VHOST_GET_PROTOCOL);
        send_number(guest, VHOST_SET_PROTOCOL, 0, -1);
    }
    send_number(guest, VHOST_SET_FEATURES_MESSAGE, guest->features, -1);

    struct vhost_message memory = {
        .request = VHOST_SET_MEMORY,
        .size = 8 + sizeof(struct vhost_region),
        .body.memory = {.n_regions = 1,
                        .regions = {{.guest =
                                         guest_address(guest, guest->memory),
                                     .size = guest->memory_size,
                                     .user = (uintptr_t) guest->memory}}},
    };
    vhost_send(guest->socket, &memory, guest->memory_fd);
}

/* Lays a ring out and fills it: buffers to receive into, or frames. */
static void
make_ring(struct guest *guest, struct guest_queue *queue, unsigned int index)
{
    const unsigned int n = guest->options->ring;
    uint8_t *base = guest->memory + index * RING_ROOM;

    queue->descriptors = (void *) base;
    queue->avail = (void *) (base + 16 * n);
    queue->used =
        (void *) (base + (16 * n + 2 * n + 6 + PAGE - 1) / PAGE * PAGE);
    queue->buffers =
        guest->memory + MEGABYTE + (size_t) index * n * GUEST_STRIDE;
    queue->kick = eventfd(0, EFD_NONBLOCK);
    queue->call = eventfd(0, EFD_NONBLOCK);
    queue->unused = calloc(n, sizeof *queue->unused);
    queue->avail->flags =
        guest->options->sleeps ? 0 : VRING_AVAIL_F_NO_INTERRUPT;
    for (unsigned int i = 0; i < n; i++) {
        uint8_t *buffer = queue->buffers + (size_t) i * GUEST_STRIDE;

        if (index == 0) {
            queue->descriptors[i] = (struct vring_desc){
                guest_address(guest, buffer), 2048, VRING_DESC_F_WRITE, 0};
            queue->avail->ring[i] = (uint16_t) i;
        } else {
            queue->unused[queue->n_unused++] = (uint16_t) (n - 1 - i);
            guest_frame(guest->options, buffer + GUEST_HEADER, guest->side, i);
        }
    }
    queue->next_avail = index == 0 ? (uint16_t) n : 0;
    __atomic_store_n(&queue->avail->idx, queue->next_avail, __ATOMIC_RELEASE);
}

static void
tell_ring(struct guest *guest, struct guest_queue *queue, unsigned int index)
{
    struct vhost_message message = {
        .request = VHOST_SET_RING_ADDRESS,
        .size = sizeof message.body.address,
        .body.address = {.index = index,
                         .desc_user_addr = (uintptr_t) queue->descriptors,
                         .used_user_addr = (uintptr_t) queue->used,
                         .avail_user_addr = (uintptr_t) queue->avail},
    };

    send_state(guest, VHOST_SET_RING_SIZE, index, guest->options->ring);
    send_state(guest, VHOST_SET_RING_BASE, index, 0);
    vhost_send(guest->socket, &message, -1);
    send_number(guest, VHOST_SET_RING_CALL, index, queue->call);
    send_number(guest, VHOST_SET_RING_KICK, index, queue->kick);
    if (guest->features & FEATURE_PROTOCOL) {
        send_state(guest, VHOST_SET_RING_ENABLE, index, 1);
    }
    guest_kick(queue);
}

void
guest_open(struct guest *guest, const struct guest_options *options,
           const char *path, int side)
{
    *guest = (struct guest){.options = options, .side = side};
    if (options->listen) {
        int listener = vhost_listen(path);

        guest->socket = accept(listener, NULL, NULL);
        close(listener);
        if (guest->socket < 0) {
            die("accept on %s", path);
        }
    } else {
        guest->socket = vhost_connect(path);
    }
    make_memory(guest);
    agree(guest);
    make_ring(guest, &guest->receive, 0);
    make_ring(guest, &guest->send, 1);
    tell_ring(guest, &guest->receive, 0);
    tell_ring(guest, &guest->send, 1);
    fprintf(stderr, "# %s: features %#llx\n", path,
            (unsigned long long) guest->features);
}
