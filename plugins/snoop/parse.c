/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams: headers, checksums, and where a message comes from.  What is in
 * a message is for message.c.
 */
#include "message.h"

#include <string.h>

#define ALERT4 148u             /* router alert, an option of IPv4 */
#define ALERT6 5u               /* and of the hop-by-hop header */

/* One's complement sum, not inverted and not yet folded. */
static uint32_t
sum(uint32_t start, const uint8_t *data, size_t size)
{
    for (; size > 1; size -= 2, data += 2) {
        start += span_be16(data);
    }
    return size ? start + ((uint32_t) data[0] << 8) : start;
}

static bool
is_right(uint32_t total)
{
    total = (total & 0xffff) + (total >> 16);
    return (total & 0xffff) + (total >> 16) == 0xffff;
}

/* Of a message in IPv6: with addresses, size and protocol in front. */
static uint32_t
sum6(const uint8_t *ip, struct span body, uint8_t protocol)
{
    uint32_t start = sum(0, ip + 8, 32);

    start += (uint32_t) body.size + protocol;
    return sum(start, body.data, body.size);
}

/* ---- Datagrams ---------------------------------------------------------- */

/* Messages of other kinds are for routers that said hello before; they may be
 * of any size and come from anywhere, and so are never malformed for us. */
static void
parse_pim(struct snoop_message *message, struct span body, bool is_right_sum,
          uint8_t hops)
{
    if (body.size >= 4 && body.data[0] == 0x20 && is_right_sum && hops == 1) {
        message->kind = SNOOP_HELLO;
        message->version = 2;
    }
}

/* Looks for an option in a list of them. */
static bool
has_option(struct span options, uint8_t wanted, bool is_ipv6)
{
    size_t at = 0, size;

    while (at + 1 < options.size) {
        uint8_t type = options.data[at];

        if (is_ipv6 ? type == 0 : type == 1) {
            at++;
            continue;
        }
        /* Sizes are without the two bytes in IPv6, with them in IPv4. */
        size = options.data[at + 1] + (is_ipv6 ? 2u : 0u);
        if ((!is_ipv6 && type == 0) || size < 2
            || size > options.size - at) {
            return false;
        }
        if (type == wanted) {
            return true;
        }
        at += size;
    }
    return false;
}

static bool
is_igmp(uint8_t type)
{
    return type == 0x11 || type == 0x12 || type == 0x16 || type == 0x17
        || type == 0x22;
}

/* A message whose type is_igmp(). */
static void
check_igmp(struct snoop_message *message, const uint8_t *ip,
           struct span options, struct span body, bool is_right_sum)
{
    if (span_be16(ip + 6) & 0x3fff) {
        message_malformed(message, "a fragment");
    } else if (body.size < 8) {
        message_malformed(message, "an IGMP message is cut short");
    } else if (!is_right_sum) {
        message_malformed(message, "wrong checksum");
    } else if (ip[8] != 1) {
        message_malformed(message, "from another network: TTL is not 1");
    } else {
        message_igmp(message, body, has_option(options, ALERT4, false));
    }
}

static void
parse4(struct snoop_message *message, const uint8_t *ip, size_t size,
       bool is_open)
{
    size_t head = size < 20 ? 0 : (ip[0] & 15u) * 4u;
    size_t total = size < 20 ? 0 : span_be16(ip + 2);
    bool is_right_sum;
    struct span body;

    if (head < 20 || ip[0] >> 4 != 4 || total <= head || total > size) {
        message_malformed(message, "the datagram is cut short");
        return;
    }
    body = (struct span) { ip + head, total - head };
    is_right_sum = is_right(sum(0, ip, head))
        && (is_open || is_right(sum(0, body.data, body.size)));
    memcpy(message->source, ip + 12, 4);
    if (ip[9] == SNOOP_PIM) {
        parse_pim(message, body, is_right_sum, ip[8]);
    } else if (ip[9] == SNOOP_IGMP && is_igmp(body.data[0])) {
        check_igmp(message, ip, (struct span) { ip + 20, head - 20 }, body,
                   is_right_sum);
    }
}

/* Steps over the hop-by-hop header; false: the datagram has others, or is
 * too short for the one. */
static bool
skip_hop_by_hop(struct span *rest, uint8_t *protocol, bool *has_alert)
{
    size_t size;

    if (*protocol != 0) {
        return true;
    }
    if (rest->size < 8) {
        return false;
    }
    size = ((size_t) rest->data[1] + 1) * 8;
    if (size > rest->size) {
        return false;
    }
    *has_alert = has_option((struct span) { rest->data + 2, size - 2 },
                            ALERT6, true);
    *protocol = rest->data[0];
    rest->data += size;
    rest->size -= size;
    return true;
}

static bool
is_mld(uint8_t type)
{
    return (type >= 130 && type <= 132) || type == 143;
}

/* A message whose type is_mld(). */
static void
check_mld(struct snoop_message *message, const uint8_t *ip, struct span body,
          bool has_alert, bool is_right_sum)
{
    bool is_local = ip[8] == 0xfe && (ip[9] & 0xc0) == 0x80;

    if (body.size < 8) {
        message_malformed(message, "an MLD message is cut short");
    } else if (!is_right_sum) {
        message_malformed(message, "wrong checksum");
    } else if (ip[7] != 1) {
        message_malformed(message, "from another network: hop limit is not 1");
    } else if (!has_alert) {
        message_malformed(message, "an MLD message without router alert");
    } else if (!is_local && (body.data[0] == 130
                             || !snoop_is_zero(message->source))) {
        message_malformed(message, "an MLD message whose source is not "
                          "link-local");
    } else {
        message_mld(message, body);
    }
}

static void
parse6(struct snoop_message *message, const uint8_t *ip, size_t size,
       bool is_open)
{
    bool has_alert = false, is_right_sum;
    struct span body;
    uint8_t protocol;

    if (size < 40 || ip[0] >> 4 != 6 || span_be16(ip + 4) > size - 40) {
        message_malformed(message, "the datagram is cut short");
        return;
    }
    protocol = ip[6];
    body = (struct span) { ip + 40, span_be16(ip + 4) };
    memcpy(message->source, ip + 8, SNOOP_ADDRESS);
    if (!skip_hop_by_hop(&body, &protocol, &has_alert) || !body.size
        || (protocol != SNOOP_PIM && protocol != SNOOP_ICMP6)) {
        message_malformed(message, "other headers in front of the message");
        return;
    }
    is_right_sum = is_open || is_right(sum6(ip, body, protocol));
    if (protocol == SNOOP_PIM) {
        parse_pim(message, body, is_right_sum, ip[7]);
    } else if (is_mld(body.data[0])) {
        check_mld(message, ip, body, has_alert, is_right_sum);
    }
}

void
snoop_parse(struct snoop_message *message, const uint8_t *datagram,
            size_t size, bool is_ipv6, bool is_open)
{
    memset(message, 0, sizeof(*message));
    message->is_ipv6 = is_ipv6;
    if (size > SNOOP_DATAGRAM) {
        message_malformed(message, "the datagram is too long");
    } else if (is_ipv6) {
        parse6(message, datagram, size, is_open);
    } else {
        parse4(message, datagram, size, is_open);
    }
}
