/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Suspicion, probes and blocks; see loop.h.
 *
 * A probe: destination 03-58-56-53-00-01 (a group address that bridges pass
 * on), source 02-58-56-53 and 16 bits of the port, an ethertype for local
 * experiments, then "XVSLOOP1", the switch's secret and the port's number.
 */

#include <config.h>

#include "switch/forward/policy/loop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xvs/extension.h>

#include "base/memory.h"
#include "packet/parse.h"
#include "packet/pool.h"
#include "switch/forward/emit.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"

#define SECOND UINT64_C(1000000000)
#define SUSPECT_NS (2 * SECOND)
#define ASK_NS (SECOND / 100)       /* between two probes of a port */
#define LONGER_MAX 4                /* a block doubles so often, at most */
#define PROBE_SIZE 60u

static const uint8_t probe_to[] = { 0x03, 0x58, 0x56, 0x53, 0x00, 0x01 };
static const uint8_t probe_from[] = { 0x02, 0x58, 0x56, 0x53 };
static const uint8_t probe_mark[] = { 0x88, 0xb5, 'X', 'V', 'S', 'L', 'O',
                                      'O', 'P', '1' };

struct loop_watch *
loop_watch_create(void)
{
    struct loop_watch *watch = mem_zalloc(sizeof *watch);

    if (getrandom(&watch->secret, sizeof watch->secret, 0)
        != sizeof watch->secret) {
        abort();
    }
    return watch;
}

void
loop_start(struct loop_state *loop)
{
    meter_set(&loop->flood, LOOP_FLOOD, LOOP_FLOOD / 10, 0);
}

