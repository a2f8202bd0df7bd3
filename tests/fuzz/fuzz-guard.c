/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from guests and from a DHCP server, through the core's parser and
 * the guard's hook, with all checks on.  The input is a list of frames, each
 * with a byte for the port and the seconds before it, and two for its size.
 *
 * What passes is looked at again, in a plainer way than the guard's own: no
 * frame of port 1 is from another MAC address, an untagged IPv4 or ARP packet
 * is from an address that the port has, and of all leases there are few.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"
#include "unit/guard-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
begin(void)
{
    static const char *const all[] = { "192.0.2.0/25", "2001:db8::1",
                                       "2001:db8:1::/64" };
    const struct guard_test_settings guest = {
        .given = 1u << GUARD_IS_SNOOPING | 1u << GUARD_IS_ARP_RATE,
        .snooping = 1, .arp_rate = 10 };
    const struct guard_test_settings trusted = {
        .given = 1u << GUARD_IS_TRUSTED, .trusted = 1 };
    void *self = guard_begin();

    for (uint32_t i = 0; i < 3; i++) {
        guard_put_address(self, XVS_ADD, 1, i + 1, all[i]);
    }
    if (guard_put(self, XVS_ADD, 1, 4, &guest) != XVS_SUCCESS
        || guard_put(self, XVS_ADD, 2, 5, &guest) != XVS_SUCCESS
        || guard_put(self, XVS_ADD, 3, 6, &trusted) != XVS_SUCCESS) {
        abort();
    }
    guard_grace();
    return self;
}

/* Port 1 has it by its settings, or may have it by DHCP; or it is none. */
static int
may_be(const uint8_t *address, uint32_t n_leases)
{
    return n_leases
        || (memcmp(address, "\xc0\0\x02", 3) == 0 && address[3] < 128)
        || memcmp(address, "\0\0\0", 4) == 0;
}

static void
look_again(const uint8_t *frame, size_t size, uint32_t n_leases)
{
    if (size < 14 || memcmp(frame + 6, MAC_A, 6) != 0) {
        abort();
    }
    if (memcmp(frame + 12, "\x08\0", 2) == 0
        && !may_be(frame + 26, n_leases)) {
        abort();
    }
    if (memcmp(frame + 12, "\x08\x06", 2) == 0
        && (!may_be(frame + 28, n_leases)
            || memcmp(frame + 22, MAC_A, 6) != 0)) {
        abort();
    }
}

/* 'where' & 3 tells the port; the other bits are seconds before it. */
static void
run(void *self, uint8_t where, const uint8_t *data, size_t size)
{
    uint8_t *frame = malloc(size + 1);
    struct xvs_packet packet = { .data = frame, .length = (uint32_t) size,
                                 .total = (uint32_t) size,
                                 .in_port = where & 3 };
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };
    uint32_t n_leases;

    if (!frame) {
        abort();
    }
    memcpy(frame, data, size);
    guard_now += (uint64_t) (where >> 2) * 1000000000;
    packet.time = guard_now;
    n_leases = guard_port_status(self, 1).leases;
    parse_packet(&packet);
    xvs_extension_v1.ingress(self, &burst);
    if (memcmp(frame, data, size) != 0) {
        abort();
    }
    if (packet.in_port == 1 && packet.verdict == XVS_PASS) {
        look_again(frame, size, n_leases);
    }
    free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[80];
    void *self = begin();

    while (size >= 3) {
        size_t length = xvs_be16(data + 1);

        length = length > size - 3 ? size - 3 : length;
        run(self, data[0], data + 3, length);
        data += 3 + length;
        size -= 3 + length;
    }
    xvs_extension_v1.timer(self);
    if (guard_port_leases(self, 1, text) > GUARD_LEASES) {
        abort();
    }
    guard_end(self);
    return 0;
}
