/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See entry.h.
 */

#include <config.h>

#include "switch/forward/entry.h"

#include <xvs/extension.h>

#include "base/text.h"
#include "stage/chain/chain.h"
#include "switch/forward/forward.h"
#include "switch/forward/table.h"
#include "switch/forward/watch.h"

uint32_t
entry_place(const struct chain *chain, struct vport *port)
{
    const struct port_entry *entry = vport_special(port) & VPORT_ENTRY
        ? xvs_read(port->entry) : NULL;
    const struct xvs_guid *id;
    bool is_before;
    uint32_t at;

    if (!entry) {
        return 0;
    }
    is_before = chain && chain->serial < entry->since;
    id = is_before ? &entry->before : &entry->id;
    if (guid_is_zero(id)) {
        return 0;
    }
    at = chain_find(chain, id);
    /* Rather too many stages than none, for the last few packets. */
    return is_before && at == CHAIN_NOWHERE ? 0 : at;
}

uint32_t
entry_behind(const struct chain *chain, struct vport *port)
{
    uint32_t at = entry_place(chain, port);

    return at == CHAIN_NOWHERE ? 0 : at;
}

uint32_t
entry_take(const struct forward *forward, struct vport *port,
           struct chain_run *run, struct xvs_packet *const *packets,
           uint32_t n)
{
    uint32_t at = entry_place(forward->chain, port);

    if (at != CHAIN_NOWHERE) {
        run->entry = at;
        return n;
    }
    vport_drop(port, forward->worker, DROP_ENTRY, n);
    for (uint32_t i = 0; watch_is_on(forward) && i < n; i++) {
        watch_drop(forward, run->direction == CHAIN_INGRESS ? TAP_RX : TAP_TX,
                   DROP_ENTRY, packets[i]);
    }
    return 0;
}
