/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text forms of addresses.  Strict on purpose: a firewall rule that was read
 * in another way than it was meant is worse than one that is refused.
 */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <xvs/packet.h>

#define LONGEST_PREFIX 49       /* "ffff:...:255.255.255.255/128" */

/* The decimal number behind the slash, or -1. */
static int
parse_length(const char *text, int most)
{
    int length = 0;

    if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1])) {
        return -1;
    }
    for (; *text; text++) {
        if (*text < '0' || *text > '9') {
            return -1;
        }
        length = length * 10 + (*text - '0');
    }
    return length <= most ? length : -1;
}

static uint64_t
ones(int n)
{
    return n <= 0 ? 0 : n >= 64 ? UINT64_MAX : UINT64_MAX << (64 - n);
}

static bool
parse_address(const char *text, struct acl_prefix *prefix)
{
    uint8_t bytes[16];

    if (inet_pton(AF_INET, text, bytes) == 1) {
        prefix->family = ACL_IPV4;
        prefix->address[0] = (uint64_t) xvs_be32(bytes) << 32;
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) == 1) {
        prefix->family = ACL_IPV6;
        prefix->address[0] = acl_load64(bytes);
        prefix->address[1] = acl_load64(bytes + 8);
        return true;
    }
    return false;
}

static bool
check_host_bits(const struct acl_prefix *prefix, int length, char *why,
                size_t why_size)
{
    uint8_t bytes[16];
    char network[INET6_ADDRSTRLEN];

    if (((prefix->address[0] & ~prefix->mask[0])
         | (prefix->address[1] & ~prefix->mask[1])) == 0) {
        return true;
    }
    for (int i = 0; i < 16; i++) {
        uint64_t word = prefix->address[i / 8] & prefix->mask[i / 8];

        bytes[i] = (uint8_t) (word >> (56 - i % 8 * 8));
    }
    inet_ntop(prefix->family == ACL_IPV4 ? AF_INET : AF_INET6, bytes,
              network, sizeof(network));
    snprintf(why, why_size, "has address bits behind the prefix: the network "
             "is %s/%d", network, length);
    return false;
}

bool
acl_prefix_parse(const char *text, struct acl_prefix *prefix, char *why,
                 size_t why_size)
{
    char address[LONGEST_PREFIX + 1];
    size_t size = strcspn(text, "/");

    *prefix = (struct acl_prefix) { .family = ACL_ANY_FAMILY };
    if (!*text) {
        return true;
    }
    if (size >= sizeof(address)) {
        snprintf(why, why_size, "is no address");
        return false;
    }
    memcpy(address, text, size);
    address[size] = 0;
    if (!parse_address(address, prefix)) {
        snprintf(why, why_size, "is no address: expected an IPv4 or IPv6 "
                 "address, with or without /length");
        return false;
    }
    int most = prefix->family == ACL_IPV4 ? 32 : 128;
    int length = text[size] ? parse_length(text + size + 1, most) : most;

    if (length < 0) {
        snprintf(why, why_size, "has no such prefix length: expected 0 to "
                 "%d", most);
        return false;
    }
    prefix->mask[0] = ones(length);
    prefix->mask[1] = ones(length - 64);
    return check_host_bits(prefix, length, why, why_size);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char) (c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
acl_mac_parse(const char *text, struct acl_mac *mac, char *why,
              size_t why_size)
{
    bool ok = strlen(text) == 17;

    *mac = (struct acl_mac) { 0, 0 };
    if (!*text) {
        return true;
    }
    for (int i = 0; ok && i < 17; i++) {
        int digit = hex_digit(text[i]);

        if (i % 3 == 2) {
            ok = text[i] == ':' || text[i] == '-';
        } else {
            ok = digit >= 0;
            mac->address = mac->address << 4 | (uint64_t) (digit & 15);
        }
    }
    if (!ok) {
        snprintf(why, why_size, "is no MAC address: expected six bytes such "
                 "as 02:00:5e:10:00:01");
        return false;
    }
    mac->mask = 0xffffffffffffu;
    return true;
}
