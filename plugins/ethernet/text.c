/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses and lists of VLANs as people write them.
 */
#include "ethernet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_LAST 4094ul

static int
digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F'
                                ? c - 'A' + 'a' : c) : NULL;

    return at ? (int) (at - digits) : -1;
}

const char *
ethernet_read_mac(const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++, text += 3) {
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);

        if (low < 0 || text[2] != (i < 5 ? ':' : '\0')) {
            return "expected aa:bb:cc:dd:ee:ff";
        }
        mac[i] = (uint8_t) (high << 4 | low);
    }
    return mac[0] & 1 ? "is a multicast address: expected one of a card"
                      : NULL;
}

void
ethernet_mac_text(const uint8_t mac[6], char text[ETHERNET_MAC_TEXT])
{
    snprintf(text, ETHERNET_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
             mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* Reads a number of digits only; false when there is none or it is too
 * large. */
static bool
read_vlan(const char **text, unsigned long *vlan)
{
    char *end;

    if (**text < '0' || **text > '9') {
        return false;
    }
    *vlan = strtoul(*text, &end, 10);
    *text = end;
    return *vlan <= VLAN_LAST;
}

const char *
ethernet_read_vlans(const char *text, uint8_t vlans[XVS_VLAN_BYTES])
{
    static const char wrong[] = "expected VLANs from 0 to 4094, such as "
                                "10,20-29";
    unsigned long first, last;

    memset(vlans, 0, XVS_VLAN_BYTES);
    while (*text) {
        if (!read_vlan(&text, &first)) {
            return wrong;
        }
        last = first;
        if (*text == '-') {
            text++;
            if (!read_vlan(&text, &last)) {
                return wrong;
            }
        }
        if (last < first) {
            return "a range ends before it begins";
        }
        for (; first <= last; first++) {
            vlans[first / 8] |= (uint8_t) (1u << first % 8);
        }
        if (*text == ',' && text[1]) {
            text++;
        } else if (*text) {
            return wrong;
        }
    }
    return NULL;
}
