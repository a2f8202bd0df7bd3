/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_QUARANTINE_H
#define XVS_SWITCH_QUARANTINE_H

/*
 * Packets that were dropped because they end processes, until the manager has
 * them in its files.  xvs-switch writes none itself: it has no rights for it.
 *
 *     keep --> | oldest ... newest | --> the manager asks for the oldest,
 *                                        writes it, and says so with its next
 *                                        question
 *
 * So none is lost when the manager ends in the middle, or is away; but when
 * there are too many of them, the oldest go.
 */

#include <stdint.h>

struct control_header;
struct driver;
struct kept_packet;
struct lanes_poison;
struct request;
struct stage;

#define QUARANTINE_KEPT 64u             /* packets, at most */
#define QUARANTINE_BYTES (1u << 20)     /* of frames, at most */

/* Part of struct driver. */
struct quarantine {
    struct kept_packet *oldest;
    uint32_t n, bytes;          /* packets, and bytes of their frames */
    uint64_t last;              /* number of the newest ever; 0: none */
    uint64_t missed;            /* that were pushed out since the last answer */
};

/* Keeps a copy, and tells the manager of it. */
void quarantine_keep(struct driver *driver, const struct stage *stage,
                     const struct lanes_poison *packet, const char *why);
/* CONTROL_QUARANTINE. */
void quarantine_read(struct driver *driver, struct request *request,
                     const struct control_header *message);
void quarantine_free(struct driver *driver);

#endif
