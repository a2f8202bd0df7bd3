/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from guests, through the core's parser and the snoop extension, with
 * filters, limits and a port that no router may be at.  The input is a list
 * of frames, each with a byte for the way it goes, one for options and two
 * for its size.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"
#include "parse.h"
#include "unit/snoop-host.h"

enum { MAX_GROUPS = 40, MAX_PER_PORT = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
enable(void *self, bool is_on)
{
    struct xvs_switch_snooping body = XVS_SWITCH_SNOOPING_DEFAULTS;

    body.enabled = is_on;
    body.max_groups = MAX_GROUPS;
    body.max_groups_per_port = MAX_PER_PORT;
    if (snoop_put_switch(self, &body, "0-100") != XVS_SUCCESS) {
        abort();
    }
}

static void *
begin(void)
{
    void *self = snoop_begin();

    enable(self, true);
    if (snoop_put_port(self, 3, 2) != XVS_SUCCESS
        || snoop_put_filter(self, XVS_ADD, 1, 1, "239.0.0.0/8", 2)
               != XVS_SUCCESS
        || snoop_put_filter(self, XVS_ADD, 1, 2, "ff00::/8", 2)
               != XVS_SUCCESS
        || snoop_put_filter(self, XVS_ADD, 1, 3, "ff3e::/16", 1)
               != XVS_SUCCESS) {
        abort();
    }
    return self;
}

/* 'way': bits 0 and 1 the port, bit 2 out; the others are seconds before it.
 * 'how': bit 0 an open checksum, the others where the first buffer ends. */
static void
run(void *self, uint8_t way, uint8_t how, const uint8_t *data, size_t size)
{
    size_t first = how >> 1 ? (how >> 1) * 16u : size;
    uint8_t *frame = malloc(size + 1), *more = malloc(size + 1);
    struct xvs_packet rest = { 0 }, packet = { 0 };
    struct xvs_burst burst = { .n = 1, .packets = { &packet } };
    bool is_split = first < size;

    if (!frame || !more) {
        abort();
    }
    first = is_split ? first : size;
    memcpy(frame, data, first);
    memcpy(more, data + first, size - first);
    packet = (struct xvs_packet) {
        .data = frame, .length = (uint32_t) first, .total = (uint32_t) size,
        .next = is_split ? &rest : NULL, .time = snoop_fake.now,
        .in_port = 1 + (way & 3), .out_port = 1 + (way & 3),
        .offload = how & 1 };
    rest.data = more;
    rest.length = (uint32_t) (size - first);
    snoop_pass(self, (uint64_t) (way >> 3) * 1000);
    parse_packet(&packet);
    if (way & 4) {
        xvs_extension_v1.egress(self, &burst);
    } else {
        xvs_extension_v1.ingress(self, &burst);
    }
    snoop_settle(self);
    free(frame);
    free(more);
}

/* The parser alone, on bytes that end where they end. */
static void
parse(const uint8_t *data, size_t size, bool is_ipv6)
{
    struct snoop_message message;
    struct snoop_record record;

    snoop_parse(&message, data, size, is_ipv6, true);
    while (message.kind != SNOOP_MALFORMED && snoop_next(&message, &record)) {
        if (!is_ipv6 && record.group[0] >> 4 != 0xe) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void *self;

    if (!self) {
        self = begin();
    }
    parse(data, size, false);
    parse(data, size, true);
    while (size >= 4) {
        size_t length = xvs_be16(data + 2);

        length = length > size - 4 ? size - 4 : length;
        run(self, data[0], data[1], data + 4, length);
        data += 4 + length;
        size -= 4 + length;
    }
    if (snoop_fake.n_groups > MAX_GROUPS || snoop_fake.is_router[3]) {
        abort();
    }
    for (uint32_t port = 1; port <= 4; port++) {
        if (snoop_port_status(self, port).groups > MAX_PER_PORT) {
            abort();
        }
    }
    /* The next input begins with nothing known. */
    enable(self, false);
    if (snoop_fake.n_groups || snoop_fake.timer_ms) {
        abort();
    }
    enable(self, true);
    return 0;
}
