/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from guests, through the core's parser and the acl's hooks, with
 * rules that look at everything and remember connections.  The input is a
 * list of frames, each with a byte for the way it goes and two for its size.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"
#include "unit/acl-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
begin(void)
{
    static const struct acl_test_rule rules[] = {
        { .port = 1, .priority = 1, .action = 1, .direction = 1,
          .stateful = 1, .source = "192.0.2.0/24" },
        { .port = 1, .priority = 1, .action = 1, .direction = 1,
          .stateful = 1, .source = "2001:db8::/32" },
        { .port = 1, .priority = 2, .action = 2, .protocol = 17,
          .source_low = 5, .source_high = 90 },
        { .port = 0, .priority = 3, .action = 2, .protocol = 58 },
        { .port = 0, .priority = 4, .action = 1, .ethertype = 0x88cc },
    };
    void *self = acl_begin();

    for (uint32_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (acl_put_rule(self, XVS_ADD, i + 1, &rules[i]) != XVS_SUCCESS) {
            abort();
        }
    }
    acl_put_policy(self, 1, 2, 50);
    acl_grace();
    return self;
}

/* 'way' & 1: out; the other bits are seconds before it. */
static void
run(void *self, uint8_t way, const uint8_t *data, size_t size)
{
    uint8_t *frame = malloc(size + 1);
    struct xvs_packet packet = { .data = frame, .length = (uint32_t) size };
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };

    if (!frame) {
        abort();
    }
    memcpy(frame, data, size);
    acl_now += (uint64_t) (way >> 1) * 1000000000;
    packet.time = acl_now;
    packet.in_port = packet.out_port = 1;
    parse_packet(&packet);
    if (way & 1) {
        xvs_extension_v1.egress(self, &burst);
    } else {
        xvs_extension_v1.ingress(self, &burst);
    }
    free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *self;
    struct xvs_call call = { .size = sizeof(call), .port_id = 1 };
    uint32_t cleared;

    if (!self) {
        self = begin();
    }
    while (size >= 3) {
        size_t length = xvs_be16(data + 1);

        length = length > size - 3 ? size - 3 : length;
        run(self, data[0], data + 3, length);
        data += 3 + length;
        size -= 3 + length;
    }
    if (acl_port_status(self, 1).connections > 50) {
        abort();
    }
    xvs_acl_port_status_reset_counters(self, &call, 1, &cleared);
    if (acl_port_status(self, 1).connections != 0) {
        abort();
    }
    return 0;
}
