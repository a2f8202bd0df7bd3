/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LAB_VSOCK_H
#define LAB_VSOCK_H

/*
 * A device of vsock for one guest of the lab, behind vhost-user, whose host
 * end is what is known as hybrid vsock:
 *
 *     host to guest: connect to PATH, send "CONNECT 1024\n", read "OK n\n"
 *     guest to host: port p of CID 2 is the unix socket PATH_p
 *
 *     vsock.c      sockets and the loop
 *     device.c     messages of vhost-user, memory of the guest
 *     ring.c       rings of descriptors
 *     stream.c     streams, and their ends on the host
 *     packet-*.c   packets from the guest, and to it
 *
 * It needs no module of the kernel.  What it is not: fast, or for guests that
 * one does not know; nothing of it is installed.
 */

#include <linux/virtio_ring.h>
#include <linux/virtio_vsock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define BUFFER (256u << 10)     /* bytes of a stream that wait for the host */
#define PARTS 64                /* of a packet, in descriptors */

/* A piece of the guest's memory. */
struct region {
    uint64_t guest, size, user; /* its address, as the guest, as QEMU has it */
    void *map;                  /* with what is before it: */
    uint64_t offset;
};

struct ring {
    uint32_t n;
    struct vring_desc *desc;    /* NULL: not there */
    struct vring_avail *avail;
    struct vring_used *used;
    uint16_t last;              /* of avail, that has been taken */
    uint32_t owed;              /* descriptors given back without a call */
    int kick, call;
    bool enabled;
};

/* A connection of a process on the host with one in the guest. */
struct stream {
    struct stream *next;
    int fd;                     /* -1: over, to be freed */
    enum { LINE, ASKED, OPEN } at;
    char line[32];              /* CONNECT n, as far as it has come */
    size_t length;
    uint32_t host_port, guest_port;
    uint32_t room, passed;      /* the guest's: its buffer, what it has used */
    uint32_t sent;              /* to the guest */
    uint32_t taken, told;       /* of the guest's; what it knows of that */
    char *waiting;              /* for the host; or NULL */
    size_t from, size;          /* of it */
    bool stalled;               /* no credit, or no buffer of the guest */
    bool ended;                 /* the host has said all */
    uint32_t shut;              /* VIRTIO_VSOCK_SHUTDOWN_... of the guest */
    uint32_t events;            /* that epoll was asked for */
};

struct device {
    uint64_t cid;
    const char *path;           /* of the hybrid socket */
    int epoll, listener, door, front;   /* front: QEMU; -1: none */
    struct region regions[8];
    unsigned n_regions;
    struct ring rings[2];       /* to the guest, from it */
    struct stream *streams;
    struct virtio_vsock_hdr packets[8192];      /* without bytes, to go out */
    unsigned first, last;       /* of them */
    bool is_short;              /* they or bytes wait for a buffer */
    uint32_t next_port;
};

/* What the kernel gives back with an event, besides addresses of streams. */
enum { TAG_LISTENER = 1, TAG_DOOR, TAG_FRONT, TAG_TO_GUEST, TAG_FROM_GUEST,
       TAG_STREAMS };

/* vsock.c */
void watch(struct device *device, int operation, int fd, uint32_t events,
           uint64_t tag);

/* device.c: one message; false: QEMU has gone. */
bool device_message(struct device *device);
void device_reset(struct device *device);
void *device_memory(const struct device *device, uint64_t at, uint64_t size);

/* ring.c: the next buffers; -1: there are none.  Then they are given back. */
int ring_take(const struct device *device, struct ring *ring,
              struct iovec parts[PARTS], int *n);
void ring_give(struct ring *ring, int head, uint32_t size);
void ring_call(struct ring *ring);
/* Whether the guest is to knock for buffers; true: some came meanwhile. */
bool ring_want_kicks(struct ring *ring, bool wants);
/* Copies to or from the parts; how many bytes. */
size_t parts_put(const struct iovec *parts, int n, const void *from,
                 size_t size);
size_t parts_get(const struct iovec *parts, int n, void *to, size_t size);
/* What is behind 'skip' bytes, and no more than 'most'. */
int parts_behind(const struct iovec *parts, int n, size_t skip, size_t most,
                 struct iovec out[PARTS]);

/* The host's end of the hybrid socket: CIDs have numbers from 3 on. */
#define HOST 2u

/* stream.c */
void stream_came(struct device *device, int fd);
struct stream *stream_add(struct device *device, int fd);
struct stream *stream_find(const struct device *device, uint32_t host,
                           uint32_t guest);
void stream_ready(struct device *device, struct stream *stream,
                  uint32_t events);
/* Asks epoll for what the stream waits for now. */
void stream_events(struct device *device, struct stream *stream);
/* It is over: its memory goes with streams_free(), when nobody uses it. */
void stream_end(struct device *device, struct stream *stream);
/* The same, and the guest learns it. */
void stream_reset(struct device *device, struct stream *stream);
void streams_end(struct device *device);
void streams_free(struct device *device);

/* packet-in.c */
void streams_from_guest(struct device *device);
void packet_write_waiting(struct device *device, struct stream *stream);

/* packet-out.c */
void streams_to_guest(struct device *device);
void packet_queue(struct device *device, struct stream *stream, uint32_t host,
                  uint32_t guest, uint16_t op, uint32_t flags);
void packet_queue_for(struct device *device, struct stream *stream,
                      uint16_t op, uint32_t flags);

#endif