static void
set(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static uint64_t
get(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static uint32_t
get32(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void
set32(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* ---- Probes ------------------------------------------------------------- */

static struct xvs_packet *
make_probe(const struct forward *forward, const struct loop_watch *watch,
           uint32_t port, uint16_t vlan)
{
    const uint8_t tag[] = { 0x81, 0, (uint8_t) (vlan >> 8), (uint8_t) vlan };
    struct xvs_packet *packet;
    uint8_t *at;

    if (pool_get(forward->cache, &packet, 1) != 1) {
        return NULL;
    }
    at = packet->data;
    memset(at, 0, PROBE_SIZE);
    memcpy(at, probe_to, sizeof probe_to);
    memcpy(at + 6, probe_from, sizeof probe_from);
    at[10] = (uint8_t) (port >> 8);
    at[11] = (uint8_t) port;
    at += 12;
    if (vlan) {
        memcpy(at, tag, sizeof tag);
        at += sizeof tag;
    }
    memcpy(at, probe_mark, sizeof probe_mark);
    at += sizeof probe_mark;
    memcpy(at, &watch->secret, sizeof watch->secret);
    memcpy(at + sizeof watch->secret, &port, sizeof port);
    packet->length = packet->total = PROBE_SIZE;
    parse_packet(packet);
    return packet;
}

/* Whether it is our probe; *from is the port that it was sent from. */
static bool
is_probe(const struct loop_watch *watch, const struct xvs_packet *packet,
         uint32_t *from)
{
    const uint8_t *at;

    if (memcmp(packet->data, probe_to, sizeof probe_to) != 0
        || packet->l3 < 14) {
        return false;
    }
    at = xvs_packet_at(packet, packet->l3 - 2u, sizeof probe_mark + 12);
    if (!at || memcmp(at, probe_mark, sizeof probe_mark) != 0
        || memcmp(at + sizeof probe_mark, &watch->secret, 8) != 0) {
        return false;
    }
    memcpy(from, at + sizeof probe_mark + 8, sizeof *from);
    return true;
}

/* Asks the burst's port whether it is looped, unless it was asked just now. */
static void
ask(struct forward *forward, const struct path *path, uint16_t vlan)
{
    struct vport *port = forward->in;
    struct xvs_packet *probe;

    if (forward->now - get(&port->loop.asked) < ASK_NS) {
        return;
    }
    set(&port->loop.asked, forward->now);
    set(&path->loops->asking_until, forward->now + SUSPECT_NS);
    probe = make_probe(forward, path->loops, port->id, vlan);
    if (probe) {
        emit_one(forward, port, probe);
        pool_put(forward->cache, &probe, 1);
    }
}

/* ---- Suspicion ---------------------------------------------------------- */

/* Moves or floods in this second, with 'n' more. */
static uint32_t
count(struct loop_state *loop, uint32_t *counter, uint32_t n, uint64_t now)
{
    uint32_t second = (uint32_t) (now / SECOND);

    if (get32(&loop->second) != second) {
        set32(&loop->second, second);
        set32(&loop->moves, 0);
        set32(&loop->floods, 0);
    }
    n += get32(counter);
    set32(counter, n);
    return n;
}

static void
suspect(struct vport *port, uint64_t now)
{
    set(&port->loop.suspect_until, now + SUSPECT_NS);
    if (!(vport_special(port) & VPORT_SUSPECT)) {
        __atomic_or_fetch(&port->special, VPORT_SUSPECT, __ATOMIC_RELEASE);
    }
}

void
loop_moved(struct forward *forward, const struct path *path, uint16_t vlan)
{
    struct vport *in = forward->in;
    uint32_t limit = xvs_read(path->policy)->set.loop_moves;
    uint32_t moves = count(&in->loop, &in->loop.moves, 1, forward->now);

    tally_add(&in->drops[forward->worker].moves, 1);
    if (limit && moves > limit) {
        suspect(in, forward->now);
        ask(forward, path, vlan);
    }
}

void
loop_flooded(struct forward *forward, const struct path *path, uint32_t n)
{
    struct vport *in = forward->in;
    uint32_t limit = xvs_read(path->policy)->set.loop_moves;

    if (limit
        && count(&in->loop, &in->loop.floods, n, forward->now)
            > LOOP_FLOODS) {
        ask(forward, path, 0);
    }
}

bool
loop_is_suspect(struct vport *port, uint64_t now_ns)
{
    if (!(vport_special(port) & VPORT_SUSPECT)) {
        return false;
    }
    if (get(&port->loop.suspect_until) > now_ns) {
        return true;
    }
    __atomic_and_fetch(&port->special, ~VPORT_SUSPECT, __ATOMIC_RELEASE);
    return false;
}

/* ---- Blocks ------------------------------------------------------------- */

/* How often in a row the port will have been blocked: 0 when it was not just
 * before. */
static uint32_t
times_of(const struct vport *port, uint32_t seconds, uint64_t now)
{
    uint64_t until = port ? get(&port->loop.blocked_until) : 0;
    uint32_t times = port ? get32(&port->loop.times) : 0;

    return until && (until > now || now - until < seconds * SECOND)
        ? times + (times < LONGER_MAX) : 0;
}

/* Of a loop over two ports, now one and now the other may be blocked. */
static void
block(const struct forward *forward, uint32_t from, uint32_t seconds)
{
    struct vport *port = forward->in;
    struct loop_state *loop = &port->loop;
    uint64_t now = forward->now;
    uint32_t times = times_of(port, seconds, now);
    uint32_t others = times_of(table_find(forward->table, from), seconds,
                               now);

    if (get(&loop->blocked_until) > now) {
        return;
    }
    times = times > others ? times : others;
    set32(&loop->times, times);
    set32(&loop->from, from);
    set32(&loop->seconds, seconds << times);
    set(&loop->blocked_until, now + (seconds << times) * SECOND);
    set32(&loop->loops, get32(&loop->loops) + 1);
    __atomic_or_fetch(&port->special, VPORT_BLOCKED, __ATOMIC_RELEASE);
}

bool
loop_is_blocked(struct vport *port, uint64_t now_ns)
{
    if (!(vport_special(port) & VPORT_BLOCKED)) {
        return false;
    }
    if (get(&port->loop.blocked_until) > now_ns) {
        return true;
    }
    __atomic_and_fetch(&port->special, ~VPORT_BLOCKED, __ATOMIC_RELEASE);
    return false;
}

uint32_t
loop_look(struct forward *forward, const struct path *path, uint32_t n)
{
    const struct switch_policy *policy = xvs_read(path->policy);
    uint32_t left = 0, from;

    for (uint32_t i = 0; i < n; i++) {
        struct xvs_packet *packet = forward->live[i];

        if (!is_probe(path->loops, packet, &from)) {
            forward->live[left++] = packet;
        } else if (policy->set.loop_moves) {
            block(forward, from, policy->set.loop_seconds);
        }
    }
    vport_drop(forward->in, forward->worker, DROP_LOOP, n - left);
    return left;
}
