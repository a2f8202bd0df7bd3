/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See keep.h.
 */
#include "keep.h"

#include <string.h>

#include "guard.h"

#define FORMAT 1u               /* of struct guard_kept */
#define NS_PER_SECOND 1000000000u

static struct guard_kept *
kept_of(const struct guard *self)
{
    return self->keep.bytes;
}

void
guard_keep_restore(struct guard *self, struct guard_port *port)
{
    uint32_t now = (uint32_t) (self->host->now(self->host) / NS_PER_SECOND);

    for (uint32_t i = 0; self->keep.bytes && i < GUARD_KEPT; i++) {
        const struct guard_kept *one = &kept_of(self)[i];
        uint32_t end = (uint32_t) (one->term >> 32);

        if (one->port == port->id && end > now) {
            guard_leases_put(&port->leases, one->client,
                             (uint32_t) one->term, end);
        }
    }
}

/* What the ports had from it may have ended meanwhile.  Where packet hooks are
 * running, it was a moment ago. */
static void
taken(void *arg, const struct xvs_burst *burst)
{
    struct guard *self = arg;
    const struct guard_ports *ports = xvs_read(self->ports);

    (void) burst;
    for (uint32_t i = 0; i <= ports->mask; i++) {
        struct guard_port *port = ports->slots[i];

        if (port && !self->keep.shared) {
            guard_leases_clear(&port->leases);
        }
        if (port) {
            guard_keep_restore(self, port);
        }
    }
}

void
guard_keep_begin(struct guard *self, const struct xvs_host *host)
{
    pthread_mutex_init(&self->keep_lock, NULL);
    self->keep.size = sizeof(self->keep);
    self->keep.version = FORMAT;
    self->keep.n = GUARD_KEPT * sizeof(struct guard_kept);
    self->keep.taken = taken;
    if (xvs_keep(host, &self->keep) != XVS_SUCCESS) {
        self->keep.bytes = NULL;
    }
}

/* The place of the lease, or one that is free by now, or NULL. */
static struct guard_kept *
place_for(const struct guard *self, const struct guard_kept *lease,
          uint32_t now)
{
    struct guard_kept *free_one = NULL;

    for (uint32_t i = 0; i < GUARD_KEPT; i++) {
        struct guard_kept *one = &kept_of(self)[i];

        if (one->port == lease->port && one->client == lease->client
            && (uint32_t) one->term == (uint32_t) lease->term) {
            return one;
        }
        if (!free_one && one->term >> 32 <= now) {
            free_one = one;
        }
    }
    return free_one;
}

void
guard_keep_put(struct guard *self, const struct xvs_burst *burst,
               const struct guard_kept *lease, uint32_t now)
{
    struct guard_kept *place;

    if (!self->keep.bytes) {
        return;
    }
    pthread_mutex_lock(&self->keep_lock);
    place = place_for(self, lease, now);
    if (place) {
        xvs_keep_set(&self->keep, burst, place, lease, sizeof(*lease));
    }
    pthread_mutex_unlock(&self->keep_lock);
}

/* Frees those of the address that a client (0: any one of the VLAN) has. */
static void
remove_from(struct guard *self, const struct xvs_burst *burst, uint32_t port,
            uint64_t client, uint16_t vlan, uint32_t address)
{
    if (!self->keep.bytes) {
        return;
    }
    pthread_mutex_lock(&self->keep_lock);
    for (uint32_t i = 0; i < GUARD_KEPT; i++) {
        struct guard_kept *one = &kept_of(self)[i];
        uint8_t mac[6];
        uint16_t of;

        guard_client_read(one->client, mac, &of);
        if (one->term && one->port == port && (uint32_t) one->term == address
            && (client ? one->client == client : of == vlan)) {
            xvs_keep_set64(&self->keep, burst, &one->term, 0);
        }
    }
    pthread_mutex_unlock(&self->keep_lock);
}

void
guard_keep_end(struct guard *self, const struct xvs_burst *burst,
               uint32_t port, uint64_t client, uint32_t address)
{
    remove_from(self, burst, port, client, 0, address);
}

void
guard_keep_take(struct guard *self, const struct xvs_burst *burst,
                uint32_t port, uint16_t vlan, uint32_t address)
{
    remove_from(self, burst, port, 0, vlan, address);
}
