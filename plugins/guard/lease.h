/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GUARD_LEASE_H
#define GUARD_LEASE_H

/*
 * IPv4 addresses that DHCP servers gave to one port, few and bounded.
 *
 * Any worker reads them for every packet of the port, so a lease is one word
 * that is read without a lock: its address, and when it ends.  Who has it is
 * in a second word that only status and writers look at.  Writers, the
 * workers that see servers' answers, take the lock; there is one of these for
 * each lease that a server gives.
 *
 * A server's answer counts when the port has asked for it: with the number of
 * one of its last requests, in the same VLAN, for the same client.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define GUARD_LEASES 16u        /* of a port, at once */
#define GUARD_ASKED 4u          /* last requests that are remembered */
#define GUARD_FOR_EVER UINT32_MAX

struct guard_leases {
    pthread_mutex_t lock;       /* of those who write leases */
    _Atomic uint64_t terms[GUARD_LEASES];   /* end, in s << 32 | address */
    _Atomic uint64_t clients[GUARD_LEASES]; /* guard_client() of each */
    _Atomic uint64_t asking[GUARD_ASKED];   /* clients, and ... */
    _Atomic uint32_t asked[GUARD_ASKED];    /* ... numbers of requests */
    _Atomic uint32_t n_asked;
};

void guard_leases_init(struct guard_leases *leases);
void guard_leases_destroy(struct guard_leases *leases);

/* A client as one word: its MAC address, and its VLAN behind. */
uint64_t guard_client(const uint8_t *mac, uint16_t vlan);
void guard_client_read(uint64_t client, uint8_t mac[6], uint16_t *vlan);

/* The port has asked a server; asking twice is asking once. */
void guard_leases_ask(struct guard_leases *leases, uint64_t client,
                      uint32_t number);
bool guard_leases_asked(const struct guard_leases *leases, uint64_t client,
                        uint32_t number);

/* Addresses are words as in packets, times seconds of the monotonic clock.
 * A lease too many takes the place of the one that ends first. */
void guard_leases_put(struct guard_leases *leases, uint64_t client,
                      uint32_t address, uint32_t end);
/* Ends it, when the client has it. */
void guard_leases_end(struct guard_leases *leases, uint64_t client,
                      uint32_t address);
/* Ends it whoever of that VLAN has it, for it was given to another port.  False:
 * nobody had it. */
bool guard_leases_take(struct guard_leases *leases, uint16_t vlan,
                       uint32_t address);

void guard_leases_clear(struct guard_leases *leases);

/* Lease number 'i' while it holds; false: there is none. */
bool guard_leases_get(const struct guard_leases *leases, uint32_t i,
                      uint32_t now, uint64_t *client, uint32_t *address,
                      uint32_t *end);

static inline bool
guard_leases_have(const struct guard_leases *leases, uint32_t address,
                  uint32_t now)
{
    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        uint64_t term = atomic_load_explicit(&leases->terms[i],
                                             memory_order_relaxed);

        if ((uint32_t) term == address && term >> 32 > now) {
            return true;
        }
    }
    return false;
}

#endif
