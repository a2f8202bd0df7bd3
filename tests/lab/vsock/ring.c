/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Split rings of virtio, and bytes in the guest's memory.
 */

#include "vsock.h"

#include <string.h>
#include <sys/eventfd.h>

int
ring_take(const struct device *device, struct ring *ring,
          struct iovec parts[PARTS], int *n)
{
    uint32_t at, head;

    *n = 0;
    if (!ring->enabled || !ring->desc
        || ring->last == __atomic_load_n(&ring->avail->idx,
                                         __ATOMIC_ACQUIRE)) {
        return -1;
    }
    head = at = ring->avail->ring[ring->last % ring->n];
    for (uint32_t i = 0; i < ring->n && at < ring->n && *n < PARTS; i++) {
        struct vring_desc desc = ring->desc[at];

        parts[*n].iov_base = device_memory(device, desc.addr, desc.len);
        parts[*n].iov_len = desc.len;
        if (!parts[*n].iov_base) {
            break;
        }
        (*n)++;
        if (!(desc.flags & VRING_DESC_F_NEXT)) {
            return (int) head;
        }
        at = desc.next;
    }
    ring->enabled = false;      /* what is no ring is left alone */
    return -1;
}

void
ring_give(struct ring *ring, int head, uint32_t size)
{
    uint16_t at = ring->used->idx;

    ring->used->ring[at % ring->n] =
        (struct vring_used_elem) { (uint32_t) head, size };
    __atomic_store_n(&ring->used->idx, (uint16_t) (at + 1),
                     __ATOMIC_RELEASE);
    ring->last++;
}

bool
ring_want_kicks(struct ring *ring, bool wants)
{
    if (!ring->enabled || !ring->desc) {
        return false;
    }
    ring->used->flags = wants ? 0 : VRING_USED_F_NO_NOTIFY;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return wants && ring->last != __atomic_load_n(&ring->avail->idx,
                                                  __ATOMIC_ACQUIRE);
}

void
ring_call(struct ring *ring)
{
    ring->owed = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (ring->avail && ring->call >= 0
        && !(ring->avail->flags & VRING_AVAIL_F_NO_INTERRUPT)) {
        eventfd_write(ring->call, 1);
    }
}

size_t
parts_put(const struct iovec *parts, int n, const void *from, size_t size)
{
    size_t done = 0;

    for (int i = 0; i < n && done < size; i++) {
        size_t one = parts[i].iov_len < size - done ? parts[i].iov_len
            : size - done;

        memcpy(parts[i].iov_base, (const char *) from + done, one);
        done += one;
    }
    return done;
}

size_t
parts_get(const struct iovec *parts, int n, void *to, size_t size)
{
    size_t done = 0;

    for (int i = 0; i < n && done < size; i++) {
        size_t one = parts[i].iov_len < size - done ? parts[i].iov_len
            : size - done;

        memcpy((char *) to + done, parts[i].iov_base, one);
        done += one;
    }
    return done;
}

int
parts_behind(const struct iovec *parts, int n, size_t skip, size_t most,
             struct iovec out[PARTS])
{
    int m = 0;

    for (int i = 0; i < n && most > 0; i++) {
        size_t size = parts[i].iov_len;

        if (skip >= size) {
            skip -= size;
            continue;
        }
        size -= skip;
        out[m].iov_base = (char *) parts[i].iov_base + skip;
        out[m].iov_len = size < most ? size : most;
        most -= out[m++].iov_len;
        skip = 0;
    }
    return m;
}
