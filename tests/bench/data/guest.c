/* SPDX-License-Identifier: BSD-3-Clause */
/* The rings of a guest: see guest.h.  How it connects is in guest-open.c. */
#include "guest.h"

#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

static volatile uint64_t sum_seen; /* so that reading is not left out */

uint64_t
guest_address(const struct guest *guest, const void *pointer)
{
    return 0x40000000u
           + (uint64_t) ((const uint8_t *) pointer - guest->memory);
}

static void
put16(uint8_t *at, unsigned int value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

/* Address number 'index' of a side: 02:00:00:I:I:0a, number 0 of A and so on;
 * the last byte tells the sides apart. */
static void
put_mac(uint8_t *at, int side, unsigned int index)
{
    const uint8_t mac[6] = {2,
                            0,
                            (uint8_t) (index >> 16),
                            (uint8_t) (index >> 8),
                            (uint8_t) index,
                            side ? 0x0b : 0x0a};

    memcpy(at, mac, sizeof mac);
}

void
guest_frame(const struct guest_options *options, uint8_t *frame, int side,
            uint64_t sequence)
{
    unsigned int length = options->size - 14;
    uint32_t sum = 0;

    memset(frame, 0, options->size);
    put_mac(frame, !side,
            side ? 0 : (unsigned int) (sequence % options->macs));
    put_mac(frame + 6, side, 0);
    put16(frame + 12, 0x0800);
    frame[14] = 0x45;
    put16(frame + 16, length);
    frame[22] = 64;
    frame[23] = 17; /* UDP */
    const uint8_t addresses[8] = {198, 18, 0, (uint8_t) (1 + side),
                                  198, 18, 0, (uint8_t) (2 - side)};
    memcpy(frame + 26, addresses, sizeof addresses);
    for (int i = 14; i < 34; i += 2) {
        sum += (uint32_t) (frame[i] << 8 | frame[i + 1]);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    put16(frame + 24, ~sum & 0xffff);
    put16(frame + 34, 1024 + (unsigned int) (sequence % options->flows));
    put16(frame + 36, 9); /* discard */
    put16(frame + 38, length - 20);
}

void
guest_kick(struct guest_queue *queue)
{
    const uint64_t one = 1;

    if ((*(volatile uint16_t *) &queue->used->flags & VRING_USED_F_NO_NOTIFY)
        == 0) {
        (void) !write(queue->kick, &one, sizeof one);
    }
}

static void
publish(struct guest_queue *queue, unsigned int n)
{
    queue->next_avail = (uint16_t) (queue->next_avail + n);
    __atomic_store_n(&queue->avail->idx, queue->next_avail, __ATOMIC_RELEASE);
    /* The switch may be about to sleep, as the index is about to be seen. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    guest_kick(queue);
}

void
guest_reclaim(struct guest *guest)
{
    struct guest_queue *queue = &guest->send;
    const unsigned int mask = guest->options->ring - 1;
    uint16_t used = __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE);

    while (queue->next_used != used) {
        queue->unused[queue->n_unused++] =
            (uint16_t) queue->used->ring[queue->next_used++ & mask].id;
    }
}

/* Puts a frame that is ready in buffer 'id' into the next entry but 'i'. */
static void
queue_frame(struct guest *guest, uint16_t id, unsigned int i)
{
    struct guest_queue *queue = &guest->send;
    const unsigned int mask = guest->options->ring - 1;

    /* Drivers write their descriptors anew each time; so do we. */
    queue->descriptors[id] = (struct vring_desc){
        guest_address(guest, queue->buffers + (size_t) id * GUEST_STRIDE),
        GUEST_HEADER + guest->options->size, 0, 0};
    queue->avail->ring[(queue->next_avail + i) & mask] = id;
}

unsigned int
guest_send(struct guest *guest, unsigned int n)
{
    const struct guest_options *options = guest->options;
    struct guest_queue *queue = &guest->send;

    guest_reclaim(guest);
    if (queue->n_unused < n) {
        return 0;
    }
    for (unsigned int i = 0; i < n; i++) {
        uint16_t id = queue->unused[--queue->n_unused];
        uint8_t *frame =
            queue->buffers + (size_t) id * GUEST_STRIDE + GUEST_HEADER;
        uint64_t stamp = options->stamp ? __rdtsc() : guest->sequence;

        if (options->dirty) {
            guest_frame(options, frame, guest->side, guest->sequence);
        } else if (options->macs > 1 && guest->side == 0) {
            put_mac(frame, 1,
                    (unsigned int) (guest->sequence % options->macs));
        }
        if (options->flows > 1) {
            put16(frame + 34,
                  1024 + (unsigned int) (guest->sequence % options->flows));
        }
        memcpy(frame + GUEST_STAMP, &stamp, sizeof stamp);
        guest->sequence++;
        queue_frame(guest, id, i);
    }
    publish(queue, n);
    guest->sent += n;
    return n;
}

unsigned int
guest_announce(struct guest *guest, unsigned int first)
{
    struct guest_queue *queue = &guest->send;
    unsigned int n = 0;

    guest_reclaim(guest);
    while (queue->n_unused > 0 && first + n < guest->options->macs && n < 32) {
        uint16_t id = queue->unused[--queue->n_unused];
        uint8_t *frame =
            queue->buffers + (size_t) id * GUEST_STRIDE + GUEST_HEADER;

        guest_frame(guest->options, frame, guest->side, 0);
        put_mac(frame + 6, guest->side, first + n);
        queue_frame(guest, id, n++);
    }
    publish(queue, n);
    return n;
}

unsigned int
guest_receive(struct guest *guest, unsigned int max,
              void (*seen)(uint64_t stamp))
{
    const struct guest_options *options = guest->options;
    const unsigned int mask = options->ring - 1;
    struct guest_queue *queue = &guest->receive;
    uint16_t used = __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE);
    unsigned int n = (uint16_t) (used - queue->next_used);

    n = n < max ? n : max;
    for (unsigned int i = 0; i < n; i++) {
        const struct vring_used_elem *element =
            &queue->used->ring[(queue->next_used + i) & mask];
        uint16_t id = (uint16_t) element->id;
        uint8_t *buffer = queue->buffers + (size_t) id * GUEST_STRIDE;
        const uint8_t *frame = buffer + GUEST_HEADER;
        uint64_t stamp, sum = 0;

        memcpy(&stamp, frame + GUEST_STAMP, sizeof stamp);
        guest->bad +=
            element->len != GUEST_HEADER + options->size || frame[0] != 2;
        for (unsigned int j = 0; options->read_all && j < options->size; j++) {
            sum += frame[j];
        }
        sum_seen += sum;
        if (seen) {
            seen(stamp);
        }
        queue->descriptors[id] = (struct vring_desc){
            guest_address(guest, buffer), 2048, VRING_DESC_F_WRITE, 0};
        queue->avail->ring[(queue->next_avail + i) & mask] = id;
    }
    if (n > 0) {
        queue->next_used = (uint16_t) (queue->next_used + n);
        publish(queue, n);
        guest->received += n;
    }
    return n;
}
