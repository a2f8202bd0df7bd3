/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See lease.h.
 */
#include "lease.h"

#include <string.h>

void
guard_leases_init(struct guard_leases *leases)
{
    memset(leases, 0, sizeof(*leases));
    pthread_mutex_init(&leases->lock, NULL);
}

void
guard_leases_destroy(struct guard_leases *leases)
{
    pthread_mutex_destroy(&leases->lock);
}

uint64_t
guard_client(const uint8_t *mac, uint16_t vlan)
{
    uint64_t client;
    uint8_t bytes[8];

    memcpy(bytes, mac, 6);
    memcpy(bytes + 6, &vlan, sizeof(vlan));
    memcpy(&client, bytes, sizeof(client));
    return client;
}

void
guard_client_read(uint64_t client, uint8_t mac[6], uint16_t *vlan)
{
    uint8_t bytes[8];

    memcpy(bytes, &client, sizeof(client));
    memcpy(mac, bytes, 6);
    memcpy(vlan, bytes + 6, sizeof(*vlan));
}

void
guard_leases_ask(struct guard_leases *leases, uint64_t client,
                 uint32_t number)
{
    uint32_t i;

    if (guard_leases_asked(leases, client, number)) {
        return;
    }
    i = atomic_fetch_add_explicit(&leases->n_asked, 1, memory_order_relaxed)
        % GUARD_ASKED;
    atomic_store_explicit(&leases->asked[i], number, memory_order_relaxed);
    atomic_store_explicit(&leases->asking[i], client, memory_order_release);
}

bool
guard_leases_asked(const struct guard_leases *leases, uint64_t client,
                   uint32_t number)
{
    for (uint32_t i = 0; i < GUARD_ASKED; i++) {
        if (atomic_load_explicit(&leases->asking[i], memory_order_acquire)
                == client
            && atomic_load_explicit(&leases->asked[i], memory_order_relaxed)
                == number) {
            return true;
        }
    }
    return false;
}

static uint64_t
term_at(const struct guard_leases *leases, uint32_t i)
{
    return atomic_load_explicit(&leases->terms[i], memory_order_relaxed);
}

static uint64_t
client_at(const struct guard_leases *leases, uint32_t i)
{
    return atomic_load_explicit(&leases->clients[i], memory_order_relaxed);
}

/* The place of the client's lease, a free one, or that of the one that ends
 * first. */
static uint32_t
place_for(const struct guard_leases *leases, uint64_t client,
          uint32_t address)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        if (client_at(leases, i) == client
            && (uint32_t) term_at(leases, i) == address) {
            return i;
        }
        if (term_at(leases, i) >> 32 < term_at(leases, first) >> 32) {
            first = i;
        }
    }
    return first;
}

void
guard_leases_put(struct guard_leases *leases, uint64_t client,
                 uint32_t address, uint32_t end)
{
    uint32_t i;

    pthread_mutex_lock(&leases->lock);
    i = place_for(leases, client, address);
    atomic_store_explicit(&leases->clients[i], client, memory_order_relaxed);
    atomic_store_explicit(&leases->terms[i], (uint64_t) end << 32 | address,
                          memory_order_relaxed);
    pthread_mutex_unlock(&leases->lock);
}

void
guard_leases_end(struct guard_leases *leases, uint64_t client,
                 uint32_t address)
{
    pthread_mutex_lock(&leases->lock);
    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        if (client_at(leases, i) == client
            && (uint32_t) term_at(leases, i) == address) {
            atomic_store_explicit(&leases->terms[i], 0,
                                  memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&leases->lock);
}

bool
guard_leases_take(struct guard_leases *leases, uint16_t vlan,
                  uint32_t address)
{
    bool any = false;

    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        uint64_t client = client_at(leases, i);
        uint8_t mac[6];
        uint16_t of;

        guard_client_read(client, mac, &of);
        if ((uint32_t) term_at(leases, i) == address && of == vlan) {
            guard_leases_end(leases, client, address);
            any = true;
        }
    }
    return any;
}

void
guard_leases_clear(struct guard_leases *leases)
{
    pthread_mutex_lock(&leases->lock);
    for (uint32_t i = 0; i < GUARD_LEASES; i++) {
        atomic_store_explicit(&leases->terms[i], 0, memory_order_relaxed);
    }
    pthread_mutex_unlock(&leases->lock);
}

bool
guard_leases_get(const struct guard_leases *leases, uint32_t i, uint32_t now,
                 uint64_t *client, uint32_t *address, uint32_t *end)
{
    uint64_t term = term_at(leases, i);

    *client = client_at(leases, i);
    *address = (uint32_t) term;
    *end = (uint32_t) (term >> 32);
    return *end > now;
}
