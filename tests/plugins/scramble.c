/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Does to frames all that a filter may: changes every byte behind the
 * addresses, on ingress and on egress, puts four bytes in or takes them out,
 * makes frames longer, drops some.  What it does depends on the frame alone.
 */

#include <string.h>
#include <xvs/extension.h>

#define ADDRESSES 12u
#define BYTES 4u                /* that are put in or taken out */

static uint32_t
sum(const struct xvs_packet *packet)
{
    uint32_t all = packet->total;

    for (uint32_t i = ADDRESSES; i < packet->length && i < 64; i++) {
        all = all * 31 + packet->data[i];
    }
    return all;
}

static void
change(struct xvs_packet *packet, uint8_t key)
{
    uint32_t skip = ADDRESSES + 2;

    for (; packet; packet = packet->next) {
        for (uint32_t i = skip; i < packet->length; i++) {
            packet->data[i] = (uint8_t) (packet->data[i] * 3 + key + i);
        }
        skip = 0;
    }
}

static void
put_in(struct xvs_packet *packet)
{
    packet->data -= BYTES;
    packet->length += BYTES;
    memmove(packet->data, packet->data + BYTES, ADDRESSES);
    memcpy(packet->data + ADDRESSES, "\x88\xb5in", BYTES);
}

static void
take_out(struct xvs_packet *packet)
{
    memmove(packet->data + BYTES, packet->data, ADDRESSES);
    packet->data += BYTES;
    packet->length -= BYTES;
}

static void
scramble_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint32_t what = sum(packet) % 8;

        change(packet, 17);
        if (what == 0) {
            xvs_drop(packet, 1);
        } else if (what < 3) {
            put_in(packet);
        } else if (what < 5) {
            take_out(packet);
        }
    }
}

static void
scramble_egress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];

        change(packet, 99);
        if (!packet->next && packet->length < 1600) {
            memset(packet->data + packet->length, 0x77, BYTES);
            packet->length += BYTES;
        }
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .mandatory = XVS_HOOK_TRAITS,
    .id = { 0x7e570050, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_CLOSED,
    .name = "scramble",
    .vendor = "xvs tests",
    .description = "Changes all of each frame",
    .ingress = scramble_ingress,
    .egress = scramble_egress,
    .traits = XVS_TRAIT_EGRESS | XVS_TRAIT_PAYLOAD,
};
