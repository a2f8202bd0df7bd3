/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses and lists of VLANs as people write them.
 */
#include "snoop.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_LAST 4094ul
#define LONGEST 49u             /* of a prefix */

void
snoop_address_text(bool is_ipv6, const uint8_t *address,
                   char text[SNOOP_TEXT])
{
    inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, address, text, SNOOP_TEXT);
}

/* ---- Groups ------------------------------------------------------------- */

static bool
read_address(const char *text, bool *is_ipv6, uint8_t address[SNOOP_ADDRESS])
{
    memset(address, 0, SNOOP_ADDRESS);
    *is_ipv6 = strchr(text, ':') != NULL;
    return inet_pton(*is_ipv6 ? AF_INET6 : AF_INET, text, address) == 1;
}

static bool
is_group(bool is_ipv6, const uint8_t *address)
{
    return is_ipv6 ? address[0] == 0xff : address[0] >> 4 == 0xe;
}

const char *
snoop_read_group(const char *text, bool *is_ipv6,
                 uint8_t group[SNOOP_ADDRESS])
{
    if (!read_address(text, is_ipv6, group)) {
        return "is no address: expected one of a group, such as 239.1.2.3 or "
               "ff3e::1234";
    }
    if (!is_group(*is_ipv6, group)) {
        return "is no group: expected an address from 224.0.0.0/4 or "
               "ff00::/8";
    }
    return snoop_is_flooded(*is_ipv6, group)
        ? "goes to all ports in any case, because all hosts must get its "
          "Ethernet address" : NULL;
}

/* The number behind the slash; -1: it is none, or too large. */
static int
read_length(const char *text, int most)
{
    int length = 0;

    if (!*text || strlen(text) > 3) {
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

static bool
has_bits_behind(const struct snoop_filter *filter)
{
    for (unsigned int bit = filter->length; bit < 8 * SNOOP_ADDRESS; bit++) {
        if (filter->group[bit / 8] >> (7 - bit % 8) & 1) {
            return true;
        }
    }
    return false;
}

const char *
snoop_read_prefix(const char *text, struct snoop_filter *filter)
{
    char address[LONGEST + 1] = "";
    size_t size = strcspn(text, "/");
    int length, most;

    if (size <= LONGEST) {
        memcpy(address, text, size);
    }
    if (!read_address(address, &filter->is_ipv6, filter->group)) {
        return "is no address: expected groups, such as 239.1.0.0/16, "
               "ff3e::/16 or one address";
    }
    most = filter->is_ipv6 ? 128 : 32;
    length = text[size] ? read_length(text + size + 1, most) : most;
    if (length < (filter->is_ipv6 ? 8 : 4)
        || !is_group(filter->is_ipv6, filter->group)) {
        return filter->is_ipv6
            ? "are not groups: expected a prefix within ff00::/8"
            : "are not groups: expected a prefix within 224.0.0.0/4";
    }
    filter->length = (uint8_t) length;
    return has_bits_behind(filter)
        ? "has address bits behind the prefix" : NULL;
}

/* ---- VLANs -------------------------------------------------------------- */

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
snoop_read_vlans(const char *text, uint8_t vlans[XVS_VLAN_BYTES])
{
    static const char wrong[] = "expected VLANs from 0 to 4094, such as "
                                "10,20-29";
    unsigned long first, last;

    text = *text ? text : "0-4094";
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
            snoop_add_vlan(vlans, (uint16_t) first);
        }
        if (*text == ',' && text[1]) {
            text++;
        } else if (*text) {
            return wrong;
        }
    }
    return NULL;
}
