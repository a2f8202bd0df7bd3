/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_FRONT_END_H
#define XVS_TESTS_FRONT_END_H

/*
 * The front end of a vhost-user device: what QEMU does for a guest's network
 * card, for guests that tests play.  Ends the program with a message when
 * something goes wrong.
 */

#include <stdbool.h>
#include <stdint.h>

#include "port/vhost/wire.h"

#include "../unit/virtio-driver.h"

#define FRONT_RINGS 16u         /* 8 queue pairs */
#define FRONT_GUEST UINT64_C(0x40000000)    /* the guest's first address */
#define FRONT_SIZE (32u << 20)  /* of its memory */
#define FRONT_BUFFERS (8u << 20)    /* where buffers begin */
#define FRONT_HEAD 12u          /* bytes of the virtio header */

struct front_end {
    const char *path;           /* of the socket */
    bool listens;               /* the switch connects to us */
    bool packed, event_index, mergeable, offloads;
    uint32_t n_rings;           /* two for each queue pair */
    uint32_t ring_size;

    int listener, fd;
    uint64_t features;          /* accepted */
    uint64_t protocol;          /* accepted */
    int file;                   /* of the memory */
    uint8_t *memory;
    int inflight;               /* file, or -1 */
    union wire_body inflight_body;
    int log;                    /* file of dirty pages, or -1 */
    uint8_t *log_bits;
    int kick[FRONT_RINGS], call[FRONT_RINGS];
    struct driver_ring rings[FRONT_RINGS];
};

/* Memory and rings of a guest that starts. */
void front_boot(struct front_end *front);
/* Connects, or waits for the switch, for so long. */
void front_connect(struct front_end *front, uint32_t timeout_ms);
/* The same until somebody answers, after front_disconnect(). */
void front_reconnect(struct front_end *front, uint32_t timeout_ms);
/* Negotiates and starts the rings; they go on where they were. */
void front_start(struct front_end *front);
/* Stops the rings as a guest does that shuts down or migrates; each must have
 * nothing in flight then. */
void front_stop(struct front_end *front);
/* Closes the connection; the guest and its rings stay. */
void front_disconnect(struct front_end *front);
/* Whether the other side has closed it. */
bool front_is_gone(const struct front_end *front);
/* Ends the guest and frees it. */
void front_end(struct front_end *front);

/* One message; with an answer when 'answer' is not NULL. */
void front_send(struct front_end *front, uint32_t request,
                const union wire_body *body, uint32_t size, const int *fds,
                uint32_t n_fds, union wire_body *answer);
/* Waits until all that was sent is done. */
void front_wait(struct front_end *front);
/* Gives the table of memory anew, while rings run. */
void front_set_memory(struct front_end *front);
/* Starts to log written pages, as a migration does. */
void front_start_log(struct front_end *front);
/* Whether the page at the guest's address was written since. */
bool front_was_written(const struct front_end *front, uint64_t address);

/* Kicks a ring that was added to, when the switch wants it. */
void front_kick(struct front_end *front, uint32_t ring);

#endif
