/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One socket for all interface ioctls; it is opened at first use.
 */

#include <config.h>

#include "port/interface.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.h"

static int
ask(unsigned long request, struct ifreq *ifr, const char *name)
{
    static int fd = -1;

    if (fd < 0) {
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
    strncpy(ifr->ifr_name, name, IFNAMSIZ - 1);
    ifr->ifr_name[IFNAMSIZ - 1] = 0;
    return fd < 0 ? -1 : ioctl(fd, request, ifr);
}

bool
interface_name_valid(const char *name, struct error *error)
{
    size_t length = strlen(name);

    if (length == 0 || length >= IFNAMSIZ || strcmp(name, ".") == 0
        || strcmp(name, "..") == 0 || strpbrk(name, "/%: \t\n")) {
        return error_set(error, ERROR_INVALID,
                         "'%s' is not the name of an interface (1 to %d"
                         " characters without '/', '%%', ':' and blanks)",
                         name, IFNAMSIZ - 1);
    }
    return true;
}

int
interface_index(const char *name)
{
    struct ifreq ifr = { 0 };

    return ask(SIOCGIFINDEX, &ifr, name) == 0 ? ifr.ifr_ifindex : 0;
}

bool
interface_is_up(const char *name)
{
    struct ifreq ifr = { 0 };

    return ask(SIOCGIFFLAGS, &ifr, name) == 0 && (ifr.ifr_flags & IFF_UP);
}

bool
interface_set_up(const char *name, struct error *error)
{
    struct ifreq ifr = { 0 };

    if (ask(SIOCGIFFLAGS, &ifr, name) != 0) {
        return error_set_errno(error, errno, "interface %s", name);
    }
    if (ifr.ifr_flags & IFF_UP) {
        return true;
    }
    ifr.ifr_flags |= IFF_UP;
    return ask(SIOCSIFFLAGS, &ifr, name) == 0
        || error_set_errno(error, errno, "cannot bring up interface %s", name);
}

bool
interface_silence(const char *name)
{
    struct ifreq ifr = { 0 }, address = { .ifr_addr.sa_family = AF_INET };

    if (ask(SIOCGIFADDR, &address, name) == 0
        || ask(SIOCGIFFLAGS, &ifr, name) != 0
        || (ifr.ifr_flags & IFF_NOARP)) {
        return false;
    }
    ifr.ifr_flags |= IFF_NOARP;
    return ask(SIOCSIFFLAGS, &ifr, name) == 0;
}

void
interface_unsilence(const char *name)
{
    struct ifreq ifr = { 0 };

    if (ask(SIOCGIFFLAGS, &ifr, name) == 0) {
        ifr.ifr_flags &= ~IFF_NOARP;
        ask(SIOCSIFFLAGS, &ifr, name);
    }
}

uint32_t
interface_get_mtu(const char *name)
{
    struct ifreq ifr = { 0 };

    return ask(SIOCGIFMTU, &ifr, name) == 0 ? (uint32_t) ifr.ifr_mtu : 0;
}

bool
interface_set_mtu(const char *name, uint32_t mtu, struct error *error)
{
    struct ifreq ifr = { .ifr_mtu = (int) mtu };

    return ask(SIOCSIFMTU, &ifr, name) == 0
        || error_set_errno(error, errno,
                           "cannot set the MTU of interface %s to %u", name,
                           mtu);
}

void
interface_get_mac(const char *name, uint8_t mac[6])
{
    struct ifreq ifr = { 0 };

    memset(mac, 0, 6);
    if (ask(SIOCGIFHWADDR, &ifr, name) == 0
        && ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER) {
        memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
    }
}

bool
interface_set_mac(const char *name, const uint8_t mac[6],
                  struct error *error)
{
    struct ifreq ifr = { 0 };

    ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
    return ask(SIOCSIFHWADDR, &ifr, name) == 0
        || error_set_errno(error, errno, "cannot set the address of interface"
                           " %s to %02x:%02x:%02x:%02x:%02x:%02x", name,
                           mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

bool
interface_exists(int index)
{
    char name[IF_NAMESIZE];

    return if_indextoname((unsigned int) index, name) != NULL;
}

int
interface_promiscuous(int index)
{
    struct packet_mreq wish = { .mr_ifindex = index,
                                .mr_type = PACKET_MR_PROMISC };
    /* Protocol 0: it receives nothing itself. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd >= 0 && setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wish,
                              sizeof wish) < 0) {
        int number = errno;

        close(fd);
        errno = number;
        fd = -1;
    }
    return fd;
}

/* The kernel says so nowhere else: 6.2 was the first. */
bool
interface_knows_uso(void)
{
    struct utsname name;
    unsigned int major, minor;

    return uname(&name) == 0
        && sscanf(name.release, "%u.%u", &major, &minor) == 2
        && (major > 6 || (major == 6 && minor >= 2));
}

/* The one thing that there is no ioctl for. */
bool
interface_delete(const char *name)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
    } request = {
        .head = { .nlmsg_len = sizeof request, .nlmsg_type = RTM_DELLINK,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
        .info = { .ifi_index = interface_index(name) },
    };
    struct {
        struct nlmsghdr head;
        struct nlmsgerr status;
    } answer = { .status.error = -1 };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool done = fd >= 0 && request.info.ifi_index > 0
        && send(fd, &request, sizeof request, 0) == sizeof request
        && recv(fd, &answer, sizeof answer, 0) == sizeof answer
        && answer.head.nlmsg_type == NLMSG_ERROR
        && answer.status.error == 0;

    if (fd >= 0) {
        close(fd);
    }
    return done;
}
