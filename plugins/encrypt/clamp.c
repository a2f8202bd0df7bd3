/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See clamp.h.
 */
#include "clamp.h"

#include <xvs/headers.h>

#define SYN 0x02u
#define OPTION_END 0u
#define OPTION_NOTHING 1u
#define OPTION_MSS 2u           /* four bytes in all */

/* Where the value of the option is; 0: there is none. */
static uint32_t
find_mss(const struct xvs_packet *packet, const struct xvs_tcp *tcp)
{
    uint32_t at = packet->l4 + (uint32_t) sizeof(*tcp);
    uint32_t end = packet->l4 + (tcp->offset >> 4) * 4u;

    end = end < packet->length ? end : packet->length;
    while (at + 2 <= end && packet->data[at] != OPTION_END) {
        const uint8_t *option = packet->data + at;

        if (option[0] == OPTION_MSS && option[1] == 4 && at + 4 <= end) {
            return at + 2;
        }
        if (option[0] == OPTION_NOTHING) {
            at++;
        } else if (option[1] < 2) {
            return 0;
        } else {
            at += option[1];
        }
    }
    return 0;
}

bool
clamp_mss(struct xvs_packet *packet, uint32_t mtu)
{
    const struct xvs_tcp *tcp = xvs_packet_tcp(packet);
    uint32_t headers = (uint32_t) sizeof(struct xvs_tcp)
        + (packet->flags & XVS_PACKET_IPV6 ? 40 : 20), at, most;
    uint8_t value[2];

    if (!tcp || !(tcp->flags & SYN) || mtu <= headers
        || (at = find_mss(packet, tcp)) == 0) {
        return false;
    }
    most = mtu - headers;
    if (xvs_be16(packet->data + at) <= most) {
        return false;
    }
    value[0] = (uint8_t) (most >> 8);
    value[1] = (uint8_t) most;
    return xvs_packet_write(packet, at, value, sizeof(value));
}
