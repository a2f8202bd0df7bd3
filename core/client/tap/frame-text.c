/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reads headers only as far as the bytes go.
 */

#include <config.h>

#include "client/tap/frame-text.h"

#include <arpa/inet.h>
#include <stdbool.h>

#include "base/buffer.h"

/* What is left of the frame. */
struct rest {
    const uint8_t *at;
    size_t size;
};

static uint16_t
word(const uint8_t *bytes)
{
    return (uint16_t) (bytes[0] << 8 | bytes[1]);
}

static void
put_mac(const uint8_t *mac, struct buffer *out)
{
    buffer_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                  mac[2], mac[3], mac[4], mac[5]);
}

static void
put_address(int family, const uint8_t *address, struct buffer *out)
{
    char text[INET6_ADDRSTRLEN];

    buffer_puts(out, inet_ntop(family, address, text, sizeof text));
}

static void
put_protocol(uint8_t protocol, struct buffer *out)
{
    static const struct {
        uint8_t number;
        const char *name;
    } names[] = {
        { 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" }, { 17, "udp" },
        { 58, "icmp6" }, { 132, "sctp" },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == protocol) {
            buffer_puts(out, names[i].name);
            return;
        }
    }
    buffer_printf(out, "protocol %u", protocol);
}

/* Two addresses, with ports where the protocol has them. */
static void
put_flow(int family, const uint8_t *from, const uint8_t *to,
         uint8_t protocol, struct rest rest, struct buffer *out)
{
    bool ports = (protocol == 6 || protocol == 17 || protocol == 132)
        && rest.size >= 4;

    put_address(family, from, out);
    if (ports) {
        buffer_printf(out, ".%u", word(rest.at));
    }
    buffer_puts(out, " > ");
    put_address(family, to, out);
    if (ports) {
        buffer_printf(out, ".%u", word(rest.at + 2));
    }
    buffer_putc(out, ' ');
    put_protocol(protocol, out);
}

static bool
put_ip4(struct rest rest, struct buffer *out)
{
    size_t head = rest.size ? (rest.at[0] & 15u) * 4u : 0;
    bool is_first;

    if (rest.size < 20 || head < 20) {
        return false;
    }
    is_first = (word(rest.at + 6) & 0x1fff) == 0;
    put_flow(AF_INET, rest.at + 12, rest.at + 16, rest.at[9],
             is_first && head < rest.size
             ? (struct rest) { rest.at + head, rest.size - head }
             : (struct rest) { NULL, 0 }, out);
    return true;
}

static bool
put_ip6(struct rest rest, struct buffer *out)
{
    if (rest.size < 40) {
        return false;
    }
    put_flow(AF_INET6, rest.at + 8, rest.at + 24, rest.at[6],
             (struct rest) { rest.at + 40, rest.size - 40 }, out);
    return true;
}

static bool
put_arp(struct rest rest, struct buffer *out)
{
    if (rest.size < 28 || word(rest.at + 2) != 0x0800) {
        return false;
    }
    buffer_puts(out, word(rest.at + 6) == 1 ? "arp who has " : "arp ");
    put_address(AF_INET, rest.at + (word(rest.at + 6) == 1 ? 24 : 14), out);
    if (word(rest.at + 6) == 1) {
        buffer_puts(out, " tell ");
        put_address(AF_INET, rest.at + 14, out);
    } else {
        buffer_puts(out, " is at ");
        put_mac(rest.at + 8, out);
    }
    return true;
}

void
frame_put_text(const uint8_t *frame, size_t size, struct buffer *out)
{
    size_t at = 12;
    uint16_t type;

    if (size < 14) {
        buffer_printf(out, "%zu bytes", size);
        return;
    }
    for (type = word(frame + at);
         (type == 0x8100 || type == 0x88a8) && size >= at + 6;
         type = word(frame + at)) {
        buffer_printf(out, "vlan %u ", word(frame + at + 2) & 0xfffu);
        at += 4;
    }
    at += 2;
    if (!((type == 0x0800
           && put_ip4((struct rest) { frame + at, size - at }, out))
          || (type == 0x86dd
              && put_ip6((struct rest) { frame + at, size - at }, out))
          || (type == 0x0806
              && put_arp((struct rest) { frame + at, size - at }, out)))) {
        put_mac(frame + 6, out);
        buffer_puts(out, " > ");
        put_mac(frame, out);
        buffer_printf(out, " type 0x%04x", type);
    }
}
