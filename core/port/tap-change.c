/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Changing a tap that may be in the namespace of a guest.
 */

#include <config.h>

#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "port/interface.h"
#include "port/port.h"
#include "port/tap.h"

bool
tap_is_here(int fd)
{
    struct stat theirs = { 0 }, ours = { 0 };
    int namespace = ioctl(fd, TUNGETDEVNETNS);
    bool here = namespace >= 0 && fstat(namespace, &theirs) == 0
        && stat("/proc/self/ns/net", &ours) == 0
        && theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;

    if (namespace >= 0) {
        close(namespace);
    }
    return here;
}

/* MTU by name, where that can be done.  In another namespace the kernel
 * offers no way without rights there; what was set there already is fine. */
static bool
update_mtu(int fd, const char *name, uint32_t mtu, struct error *error)
{
    int namespace;
    uint32_t there;

    if (tap_is_here(fd)) {
        return interface_set_mtu(name, mtu, error);
    }
    namespace = ioctl(fd, TUNGETDEVNETNS);
    there = namespace >= 0 ? interface_mtu_in(namespace, name) : 0;
    if (namespace >= 0) {
        close(namespace);
    }
    if (there == mtu) {
        return true;
    }
    error_set(error, ERROR_UNSUPPORTED, "tap %s was moved into another"
              " namespace, where only its owner can set the MTU", name);
    return error_hint(error, "do it there first: ip link set %s mtu %u", name,
                      mtu);
}

bool
tap_change(struct port *port, int fd, const struct port_config *wanted,
           struct error *error)
{
    static const uint8_t zero[6];
    struct ifreq ifr = { 0 }, address = { 0 };
    uint32_t before = port->config.mtu;

    if (ioctl(fd, TUNGETIFF, &ifr) != 0) {
        return error_set_errno(error, errno, "tap %s", port->config.device);
    }
    if (wanted->mtu && wanted->mtu != before
        && !update_mtu(fd, ifr.ifr_name, wanted->mtu, error)) {
        return false;
    }
    address.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(address.ifr_hwaddr.sa_data, wanted->mac, 6);
    if (memcmp(wanted->mac, zero, 6) != 0
        && ioctl(fd, SIOCSIFHWADDR, &address) != 0) {
        error_set_errno(error, errno, "cannot set the address of tap %s",
                        ifr.ifr_name);
        if (wanted->mtu && wanted->mtu != before) {
            update_mtu(fd, ifr.ifr_name, before, NULL);
        }
        return false;
    }
    if (ioctl(fd, SIOCGIFHWADDR, &address) == 0) {
        memcpy(port->config.mac, address.ifr_hwaddr.sa_data, 6);
    }
    port->config.mtu = wanted->mtu ? wanted->mtu : before;
    return true;
}
