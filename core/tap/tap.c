/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sessions, and what workers ask them; see tap.h.  Filters are programs of the
 * classic BPF machine, judged before they run and unable to loop.
 */

#include <config.h>

#include "tap/tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <xvs/packet.h>

/* Wants the types of BSD, from sys/types.h. */
#include <pcap/bpf.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "packet/pool.h"
#include "packet/tally.h"
#include "tap/ring.h"

#define POOL_BITS 24            /* of a serial number: the packet's place */
#define WORKER_SHIFT 58         /* and the worker, above the burst */

struct tap_session {
    struct grace_call grace;    /* for freeing it */
    struct grace_call drain;    /* for knowing that no packet is under way */
    uint32_t bit;               /* in the masks */
    uint32_t port_id;           /* XVS_PORT_NONE: any */
    uint32_t snap;              /* bytes of a frame, at most */
    bool follow;                /* asks once, at the packet's arrival */
    bool is_limited;
    bool draining;              /* 'drain' was given away */
    bool drained;               /* 'drain' was called; atomic */
    int64_t left;               /* packets until the limit; atomic */
    uint64_t epoch;             /* from monotonic time to that since 1970 */
    uint32_t n_points;
    struct control_point *points;   /* none: every point */
    struct bpf_insn *program;   /* NULL: every packet */
    uint32_t n_rings;
    struct ring *rings[WORKERS_MAX];    /* one for each worker */
};

_Static_assert(sizeof(struct control_instruction) == sizeof(struct bpf_insn),
               "a program is copied as it comes");

/* ---- Sessions ----------------------------------------------------------- */

static void
tap_session_free(struct tap_session *session)
{
    for (uint32_t i = 0; i < session->n_rings; i++) {
        ring_destroy(session->rings[i]);
    }
    free(session->points);
    free(session->program);
    free(session);
}

static uint64_t
realtime_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static bool
take_program(struct tap_session *session, const void *instructions,
             uint32_t n, struct error *error)
{
    if (n == 0) {
        return true;
    }
    session->program = mem_dup(instructions, n * sizeof *session->program);
    return bpf_validate(session->program, (int) n)
        || error_set(error, ERROR_INVALID, "the filter's program is not"
                     " valid: it must end, and stay inside of its memory");
}

struct tap_session *
tap_session_create(const struct control_capture *wanted, uint32_t bit,
                   uint32_t n_workers, struct error *error)
{
    const struct control_point *points =
        control_after(wanted, sizeof *wanted);
    struct tap_session *session = mem_zalloc(sizeof *session);

    session->bit = bit;
    session->port_id = wanted->port_id;
    session->snap = wanted->snap ? wanted->snap : POOL_FRAME_MAX;
    session->follow = wanted->flags & CAPTURE_FOLLOW;
    session->is_limited = wanted->limit != 0;
    session->left = wanted->limit < INT64_MAX ? (int64_t) wanted->limit
                                              : INT64_MAX;
    session->epoch = realtime_ns() - loop_now_ns();
    session->n_points = wanted->n_points;
    session->points = mem_array(wanted->n_points + 1u, sizeof *points);
    memcpy(session->points, points, wanted->n_points * sizeof *points);
    if (!take_program(session, points + wanted->n_points,
                      wanted->n_instructions, error)) {
        tap_session_free(session);
        return NULL;
    }
    for (; session->n_rings < n_workers; session->n_rings++) {
        session->rings[session->n_rings] = ring_create();
    }
    return session;
}

static void
release_session(struct grace_call *call)
{
    tap_session_free((struct tap_session *) (void *) call);
}

_Static_assert(offsetof(struct tap_session, grace) == 0, "release_session()");

void
tap_session_retire(struct tap_session *session)
{
    grace_defer(&session->grace, release_session);
}

/* The ring whose next record is the oldest; -1: all are empty. */
static int
oldest(const struct tap_session *session, struct control_tap *record)
{
    struct control_tap one;
    int found = -1;

    for (uint32_t i = 0; i < session->n_rings; i++) {
        if (ring_peek(session->rings[i], &one)
            && (found < 0 || one.time < record->time)) {
            *record = one;
            found = (int) i;
        }
    }
    return found;
}

void
tap_session_read(struct tap_session *session, uint32_t size,
                 struct buffer *out)
{
    size_t start = out->size;
    struct control_tap record;
    int from;

    while ((from = oldest(session, &record)) >= 0
           && (out->size == start
               || out->size - start + sizeof record
                   + CONTROL_ALIGN(record.size) <= size)) {
        ring_take(session->rings[from], &record, out);
    }
}

bool
tap_session_pending(const struct tap_session *session)
{
    struct control_tap record;

    return oldest(session, &record) >= 0;
}

static void
on_drained(struct grace_call *call)
{
    struct tap_session *session = (struct tap_session *) (void *)
        ((char *) call - offsetof(struct tap_session, drain));

    __atomic_store_n(&session->drained, true, __ATOMIC_RELEASE);
}

/* After the limit: when no worker is in a burst that began before it. */
static bool
has_ended(struct tap_session *session)
{
    if (!session->is_limited
        || __atomic_load_n(&session->left, __ATOMIC_RELAXED) > 0) {
        return false;
    }
    if (!session->draining) {
        session->draining = true;
        grace_defer(&session->drain, on_drained);
    }
    return __atomic_load_n(&session->drained, __ATOMIC_ACQUIRE)
        && !tap_session_pending(session);
}

