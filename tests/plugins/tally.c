/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Counts the frames of tests/switch/stream.c in memory that it keeps: all of
 * them, those of each flow, and those that do not follow the one before.  At
 * every 250th frame of flow 0 it crashes when it has counted it, once: so what
 * is not taken back is seen as a frame too many.
 *
 * Asked by a setting (Attempt=taken) it crashes, once, when it is taken over;
 * or (Attempt=meanwhile) it waits, once, until it has crashed at the next frame,
 * and refuses then though another instance has all that it keeps.
 *
 * Built a second time as a version that keeps something else, and takes over
 * what the other one kept.
 */

#include <string.h>
#include <time.h>

#include <xvs/keep.h>

#include "plugins/tally.h"

#ifndef TALLY_VERSION
#define TALLY_VERSION 1
#endif

#define DATA 42                 /* where the flow and the number are */
#define FLOWS 4u
#define EVERY 250u              /* frames between two crashes */
#define SHIFT (TALLY_VERSION - 1u)  /* what differs between versions */

struct kept {
    uint64_t words[SHIFT + 1];  /* the second version begins elsewhere */
    /* Packet hooks'. */
    uint64_t total;
    uint64_t flows[FLOWS];
    uint64_t next[FLOWS];
    uint64_t wrong;
    uint64_t crashed;           /* number of the frame; plain */
    uint64_t crashes;           /* plain */
    uint64_t taken, converted;
    /* Control hooks'. */
    uint64_t settings;
    uint64_t doomed;            /* 1: to crash in taken(); plain */
    uint64_t waited;            /* 1: for a crash; plain */
    uint64_t waiting;           /* 1: still; plain, and packet hooks' too */
    uint64_t pieces[4];         /* always the same */
};

struct tally {
    const struct xvs_host *host;
    struct xvs_keep keep;
    struct kept *kept;
};

static struct tally tally;
static volatile int *volatile nowhere = (volatile int *) 16;

static void
crash(void)
{
    /* What was written is there. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *nowhere = 0;
}

/* What the first version kept begins one word earlier. */
static void
convert(struct tally *self)
{
    const size_t shift = offsetof(struct kept, total);
    const size_t theirs = shift == 8 ? 16 : 8;

    memcpy((char *) self->kept + shift,
           (const char *) self->keep.before + theirs,
           sizeof *self->kept - shift);
}

static void
tally_taken(void *arg, const struct xvs_burst *burst)
{
    struct tally *self = arg;

    if (self->keep.before) {
        convert(self);
        xvs_keep_add(&self->keep, burst, &self->kept->converted, 1);
    }
    xvs_keep_add(&self->keep, burst, &self->kept->taken, 1);
    if (self->kept->doomed) {
        self->kept->doomed = 0;
        crash();
    }
}

static int
tally_init(const struct xvs_host *host, void **self)
{
    int result;

    memset(&tally, 0, sizeof tally);
    tally.host = host;
    tally.keep.size = sizeof tally.keep;
    tally.keep.version = TALLY_VERSION;
    tally.keep.n = sizeof *tally.kept;
    tally.keep.taken = tally_taken;
    result = xvs_keep(host, &tally.keep);
    if (result != XVS_SUCCESS) {
        return result;
    }
    tally.kept = tally.keep.bytes;
    *self = &tally;
    return XVS_SUCCESS;
}

/* Inline there is nobody who would begin anew. */
static int
may_crash(const struct tally *self)
{
    return !self->keep.shared || self->keep.logs;
}

static void
count(struct tally *self, const struct xvs_burst *burst, uint32_t flow,
      uint64_t number)
{
    struct kept *kept = self->kept;

    xvs_keep_add(&self->keep, burst, &kept->total, 1);
    xvs_keep_add(&self->keep, burst, &kept->flows[flow], 1);
    if (kept->next[flow] != number) {
        xvs_keep_add(&self->keep, burst, &kept->wrong, 1);
    }
    xvs_keep_set64(&self->keep, burst, &kept->next[flow], number + 1);
    if (flow == 0 && may_crash(self)
        && ((number % EVERY == EVERY - 1 && number > kept->crashed)
            || kept->waiting)) {
        kept->crashed = number;
        kept->crashes++;
        kept->waiting = 0;
        crash();
    }
}

static void
tally_ingress(void *arg, struct xvs_burst *burst)
{
    struct tally *self = arg;

    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];
        const uint8_t *data = xvs_packet_at(packet, DATA, 12);
        uint32_t flow;
        uint64_t number;

        if (!data || (packet->ethertype != 0x88b6
                      && !(packet->flags & XVS_PACKET_IPV4
                           && packet->protocol == 17
                           && data[-5] >= 0x58 && data[-6] == 0x1b))) {
            continue;
        }
        memcpy(&flow, data, sizeof flow);
        memcpy(&number, data + 4, sizeof number);
        if (flow < FLOWS) {
            count(self, burst, flow, number);
        }
    }
}

