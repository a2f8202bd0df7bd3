/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings made into a set.
 */
#include "set.h"

#include <stdlib.h>

#include "guard.h"
#include "xvs_guard.h"

#define NS_PER_SECOND 1000000000u
#define BURST_NS 100000000u     /* of these at once what comes in that time, */
#define BURST_LEAST 8u          /* but so many in any case */

/* When neither port nor switch say anything: as the schema says. */
static const uint32_t defaults[GUARD_PROPERTIES] = {
    [GUARD_IS_MODE] = XVS_GUARD_SWITCH_SETTINGS_MODE_ENFORCE,
    [GUARD_IS_MACS] = 1, [GUARD_IS_ADDRESSES] = 1, [GUARD_IS_DHCP] = 1,
    [GUARD_IS_ROUTER] = 1, [GUARD_IS_REDIRECTS] = 1,
};

static uint32_t
value(const struct guard *self, const struct guard_port *port,
      enum guard_property i)
{
    return port->values.given >> i & 1 ? port->values.of[i]
        : self->values.given >> i & 1 ? self->values.of[i] : defaults[i];
}

static uint32_t
checks_of(const struct guard *self, const struct guard_port *port)
{
    static const struct { enum guard_property property; uint32_t check; }
    all[] = {
        { GUARD_IS_MACS, GUARD_MAC }, { GUARD_IS_ADDRESSES, GUARD_ADDRESS },
        { GUARD_IS_DHCP, GUARD_DHCP }, { GUARD_IS_ROUTER, GUARD_ROUTER },
        { GUARD_IS_REDIRECTS, GUARD_REDIRECT },
        { GUARD_IS_SNOOPING, GUARD_SNOOP },
    };
    uint32_t checks = GUARD_ON;

    if (!self->values.are_set && !port->values.are_set) {
        return 0;
    }
    if (value(self, port, GUARD_IS_TRUSTED)) {
        return GUARD_ON | GUARD_TRUSTED;
    }
    if (value(self, port, GUARD_IS_MODE)
        == XVS_GUARD_SWITCH_SETTINGS_MODE_AUDIT) {
        checks |= GUARD_AUDIT;
    }
    for (uint32_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        checks |= value(self, port, all[i].property) ? all[i].check : 0;
    }
    return checks;
}

static void
set_macs(struct guard_set *set, const struct guard_port *port)
{
    set->n_macs = port->values.n_macs;
    memcpy(set->macs, port->values.macs, sizeof(set->macs));
    if (!set->n_macs && guard_mac(port->mac) != 0) {
        set->macs[set->n_macs++] = guard_mac(port->mac);
    }
}

static void
set_rate(struct guard_set *set, uint32_t rate)
{
    if (rate) {
        set->arp_interval = rate > NS_PER_SECOND ? 1 : NS_PER_SECOND / rate;
        set->arp_burst = set->arp_interval * (BURST_LEAST - 1);
        if (set->arp_burst < BURST_NS) {
            set->arp_burst = BURST_NS;
        }
    }
}

static void
add_ipv4(struct guard_set *set, const struct guard_ipv4 *one)
{
    uint32_t at = set->n_ipv4++;
    struct guard_four *four = &set->ipv4[at / 4];

    for (uint32_t i = at % 4; i < 4; i++) {
        four->addresses[i] = one->address;
        four->masks[i] = one->mask;
    }
}

struct guard_set *
guard_set_build(const struct guard *self, const struct guard_port *port)
{
    struct guard_set *set = calloc(1, sizeof(*set));

    if (!set) {
        return NULL;
    }
    set->checks = checks_of(self, port);
    set_macs(set, port);
    set_rate(set, value(self, port, GUARD_IS_ARP_RATE));
    for (const struct guard_address *one = port->addresses; one;
         one = one->next) {
        if (one->is_ipv6) {
            set->ipv6[set->n_ipv6++] = one->ipv6;
        } else {
            add_ipv4(set, &one->ipv4);
        }
    }
    return set;
}
