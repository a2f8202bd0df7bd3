/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_FORWARD_ENTRY_H
#define XVS_SWITCH_FORWARD_ENTRY_H

/*
 * Where packets of a port enter the chain; see stage/chain.h.  The port names
 * an extension, whose place is looked up in the chain of each burst.
 *
 * An entry that is changed counts for the chain that is published with it and
 * for those behind that.  Packets in flight stay in the chain of before and
 * have the entry of before, and no packet overtakes them (flight.h).
 */

#include <stdint.h>
#include <xvs/types.h>

#include "packet/grace.h"

struct chain;
struct chain_run;
struct forward;
struct vport;
struct xvs_packet;

struct port_entry {
    struct grace_call grace;    /* for freeing it */
    struct xvs_guid id;         /* of the extension; zero: none any more */
    struct xvs_guid before;     /* the one before it; zero: none */
    uint32_t since;             /* serial of the first chain with 'id' */
};

/* The port's entry in the chain, which may be NULL: 0 for a port without one,
 * CHAIN_NOWHERE when its stage is not there. */
uint32_t entry_place(const struct chain *chain, struct vport *port);
/* The same for packets that come back from a stage on their way out, which
 * none is kept from. */
uint32_t entry_behind(const struct chain *chain, struct vport *port);
/* Lets packets of a special port run from there.  Returns how many may: all,
 * or none, which are counted. */
uint32_t entry_take(const struct forward *forward, struct vport *port,
                    struct chain_run *run, struct xvs_packet *const *packets,
                    uint32_t n);

#endif