/* Waits until a packet hook has crashed and another instance has taken over;
 * 0: none has. */
static int
await_crash(const struct kept *kept)
{
    const struct timespec pause = { 0, 1000000 };
    uint64_t before = __atomic_load_n(&kept->taken, __ATOMIC_ACQUIRE);

    for (int i = 0; i < 1500; i++) {
        if (__atomic_load_n(&kept->taken, __ATOMIC_ACQUIRE) != before) {
            return 1;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int
tally_setting(void *arg, const struct xvs_setting *setting,
              struct xvs_answer *answer)
{
    struct tally *self = arg;
    struct kept *kept = self->kept;
    const struct test_tally *wanted =
        setting->op == XVS_ADD ? test_tally_get(setting) : NULL;
    const char *attempt = wanted ? xvs_ref_string(&setting->view,
                                                  wanted->attempt) : NULL;

    if (!attempt) {
        return XVS_SUCCESS;
    }
    if (strcmp(attempt, "meanwhile") == 0 && !kept->waited
        && xvs_keep_is_mine(&self->keep)) {
        kept->waited = kept->waiting = 1;
        if (await_crash(kept)) {
            return self->host->refuse(answer, XVS_INVALID_PARAMETER,
                                      "a packet hook has crashed meanwhile");
        }
    }
    if (strcmp(attempt, "taken") == 0) {
        /* (The standby, which is told of it as well, writes nothing.) */
        if (xvs_keep_is_mine(&self->keep) && may_crash(self)) {
            kept->doomed = 1;
        }
        return XVS_SUCCESS;
    }
    for (int i = 0; i < 4; i++) {
        uint64_t next = kept->pieces[i] + 1;

        xvs_keep_set(&self->keep, NULL, &kept->pieces[i], &next, sizeof next);
        if (i == 2 && strcmp(attempt, "crash") == 0 && may_crash(self)
            && xvs_keep_is_mine(&self->keep)) {
            crash();
        }
    }
    xvs_keep_add(&self->keep, NULL, &kept->settings, 1);
    return XVS_SUCCESS;
}

static int
tally_status(void *arg, const struct xvs_query *query,
             struct xvs_answer *answer)
{
    struct tally *self = arg;
    const struct kept *kept = self->kept;
    struct test_tally_status_writer writer;
    _Alignas(8) char memory[256];
    struct test_tally_status *status =
        test_tally_status_start(&writer, memory, sizeof memory);

    status->total = kept->total;
    status->flow0 = kept->flows[0];
    status->flow1 = kept->flows[1];
    status->flow2 = kept->flows[2];
    status->flow3 = kept->flows[3];
    status->wrong = kept->wrong;
    status->crashes = kept->crashes;
    status->taken = kept->taken;
    status->converted = kept->converted;
    status->version = TALLY_VERSION;
    status->settings = kept->settings;
    for (int i = 0; i < 4; i++) {
        /* All of a hook, or nothing. */
        status->settings = kept->pieces[i] == kept->settings
            ? status->settings : UINT64_MAX;
    }
    return test_tally_status_answer(&writer, self->host, answer,
                                    &query->instance);
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = TALLY_VERSION << 8,
    .id = { 0x7e570060, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_HOLD,
    .name = "tally",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = tally_init,
    .setting = tally_setting,
    .status = tally_status,
    .ingress = tally_ingress,
};
