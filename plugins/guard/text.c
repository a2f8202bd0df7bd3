/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See text.h.  Strict on purpose: an address that was read in another way
 * than it was meant is worse than one that is refused.
 */
#include "text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "guard.h"

static int
digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F'
                                ? c - 'A' + 'a' : c) : NULL;

    return at ? (int) (at - digits) : -1;
}

/* Reads one; false when there is none at '*text'. */
static bool
read_mac(const char **text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++) {
        int high = digit((*text)[0]);
        int low = high < 0 ? -1 : digit((*text)[1]);

        if (low < 0 || (i < 5 && (*text)[2] != ':')) {
            return false;
        }
        mac[i] = (uint8_t) (high << 4 | low);
        *text += i < 5 ? 3 : 2;
    }
    return true;
}

const char *
guard_read_macs(const char *text, uint64_t macs[GUARD_MACS], uint32_t *n)
{
    uint8_t mac[6];

    *n = 0;
    while (*text) {
        if (*n == GUARD_MACS) {
            return "has more than 16 addresses";
        }
        if (!read_mac(&text, mac) || (*text && *text != ',')
            || (*text == ',' && !text[1])) {
            return "is no list of MAC addresses: expected aa:bb:cc:dd:ee:ff, "
                "with commas between several";
        }
        if (mac[0] & 1 || guard_mac(mac) == 0) {
            return "has an address that no card has: expected those of cards";
        }
        macs[(*n)++] = guard_mac(mac);
        text += *text == ',';
    }
    return NULL;
}

/* The decimal number behind the slash; -1: there is none up to 'most'. */
static int
read_length(const char *text, int most)
{
    char *end;
    long length = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;

    return length < 0 || *end || length > most || (text[0] == '0' && text[1])
        ? -1 : (int) length;
}

/* The first 'length' bits of so many bytes; false when one behind is set. */
static bool
make_prefix(const uint8_t *bytes, uint8_t *mask, int size, int length)
{
    bool clean = true;

    for (int i = 0; i < size; i++, length -= 8) {
        mask[i] = length >= 8 ? 0xff
            : length <= 0 ? 0 : (uint8_t) (0xff00 >> length);
        clean = clean && !(bytes[i] & ~mask[i]);
    }
    return clean;
}

const char *
guard_read_address(const char *text, struct guard_address *address)
{
    char alone[INET6_ADDRSTRLEN];
    uint8_t bytes[16], mask[16] = { 0 };
    size_t size = strcspn(text, "/");
    int most, length;

    if (size >= sizeof(alone)) {
        return "is no address";
    }
    memcpy(alone, text, size);
    alone[size] = '\0';
    address->is_ipv6 = inet_pton(AF_INET, alone, bytes) != 1;
    if (address->is_ipv6 && inet_pton(AF_INET6, alone, bytes) != 1) {
        return "is no address: expected one of IPv4 or IPv6, with or without "
            "/length";
    }
    most = address->is_ipv6 ? 128 : 32;
    length = text[size] ? read_length(text + size + 1, most) : most;
    if (length < 0) {
        return most == 32 ? "has no such prefix length: expected 0 to 32"
                          : "has no such prefix length: expected 0 to 128";
    }
    if (!make_prefix(bytes, mask, most / 8, length)) {
        return "has address bits behind the prefix";
    }
    if (length && (address->is_ipv6 ? bytes[0] == 0xff
                                    : bytes[0] >= 224)) {
        return "is a multicast address: expected one that a guest has";
    }
    memcpy(&address->ipv4.address, bytes, 4);
    memcpy(&address->ipv4.mask, mask, 4);
    memcpy(&address->ipv6.address, bytes, 16);
    memcpy(&address->ipv6.mask, mask, 16);
    return NULL;
}

void
guard_mac_text(const uint8_t mac[6], char text[GUARD_MAC_TEXT])
{
    snprintf(text, GUARD_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
             mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void
guard_macs_text(const struct guard_set *set, char text[GUARD_MACS_TEXT])
{
    char *at = text;

    *at = '\0';
    for (uint32_t i = 0; i < set->n_macs; i++) {
        uint8_t mac[6];

        memcpy(mac, &set->macs[i], sizeof(mac));
        if (i) {
            *at++ = ',';
        }
        guard_mac_text(mac, at);
        at += GUARD_MAC_TEXT - 1;
    }
}
