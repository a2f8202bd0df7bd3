/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing records behind each other, as long as there is room.
 */

#include "dns/dns-inside.h"

#include <string.h>

void
dns_put(struct reply *reply, const void *bytes, size_t size)
{
    reply->full = reply->full || reply->size + size > reply->most;
    if (!reply->full) {
        memcpy(reply->bytes + reply->size, bytes, size);
        reply->size += size;
    }
}

static void
put16(struct reply *reply, uint16_t value)
{
    uint8_t bytes[2];

    dns_set16(bytes, value);
    dns_put(reply, bytes, 2);
}

static void
put32(struct reply *reply, uint32_t value)
{
    put16(reply, (uint16_t) (value >> 16));
    put16(reply, (uint16_t) value);
}

/* A name that is good, of two parts: the first may be "". */
static void
put_name(struct reply *reply, const char *name, const char *zone)
{
    const char *const parts[] = { name, zone };

    for (uint32_t i = 0; i < 2; i++) {
        for (const char *at = parts[i]; *at;) {
            uint8_t n = (uint8_t) strcspn(at, ".");

            dns_put(reply, &n, 1);
            dns_put(reply, at, n);
            at += n + (at[n] == '.');
        }
    }
    dns_put(reply, "", 1);
}

/* The head of a record but for its name; where its length is to be set. */
static size_t
put_head(struct reply *reply, uint16_t type, uint32_t section)
{
    reply->counts[section]++;
    put16(reply, type);
    put16(reply, CLASS_IN);
    put32(reply, reply->zone->ttl);
    put16(reply, 0);
    return reply->size;
}

static void
end_record(struct reply *reply, size_t start)
{
    if (!reply->full) {
        dns_set16(reply->bytes + start - 2, (uint16_t) (reply->size - start));
    }
}

/* Of the owner: a pointer to the question's name, or (0) the zone's. */
static void
put_owner(struct reply *reply, bool is_asked)
{
    if (is_asked) {
        put16(reply, OWNER);
    } else {
        put_name(reply, "", reply->zone->name);
    }
}

void
dns_put_soa(struct reply *reply, uint32_t section)
{
    const struct dns_zone *zone = reply->zone;
    size_t start;

    put_owner(reply, false);
    start = put_head(reply, TYPE_SOA, section);
    put_name(reply, "ns", zone->name);
    put_name(reply, "hostmaster", zone->name);
    put32(reply, zone->serial);
    put32(reply, 3600);
    put32(reply, 600);
    put32(reply, 86400);
    put32(reply, zone->ttl);
    end_record(reply, start);
}

void
dns_put_addresses(struct reply *reply, const struct dns_host *host, uint16_t type,
              const char *name, uint32_t section)
{
    for (uint32_t i = 0; i < host->n; i++) {
        uint8_t size = host->addresses[i].size;
        uint16_t own = size == 4 ? TYPE_A : TYPE_AAAA;
        size_t start;

        if (type != own && type != TYPE_ANY) {
            continue;
        }
        if (name) {
            put_name(reply, name, reply->zone->name);
        } else {
            put_owner(reply, true);
        }
        start = put_head(reply, own, section);
        dns_put(reply, host->addresses[i].bytes, size);
        end_record(reply, start);
    }
}

void
dns_put_service(struct reply *reply, const struct dns_host *host,
            const char *name)
{
    size_t start;

    if (!host->n) {
        return;
    }
    put_owner(reply, true);
    start = put_head(reply, TYPE_SRV, 0);
    put32(reply, 0);            /* priority, weight */
    put16(reply, host->port);
    put_name(reply, name, reply->zone->name);
    end_record(reply, start);
    dns_put_addresses(reply, host, TYPE_ANY, name, 2);
}

void
dns_put_ns(struct reply *reply)
{
    struct dns_host host = { .n = 0 };
    size_t start;

    put_owner(reply, false);
    start = put_head(reply, TYPE_NS, 0);
    put_name(reply, "ns", reply->zone->name);
    end_record(reply, start);
    if (reply->find(reply->arg, "ns", &host)) {
        dns_put_addresses(reply, &host, TYPE_ANY, "ns", 2);
    }
}