void
tap_session_count(struct tap_session *session, struct control_captured *out)
{
    out->records = out->lost = 0;
    for (uint32_t i = 0; i < session->n_rings; i++) {
        out->records += ring_count(session->rings[i]);
        out->lost += ring_lost(session->rings[i]);
    }
    out->ended = has_ended(session);
}

struct tap_set *
tap_set_create(struct tap_session *const *sessions, uint32_t n)
{
    struct tap_set *set;

    if (n == 0) {
        return NULL;
    }
    set = mem_zalloc(sizeof *set);
    set->n = n;
    memcpy(set->sessions, sessions, n * sizeof *sessions);
    return set;
}

static void
release_set(struct grace_call *call)
{
    free(call);
}

_Static_assert(offsetof(struct tap_set, grace) == 0, "release_set()");

void
tap_set_retire(struct tap_set *set)
{
    if (set) {
        grace_defer(&set->grace, release_set);
    }
}

/* ---- Workers ------------------------------------------------------------ */

static bool
wants_point(const struct tap_session *session, uint32_t point,
            const struct xvs_guid *extension)
{
    for (uint32_t i = 0; i < session->n_points; i++) {
        const struct control_point *one = &session->points[i];

        if (one->mask >> point & 1
            && (guid_is_zero(&one->extension)
                || (extension && guid_equal(&one->extension, extension)))) {
            return true;
        }
    }
    return session->n_points == 0;
}

/* Whether port and filter let the packet in. */
static bool
wants_packet(const struct tap_session *session, uint32_t point,
             const struct xvs_packet *packet)
{
    uint32_t port = point >= TAP_EGRESS_BEFORE ? packet->out_port
                                               : packet->in_port;

    return (session->port_id == XVS_PORT_NONE || session->port_id == port)
        && (!session->program
            || bpf_filter(session->program, packet->data, packet->total,
                          packet->length));
}

/* Takes one from the limit; false when it is reached. */
static bool
take_one(struct tap_session *session)
{
    return !session->is_limited
        || (__atomic_load_n(&session->left, __ATOMIC_RELAXED) > 0
            && __atomic_fetch_sub(&session->left, 1, __ATOMIC_RELAXED) > 0);
}

void
tap_arrive(struct tap *tap, struct xvs_packet *const *packets, uint32_t n)
{
    const struct tap_event event = { .point = TAP_RX, .burst = n };

    tap->burst++;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *mark = pool_mark(tap->pool, packets[i]);

        *mark = 0;
        for (uint32_t j = 0; j < tap->set->n; j++) {
            struct tap_session *session = tap->set->sessions[j];

            if (session->follow && wants_packet(session, TAP_RX, packets[i])
                && take_one(session)) {
                *mark |= (uint8_t) (1u << session->bit);
            }
        }
        tap_packet(tap, &event, packets[i]);
    }
}

uint32_t
tap_match(const struct tap *tap, uint32_t point,
          const struct xvs_guid *extension, const struct xvs_packet *packet)
{
    uint32_t mark = *pool_mark(tap->pool, packet), sessions = 0;

    for (uint32_t i = 0; i < tap->set->n; i++) {
        const struct tap_session *session = tap->set->sessions[i];

        if (wants_point(session, point, extension)
            && (session->follow ? mark >> session->bit & 1
                                : wants_packet(session, point, packet))) {
            sessions |= 1u << session->bit;
        }
    }
    return sessions;
}

static uint64_t
serial_of(const struct tap *tap, const struct xvs_packet *packet)
{
    return (uint64_t) tap->worker << WORKER_SHIFT
        | (tap->burst << POOL_BITS & (UINT64_MAX >> (64 - WORKER_SHIFT)))
        | (pool_number(tap->pool, packet) & ((1u << POOL_BITS) - 1));
}

void
tap_record(const struct tap *tap, uint32_t sessions,
           const struct tap_event *event, const struct xvs_packet *packet)
{
    uint64_t now = loop_now_ns();
    struct control_tap record = {
        .serial = serial_of(tap, packet),
        .length = packet->total,
        .in_port = packet->in_port,
        .out_port = packet->out_port,
        .spent = event->spent,
        .burst = event->burst,
        .point = (uint8_t) event->point,
        .fate = (uint8_t) event->fate,
        .reason = (uint8_t) event->reason,
        .offload = packet->offload,
        .gso_size = packet->gso_size,
        .gso_type = packet->gso_type,
    };

    if (event->extension) {
        record.extension = *event->extension;
    }
    for (uint32_t i = 0; i < tap->set->n; i++) {
        struct tap_session *session = tap->set->sessions[i];

        if (sessions >> session->bit & 1
            && (session->follow || take_one(session))) {
            record.time = now + session->epoch;
            record.size = packet->total < session->snap ? packet->total
                                                        : session->snap;
            ring_put(session->rings[tap->worker], &record, packet);
        }
    }
}

void
tap_packet(const struct tap *tap, const struct tap_event *event,
           const struct xvs_packet *packet)
{
    uint32_t sessions =
        tap_match(tap, event->point, event->extension, packet);

    if (sessions) {
        tap_record(tap, sessions, event, packet);
    }
}
