/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See traffic-look.h.  A frame is copied before the hook and compared behind
 * it, byte by byte where it lies, because a filter may move its beginning.
 */

#include <config.h>

#include "traffic-look.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "corpus.h"
#include "exttest.h"
#include "packet/pool.h"
#include "rig.h"
#include "stage/chain/chain.h"
#include "stage/chain/rights.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"
#include "traffic.h"

#define HEAD_BYTES 128u         /* that may be changed without a trait */

struct look {
    const struct traffic_frame *frames;
    struct xvs_packet packets[XVS_BURST];   /* as they were */
    struct buffer bytes;        /* of their buffers, one behind the other */
};

struct look *
look_create(void)
{
    return mem_zalloc(sizeof(struct look));
}

void
look_destroy(struct look *look)
{
    if (look) {
        buffer_free(&look->bytes);
    }
    free(look);
}

void
look_frames(struct look *look, const struct traffic_frame *frames)
{
    look->frames = frames;
}

void
look_before(struct look *look, const struct xvs_burst *burst)
{
    look->bytes.size = 0;
    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        look->packets[i] = *packet;
        for (; packet; packet = packet->next) {
            buffer_put(&look->bytes, packet->data, packet->length);
        }
    }
}

/* What a failure is about. */
struct case_of {
    const struct look *look;
    const struct traffic *traffic;
    uint32_t i;                 /* packet of the burst */
};

static void
blame(const struct case_of *of, const char *what)
{
    trial_fail(of->traffic->trial, "%s: %s (frame %u of the corpus: %s)",
               of->traffic->is_egress ? "egress" : "ingress", what,
               of->look->frames[of->i].id,
               corpus_name(of->look->frames[of->i].id % corpus_count()));
}

static void
check_verdict(const struct case_of *of, const struct xvs_packet *now)
{
    uint32_t class = of->traffic->entry->extension_class;

    if (now->verdict > XVS_DROP) {
        blame(of, "the verdict is neither XVS_PASS nor XVS_DROP");
    }
    if (now->verdict == XVS_DROP && class == XVS_CLASS_CAPTURE) {
        blame(of, "a capture extension drops, and may not");
    }
    if (now->verdict == XVS_DROP && now->drop_reason > XVS_REASONS) {
        blame(of, "a drop reason above XVS_REASONS is counted with others");
    }
}

static void
check_meta(const struct case_of *of, const struct xvs_packet *now)
{
    const struct xvs_packet *before = &of->look->packets[of->i];
    const struct chain_entry *entry = of->traffic->entry;

    if (now->in_port != before->in_port) {
        blame(of, "in_port was changed, and is the switch's");
    }
    if (now->next != before->next) {
        blame(of, "next was changed, and is the switch's");
    }
    if (now->out_port != before->out_port
        && (of->traffic->is_egress
            || entry->extension_class != XVS_CLASS_FORWARD)) {
        blame(of, "out_port was changed, which only a forwarder may, on"
                  " ingress");
    }
    if ((now->data != before->data || now->length != before->length)
        && !rights_may_change(entry->extension_class, entry->traits,
                              of->traffic->is_egress)) {
        blame(of, of->traffic->is_egress
                  ? "the frame was moved or resized without"
                    " XVS_TRAIT_EGRESS"
                  : "the frame was moved or resized, which a capture"
                    " extension may not");
    }
}

/* Bytes from 'first' on of a buffer that had 'length' of them at 'data'. */
static bool
is_same(const uint8_t *data, const char *before, uint32_t first,
        uint32_t length)
{
    return first >= length
        || memcmp(data + first, before + first, length - first) == 0;
}

static void
check_bytes(const struct case_of *of, const struct xvs_packet *now,
            const char *bytes)
{
    const struct xvs_packet *before = &of->look->packets[of->i];
    const struct chain_entry *entry = of->traffic->entry;
    bool may = rights_may_change(entry->extension_class, entry->traits,
                                 of->traffic->is_egress);
    uint32_t first = may ? HEAD_BYTES : 0;
    bool same = is_same(before->data, bytes, first, before->length);

    if (entry->traits & XVS_TRAIT_PAYLOAD && may) {
        return;
    }
    bytes += before->length;
    for (const struct xvs_packet *rest = now->next; rest;
         rest = rest->next) {
        same = is_same(rest->data, bytes, 0, rest->length) && same;
        bytes += rest->length;
    }
    if (!same) {
        blame(of, may ? "bytes behind the first 128 were changed without"
                        " XVS_TRAIT_PAYLOAD"
                  : of->traffic->is_egress
                      ? "bytes were changed without XVS_TRAIT_EGRESS"
                      : "bytes were changed, which a capture extension may"
                        " not");
    }
}

static void
check_place(const struct case_of *of, const struct xvs_packet *now)
{
    const struct pool *pool = workers_pool(of->traffic->rig->driver->workers);

    if (now->verdict == XVS_PASS && !pool_holds(pool, now)) {
        blame(of, "the frame left its buffer");
    }
}

void
look_after(struct look *look, const struct traffic *traffic,
           const struct xvs_burst *given)
{
    const char *bytes = look->bytes.data;

    for (uint32_t i = 0; i < given->n; i++) {
        const struct case_of of = { look, traffic, i };
        const struct xvs_packet *now = given->packets[i];

        check_verdict(&of, now);
        check_meta(&of, now);
        if (now->next == look->packets[i].next) {
            check_bytes(&of, now, bytes);
        }
        check_place(&of, now);
        bytes += look->packets[i].total;
    }
}
