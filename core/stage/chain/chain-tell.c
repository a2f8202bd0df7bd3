/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What those who look on hear of a stage.
 */

#include <config.h>

#include "stage/chain/chain-inside.h"

#include "packet/cycles.h"
#include "tap/tap.h"

void
chain_tell_before(const struct chain_entry *entry,
                  const struct chain_run *run,
                  struct xvs_packet *const *packets, uint32_t n)
{
    const struct tap_event event = {
        .point = run->direction == CHAIN_INGRESS ? TAP_INGRESS_BEFORE
                                                 : TAP_EGRESS_BEFORE,
        .burst = n, .extension = entry->id };

    for (uint32_t i = 0; i < n; i++) {
        tap_packet(run->tap, &event, packets[i]);
    }
}

void
chain_tell_after(const struct chain_entry *entry, const struct chain_run *run,
                 struct xvs_packet *const *packets, uint32_t n,
                 uint64_t cycles)
{
    struct tap_event event = {
        .point = run->direction == CHAIN_INGRESS ? TAP_INGRESS_AFTER
                                                 : TAP_EGRESS_AFTER,
        .spent = (uint32_t) (cycles * 1000 / cycles_per_us() / n),
        .burst = n, .extension = entry->id };

    for (uint32_t i = 0; i < n; i++) {
        uint8_t verdict = packets[i]->verdict;

        event.fate = verdict == XVS_PASS ? FATE_PASSED
            : verdict == CHAIN_BROKEN ? FATE_BROKEN : FATE_DROPPED;
        event.reason = verdict == XVS_DROP ? packets[i]->drop_reason : 0;
        tap_packet(run->tap, &event, packets[i]);
    }
}
