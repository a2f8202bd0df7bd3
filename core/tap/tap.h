/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TAP_TAP_H
#define XVS_TAP_TAP_H

/*
 * Points on the way of packets at which they can be looked at.
 *
 *     rx -> [before] ingress hook [after] -> ... -> forward
 *        -> [before] egress hook [after] -> ... -> tx
 *
 * A session says which points, which port and which packets it wants.  The
 * sessions of a switch are published as a set; without any it is NULL, which
 * costs the packet path one branch at each point and burst.  Workers put
 * records (struct control_tap) into rings, one for each worker and session;
 * they never wait.
 *
 *     main thread                          worker
 *     session --+                          tap_match(), tap_record()
 *     session --+--> set --published-->    |
 *        ^                                 v
 *        +-- tap_session_read() <---------- ring
 *
 * A session either looks at each point anew, or it follows: then port and
 * filter are asked once, when the packet arrives, and all that happens to the
 * packet is recorded, however it is changed.  A packet is known at all its
 * points by its serial number.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#include "control/message.h"
#include "packet/grace.h"

struct buffer;
struct error;
struct pool;
struct tap_session;
struct xvs_packet;

#define TAP_SESSIONS 8u         /* of the process; a bit each */

/* The sessions of a switch; published, never changed. */
struct tap_set {
    struct grace_call grace;    /* for freeing it */
    uint32_t n;
    struct tap_session *sessions[TAP_SESSIONS];
};

/* ---- Main thread -------------------------------------------------------- */

/*
 * 'wanted' is followed by its points and instructions, as in the message.
 * 'bit' is the session's own among all, below TAP_SESSIONS.  NULL with an
 * error when the filter could do harm.
 */
struct tap_session *
tap_session_create(const struct control_capture *wanted, uint32_t bit,
                   uint32_t n_workers, struct error *error);
/* Frees it after a grace period; it is in no published set any more. */
void tap_session_retire(struct tap_session *session);
/* Appends records, oldest first, of 'size' bytes at most, but one at least if
 * there is one. */
void tap_session_read(struct tap_session *session, uint32_t size,
                      struct buffer *out);
/* Whether there is a record to read. */
bool tap_session_pending(const struct tap_session *session);
/* Records made and lost so far, and whether no more will come. */
void tap_session_count(struct tap_session *session,
                       struct control_captured *out);

/* NULL when there is no session. */
struct tap_set *tap_set_create(struct tap_session *const *sessions,
                               uint32_t n);
void tap_set_retire(struct tap_set *set);       /* accepts NULL */

/* ---- Workers ------------------------------------------------------------ */

/* A worker's burst that is looked at. */
struct tap {
    const struct tap_set *set;  /* NULL: nobody looks */
    const struct pool *pool;    /* of the packets */
    uint32_t worker;
    uint64_t burst;             /* its number, of this worker */
};

/* What a record says of a packet. */
struct tap_event {
    uint32_t point;             /* enum control_point */
    uint32_t fate;              /* enum control_fate */
    uint32_t reason;            /* of a drop */
    uint32_t burst;             /* packets that the hook got at once */
    uint32_t spent;             /* nanoseconds in it, of this packet */
    const struct xvs_guid *extension;   /* whose hook; NULL: none */
};

/* A burst begins: decides which packets are followed, and records TAP_RX. */
void tap_arrive(struct tap *tap, struct xvs_packet *const *packets,
                uint32_t n);
/* The sessions that want the packet at that point, a bit each. */
uint32_t tap_match(const struct tap *tap, uint32_t point,
                   const struct xvs_guid *extension,
                   const struct xvs_packet *packet);
/* Records it for these. */
void tap_record(const struct tap *tap, uint32_t sessions,
                const struct tap_event *event,
                const struct xvs_packet *packet);
/* Both. */
void tap_packet(const struct tap *tap, const struct tap_event *event,
                const struct xvs_packet *packet);

#endif
