/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_KEEP_H
#define GUARD_KEEP_H

/*
 * Leases in memory that outlives this instance (xvs/keep.h), so that a guest
 * keeps its address when the guard's process ends, when it is upgraded or
 * moves.  Packets are not compared with it: what they are compared with is in
 * lease.h, and is made from this for each port, and when another instance takes
 * over.
 *
 * A table of leases of all ports, each with the port's id, which no other port
 * ever gets.  The workers that see servers' answers write it under a lock of
 * this instance, rarely.  When it is full, further leases are not kept.
 */

#include <stdint.h>

#include <xvs/keep.h>

#define GUARD_KEPT 4096u        /* leases of all ports */

struct guard;
struct guard_port;

struct guard_kept {
    uint64_t client;            /* guard_client() */
    uint64_t term;              /* as in lease.h; 0: free */
    uint32_t port;              /* id */
    uint32_t reserved;
};

/* In init(); a host that keeps nothing is fine. */
void guard_keep_begin(struct guard *self, const struct xvs_host *host);
/* The port has the leases that are kept and still hold. */
void guard_keep_restore(struct guard *self, struct guard_port *port);
/* A lease as guard_leases_put(). */
void guard_keep_put(struct guard *self, const struct xvs_burst *burst,
                    const struct guard_kept *lease, uint32_t now);
/* Ends the leases of the port with that client and address. */
void guard_keep_end(struct guard *self, const struct xvs_burst *burst,
                    uint32_t port, uint64_t client, uint32_t address);
/* The same of whatever client in that VLAN. */
void guard_keep_take(struct guard *self, const struct xvs_burst *burst,
                     uint32_t port, uint16_t vlan, uint32_t address);

#endif
