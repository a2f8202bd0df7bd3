/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet hooks.
 */
#include "compress.h"

#include <lz4.h>
#include <string.h>

#include <xvs/headers.h>

/* What one burst adds. */
struct tally {
    uint64_t counts[COMPRESS_COUNTS];
};

static void
add(struct compress *self, const struct tally *tally)
{
    for (int i = 0; i < COMPRESS_COUNTS; i++) {
        if (tally->counts[i]) {
            atomic_fetch_add_explicit(&self->counts[i], tally->counts[i],
                                      memory_order_relaxed);
        }
    }
}

static void
put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

/* The frame ends behind so many bytes now. */
static void
resize(struct xvs_packet *packet, uint32_t length)
{
    packet->length = packet->total = length;
    packet->offload = 0;
    packet->hash = 0;
}

/* ---- On the way in ------------------------------------------------------ */

/* Puts the block in place of 'size' bytes at 'at'. */
static void
replace(const struct compress_set *set, struct xvs_packet *packet,
        uint32_t at, enum compress_method method, const uint8_t *block,
        uint32_t packed, uint32_t size)
{
    uint8_t *to = packet->data + at;

    memmove(to + COMPRESS_HEADER, block, packed);
    put16(to, set->ethertype);
    to[2] = COMPRESS_KIND;
    to[3] = (uint8_t) method;
    put16(to + 4, packed);
    put16(to + 6, size);
    resize(packet, at + COMPRESS_HEADER + packed);
}

/* One that looks like ours is wrapped in any case, so that it comes out as it
 * was, and not as what it claims to be. */
static bool
wrap(const struct compress_set *set, struct xvs_packet *packet, uint32_t at)
{
    uint32_t size = packet->length - at;

    if (xvs_packet_room(packet) < COMPRESS_HEADER) {
        return false;
    }
    replace(set, packet, at, COMPRESS_STORED, packet->data + at, size, size);
    return true;
}

/* Whether it is worth a try. */
static bool
is_fit(const struct compress_set *set, const struct xvs_packet *packet,
       uint32_t at)
{
    uint32_t size = packet->length - at;

    return !(packet->data[0] & 1)       /* for one only */
        && size - 2 >= set->min_length
        && size > COMPRESS_HEADER + set->min_saving;
}

static bool
pack(const struct compress_set *set, struct xvs_packet *packet, uint32_t at)
{
    uint8_t block[XVS_FRAME];
    uint32_t size = packet->length - at;
    int packed = LZ4_compress_fast((const char *) packet->data + at,
                                   (char *) block, (int) size,
                                   (int) (size - COMPRESS_HEADER
                                          - set->min_saving),
                                   set->acceleration);

    if (packed <= 0) {
        return false;
    }
    replace(set, packet, at, COMPRESS_LZ4, block, (uint32_t) packed, size);
    return true;
}

static void
pack_one(const struct compress_set *set, struct xvs_packet *packet,
         struct tally *tally)
{
    uint32_t at = xvs_packet_type(packet), before = packet->total;
    bool is_done = false;

    if (at && !packet->next && packet->gso_type == XVS_GSO_NONE) {
        is_done = (is_fit(set, packet, at) && pack(set, packet, at))
            || (packet->ethertype == set->ethertype
                && wrap(set, packet, at));
    }
    if (is_done) {
        tally->counts[COMPRESS_N_PACKED]++;
        tally->counts[COMPRESS_N_BEFORE] += before;
        tally->counts[COMPRESS_N_AFTER] += packet->total;
    } else {
        tally->counts[COMPRESS_N_LEFT]++;
    }
}

void
compress_ingress(void *arg, struct xvs_burst *burst)
{
    struct compress *self = arg;
    const struct compress_set *set = xvs_read(self->set);
    struct tally tally = { { 0 } };

    for (uint32_t i = 0; i < burst->n; i++) {
        pack_one(set, burst->packets[i], &tally);
    }
    add(self, &tally);
}

/* ---- On the way out ----------------------------------------------------- */

/* What type and payload were; how many bytes, or 0. */
static uint32_t
unpack(const uint8_t *from, uint32_t left, uint8_t out[XVS_FRAME])
{
    uint32_t packed = xvs_be16(from + 4), size = xvs_be16(from + 6);
    int got = -1;

    if (packed > left - COMPRESS_HEADER || size < 2 || size > XVS_FRAME) {
        return 0;
    }
    if (from[3] == COMPRESS_LZ4) {
        got = LZ4_decompress_safe((const char *) from + COMPRESS_HEADER,
                                  (char *) out, (int) packed, (int) size);
    } else if (from[3] == COMPRESS_STORED && packed == size) {
        memcpy(out, from + COMPRESS_HEADER, size);
        got = (int) size;
    }
    return got == (int) size ? size : 0;
}

static void
unpack_one(struct xvs_packet *packet, struct tally *tally)
{
    uint32_t at = xvs_packet_type(packet), left = packet->length - at, size;
    uint8_t out[XVS_FRAME];

    size = packet->next || left < COMPRESS_HEADER ? 0
        : unpack(packet->data + at, left, out);
    if (size == 0 || size > left + xvs_packet_room(packet)) {
        tally->counts[COMPRESS_N_DAMAGED]++;
        xvs_drop(packet, COMPRESS_DAMAGED);
        return;
    }
    memcpy(packet->data + at, out, size);
    resize(packet, at + size);
    tally->counts[COMPRESS_N_RESTORED]++;
}

/* Whether it says that it was compressed; what an encrypted frame of the same
 * EtherType says is another extension's matter. */
static bool
is_ours(const struct compress_set *set, const struct xvs_packet *packet)
{
    uint32_t at = xvs_packet_type(packet);

    return packet->ethertype == set->ethertype && at
        && packet->length >= at + 3 && packet->data[at + 2] == COMPRESS_KIND;
}

void
compress_egress(void *arg, struct xvs_burst *burst)
{
    struct compress *self = arg;
    const struct compress_set *set = xvs_read(self->set);
    struct tally tally = { { 0 } };

    for (uint32_t i = 0; i < burst->n; i++) {
        if (is_ours(set, burst->packets[i])) {
            unpack_one(burst->packets[i], &tally);
        }
    }
    add(self, &tally);
}
