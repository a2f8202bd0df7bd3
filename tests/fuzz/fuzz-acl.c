/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Frames from guests, through the core's parser and the acl's hooks, with
 * rules that look at everything and remember connections.  The input is a
 * list of frames, each with a byte for the way it goes and two for its size.
 * The key of each frame also goes through rules by chance, some compiled and
 * some not, and what is found is compared with a plain walk.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flows.h"
#include "packet/parse.h"
#include "set.h"
#include "unit/acl-host.h"
#include "unit/acl-linear.h"

#define N_RULES 700u            /* two chunks */
#define WORLD 20u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
begin(void)
{
    static const struct acl_test_rule settings[] = {
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

    for (uint32_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (acl_put_rule(self, XVS_ADD, i + 1, &settings[i]) != XVS_SUCCESS) {
            abort();
        }
    }
    acl_put_policy(self, 1, 2, 50);
    acl_grace();
    return self;
}

static struct acl_rule *rules[N_RULES];

/* All but the last few of them are compiled. */
static struct acl_view *
make_view(void)
{
    struct acl_view *view = acl_view_create();

    for (uint32_t i = 0; i < N_RULES; i++) {
        struct acl_view *old = view;

        rules[i] = chance_rule(WORLD);
        view = acl_view_change(old, NULL, rules[i]);
        acl_view_release(old);
        if (i == N_RULES - 30) {
            old = view;
            view = acl_view_compile(old);
            acl_view_release(old);
        }
        if (!view) {
            abort();
        }
    }
    return view;
}

static void
classify(const struct xvs_packet *packet, int direction)
{
    static struct acl_view *view;
    const struct acl_asker asker = { .seed = 1, .generation = 2,
                                     .direction = direction };
    const struct acl_rule *rule = NULL;
    struct acl_asked plain = { .hash = 0 }, general = { .hash = 0 };
    struct acl_key key;
    uint8_t tcp_flags;

    view = view ? view : make_view();
    acl_key_read(&key, packet);
    if (key.is_broken) {
        return;
    }
    uint32_t place = acl_view_find(view, acl_list(direction, key.kind), &key,
                                   UINT64_MAX);

    if (place != ACL_NOWHERE) {
        rule = acl_view_rule(view, place);
    }
    if (rule != linear_find(rules, N_RULES, direction, &key)) {
        abort();
    }
    acl_asked_from(&general, &asker, &key);
    if (acl_asked_read(&plain, &asker, packet, &tcp_flags)
        && memcmp(&plain, &general, sizeof plain) != 0) {
        abort();
    }
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
    classify(&packet, way & 1 ? ACL_OUT : ACL_IN);
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
