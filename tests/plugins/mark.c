/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writes a mark into the type of service of IPv4 packets on ingress.  Built
 * several times: as two versions of one extension, and as one that refuses to
 * begin.
 */

#include <xvs/extension.h>

#ifndef MARK_TOS
#define MARK_TOS 0x08
#define MARK_VERSION 0x0100
#endif

static int
mark_init(const struct xvs_host *host, void **self)
{
    (void) host;
    (void) self;
#ifdef MARK_REFUSES
    return XVS_NOT_ACCEPTED;
#else
    return XVS_SUCCESS;
#endif
}

/* One's complement arithmetic on the checksum, for the changed word. */
static void
mark_one(uint8_t *ip)
{
    uint16_t before = xvs_be16(ip), after;
    uint32_t sum = (uint16_t) ~xvs_be16(ip + 10);

    ip[1] = MARK_TOS;
    after = xvs_be16(ip);
    sum += (uint16_t) ~before + (uint32_t) after;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = (uint8_t) (~sum >> 8);
    ip[11] = (uint8_t) ~sum;
}

static void
mark_ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];
        uint8_t *ip = xvs_packet_at(packet, packet->l3, 20);

        if (ip && packet->flags & XVS_PACKET_IPV4) {
            mark_one(ip);
        }
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = MARK_VERSION,
    .id = { 0x7e570010, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "mark",
    .init = mark_init,
    .ingress = mark_ingress,
};
