/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DHCP for IPv4 (RFC 2131): what clients ask, and what servers give.  A
 * message is read out of the packet whole, and then looked at; options beyond
 * the first kilobyte, and those in other fields, are not.
 */
#include "judge.h"

#include <string.h>

#include <xvs/headers.h>

#define NS_PER_SECOND 1000000000u
#define CLIENT_END 34u          /* behind the client's MAC address */
#define OPTIONS 240u            /* behind the cookie */

enum { BOOTP_REQUEST = 1, BOOTP_REPLY = 2, BOOTP_SERVER = 67,
       BOOTP_CLIENT = 68 };
enum { PAD = 0, LEASE_TIME = 51, MESSAGE_TYPE = 53, END = 255 };
enum { DHCP_ACK = 5, DHCP_RELEASE = 7 };

struct message {
    uint8_t bytes[1024];        /* as much of it as there is */
    uint32_t size;
    uint8_t operation;
    uint8_t type;               /* 0: not given */
    uint32_t seconds;           /* of the lease; 0: not given */
};

static void
read_options(struct message *message)
{
    uint32_t at = OPTIONS;

    while (at < message->size && message->bytes[at] != END) {
        const uint8_t *option = message->bytes + at;
        uint32_t left = message->size - at;

        if (option[0] == PAD) {
            at++;
            continue;
        }
        if (left < 2 || left - 2 < option[1]) {
            return;
        }
        if (option[0] == MESSAGE_TYPE && option[1] == 1) {
            message->type = option[2];
        } else if (option[0] == LEASE_TIME && option[1] == 4) {
            message->seconds = xvs_be32(option + 2);
        }
        at += 2u + option[1];
    }
}

/* False when it ends before it says who the client is. */
static bool
read_message(const struct xvs_packet *packet, struct message *message)
{
    uint32_t size, at = xvs_packet_payload(packet, &size);

    message->type = 0;
    message->seconds = 0;
    message->size = xvs_packet_read(packet, at, message->bytes,
                                    size < sizeof(message->bytes)
                                    ? size : sizeof(message->bytes));
    if (message->size < CLIENT_END) {
        return false;
    }
    message->operation = message->bytes[0];
    if (message->size > OPTIONS
        && memcmp(message->bytes + 236, "\x63\x82\x53\x63", 4) == 0) {
        read_options(message);
    }
    return true;
}

/* Of Ethernet; others are not ours to judge. */
static bool
has_mac(const struct message *message)
{
    return message->bytes[1] == 1 && message->bytes[2] == 6;
}

static uint16_t
vlan_of(const struct xvs_packet *packet)
{
    return packet->flags & XVS_PACKET_VLAN ? packet->vlan & 0xfff : 0;
}

static uint64_t
client_of(const struct message *message, const struct xvs_packet *packet)
{
    return guard_client(message->bytes + 28, vlan_of(packet));
}

static void
note(struct guard_port *port, const struct xvs_packet *packet,
     const struct xvs_burst *burst, const struct message *message)
{
    uint64_t client = client_of(message, packet);
    uint32_t address = guard_word(message->bytes + 12);

    if (message->type == DHCP_RELEASE) {
        guard_leases_end(&port->leases, client, address);
        guard_keep_end(port->guard, burst, port->id, client, address);
    } else {
        guard_leases_ask(&port->leases, client,
                         guard_word(message->bytes + 4));
    }
}

enum guard_reason
guard_judge_client(const struct guard_set *set, struct guard_port *port,
                   const struct xvs_packet *packet,
                   const struct xvs_burst *burst)
{
    struct message message;

    if (!(set->checks & (GUARD_MAC | GUARD_DHCP | GUARD_SNOOP))) {
        return GUARD_PASS;
    }
    /* What is cut in two cannot be judged, and no client does it. */
    if (packet->flags & XVS_PACKET_FRAGMENT
        || !read_message(packet, &message)) {
        return GUARD_DHCP_CLIENT;
    }
    if (set->checks & GUARD_DHCP
        && (message.operation == BOOTP_REPLY
            || guard_word(message.bytes + 24) != 0)) {
        return GUARD_DHCP_SERVER;
    }
    if (set->checks & GUARD_MAC && has_mac(&message)
        && !guard_is_own_mac(set, packet, message.bytes + 28)) {
        return GUARD_DHCP_CLIENT;
    }
    if (set->checks & GUARD_SNOOP && has_mac(&message)
        && message.operation == BOOTP_REQUEST) {
        note(port, packet, burst, &message);
    }
    return GUARD_PASS;
}

/* When a lease of that length ends; the longest one does not. */
static uint32_t
end_of(const struct xvs_packet *packet, uint32_t seconds)
{
    uint64_t end = packet->time / NS_PER_SECOND + seconds;

    return end > UINT32_MAX ? GUARD_FOR_EVER : (uint32_t) end;
}

static void
keep(const struct guard_port *port, const struct xvs_packet *packet,
     const struct xvs_burst *burst, const struct guard_kept *lease)
{
    guard_keep_put(port->guard, burst, lease,
                   (uint32_t) (packet->time / NS_PER_SECOND));
}

static void
give(const struct guard_ports *ports, const struct xvs_packet *packet,
     const struct xvs_burst *burst, const struct message *message)
{
    uint64_t client = client_of(message, packet);
    uint32_t number = guard_word(message->bytes + 4);
    uint32_t address = guard_word(message->bytes + 16);
    uint32_t end = end_of(packet, message->seconds);

    for (uint32_t i = 0; i <= ports->mask; i++) {
        struct guard_port *port = ports->slots[i];

        if (!port || !(xvs_read(port->set)->checks & GUARD_SNOOP)) {
            continue;
        }
        if (guard_leases_asked(&port->leases, client, number)) {
            guard_leases_put(&port->leases, client, address, end);
            keep(port, packet, burst,
                 &(struct guard_kept) { client, (uint64_t) end << 32 | address,
                                        port->id, 0 });
        } else if (guard_leases_take(&port->leases, vlan_of(packet),
                                     address)) {
            guard_keep_take(port->guard, burst, port->id, vlan_of(packet),
                            address);
        }
    }
}

void
guard_learn(const struct guard_ports *ports, const struct xvs_packet *packet,
            const struct xvs_burst *burst)
{
    const struct xvs_udp *udp = xvs_packet_udp(packet);
    struct message message;

    if (udp && packet->flags & XVS_PACKET_IPV4
        && xvs_be16(udp->source) == BOOTP_SERVER
        && xvs_be16(udp->destination) == BOOTP_CLIENT
        && !(packet->flags & XVS_PACKET_FRAGMENT)
        && read_message(packet, &message)
        && message.operation == BOOTP_REPLY && message.type == DHCP_ACK
        && message.seconds && has_mac(&message)
        && guard_word(message.bytes + 16) != 0) {
        give(ports, packet, burst, &message);
    }
}
