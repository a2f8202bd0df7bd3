/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one sets with ethtool: queues, and where VLAN tags go.
 */

#include <config.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/interface.h"

/* Hands 'command', which starts with its number, to the driver. */
static bool
ask(const char *name, void *command)
{
    struct ifreq ifr = { .ifr_data = command };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done;

    strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
    done = fd >= 0 && ioctl(fd, SIOCETHTOOL, &ifr) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

uint32_t
interface_queues(const char *name)
{
    struct ethtool_channels now = { .cmd = ETHTOOL_GCHANNELS };
    uint32_t n = ask(name, &now) ? now.combined_count + now.rx_count : 0;

    return n > 0 ? n : 1;
}

bool
interface_set_queues(const char *name, uint32_t n)
{
    struct ethtool_channels now = { .cmd = ETHTOOL_GCHANNELS };

    if (!ask(name, &now)) {
        return false;
    }
    now.cmd = ETHTOOL_SCHANNELS;
    if (now.combined_count) {
        now.combined_count = n;
        now.rx_count = 0;
    } else {
        now.rx_count = n;
        now.tx_count = n < now.max_tx ? n : now.max_tx;
    }
    return ask(name, &now);
}

bool
interface_is_veth(const char *name)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

    return ask(name, &info) && strncmp(info.driver, "veth", 5) == 0;
}

/* Sets or clears the flag that takes tags out; true when that changed it. */
static bool
strip(const char *name, bool wanted)
{
    struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };

    if (!ask(name, &flags) || !(flags.data & ETH_FLAG_RXVLAN) == !wanted) {
        return false;
    }
    flags.cmd = ETHTOOL_SFLAGS;
    flags.data ^= ETH_FLAG_RXVLAN;
    return ask(name, &flags);
}

bool
interface_keep_tags(const char *name)
{
    return strip(name, false);
}

void
interface_strip_tags(const char *name)
{
    strip(name, true);
}
