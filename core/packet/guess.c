/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Open checksums that nobody told us of.  A kernel that hands a frame to XDP
 * loses the note that its checksum is not finished; the field then holds the
 * sum over the pseudo header, and that can be seen.  A frame whose finished
 * checksum happens to be the same number gets it once more, which changes
 * nothing.
 */

#include <config.h>

#include "packet/offload.h"

#include <xvs/packet.h>

#define TCP 6u
#define UDP 17u

/* Where things are in a frame. */
struct place {
    uint32_t l3, l4;            /* offsets */
    uint32_t size;              /* of what is behind IP */
    uint8_t protocol;
    uint32_t sum;               /* over the addresses */
};

/* Offset behind the Ethernet header and its tags; the type in '*type'. */
static uint32_t
behind_ethernet(const struct xvs_packet *packet, uint16_t *type)
{
    uint32_t at = 12;

    for (int tags = 0; at + 2 <= packet->length; at += 4, tags++) {
        *type = xvs_be16(packet->data + at);
        if (tags == 2 || (*type != 0x8100 && *type != 0x88a8)) {
            return at + 2;
        }
    }
    *type = 0;
    return at;
}

static bool
find_ipv4(const struct xvs_packet *packet, struct place *place)
{
    const uint8_t *ip = xvs_packet_at(packet, place->l3, 20);
    uint32_t header = ip ? (ip[0] & 15u) * 4 : 0;

    if (header < 20 || ip[0] >> 4 != 4 || (xvs_be16(ip + 6) & 0x3fff)
        || xvs_be16(ip + 2) < header) {
        return false;
    }
    place->l4 = place->l3 + header;
    place->size = xvs_be16(ip + 2) - header;
    place->protocol = ip[9];
    place->sum = offload_sum(0, ip + 12, 8);
    return true;
}

static bool
find_ipv6(const struct xvs_packet *packet, struct place *place)
{
    const uint8_t *ip = xvs_packet_at(packet, place->l3, 40);

    if (!ip || ip[0] >> 4 != 6) {
        return false;
    }
    place->l4 = place->l3 + 40;
    place->size = xvs_be16(ip + 4);
    place->protocol = ip[6];
    place->sum = offload_sum(0, ip + 8, 32);
    return true;
}

void
offload_guess(struct xvs_packet *packet)
{
    struct place place = { 0 };
    uint32_t field;
    uint16_t type, turned;

    place.l3 = behind_ethernet(packet, &type);
    if (!(type == 0x0800 ? find_ipv4(packet, &place)
          : type == 0x86dd && find_ipv6(packet, &place))
        || (place.protocol != TCP && place.protocol != UDP)) {
        return;
    }
    field = place.protocol == TCP ? 16 : 6;
    if (place.size < field + 2 || place.l4 + place.size > packet->total
        || place.l4 + field + 2 > packet->length) {
        return;
    }
    place.sum = offload_sum(place.sum, (const uint8_t[]) {
        0, place.protocol, (uint8_t) (place.size >> 8),
        (uint8_t) place.size }, 4);
    /* An open one is not turned over, as a finished one is. */
    turned = (uint16_t) ~xvs_be16(packet->data + place.l4 + field);
    if (turned == offload_fold(place.sum)) {
        packet->offload = XVS_OFFLOAD_CHECKSUM;
        packet->csum_start = (uint16_t) place.l4;
        packet->csum_offset = (uint8_t) field;
    }
}
