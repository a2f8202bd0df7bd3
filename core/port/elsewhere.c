/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Interfaces of other network namespaces, which netlink lets us look at by
 * the number that a namespace has in ours.
 */

#include <config.h>

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/interface.h"

#define ROOM 16384

/* A message that is being put together, and then its answer. */
struct talk {
    _Alignas(struct nlmsghdr) char bytes[ROOM];
    size_t size;
};

static void *
start(struct talk *talk, uint16_t type, uint16_t flags, size_t size)
{
    struct nlmsghdr *head = (void *) talk->bytes;

    memset(talk->bytes, 0, sizeof talk->bytes);
    head->nlmsg_len = (uint32_t) NLMSG_LENGTH(size);
    head->nlmsg_type = type;
    head->nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags);
    return NLMSG_DATA(head);
}

static void
put(struct talk *talk, uint16_t type, const void *data, size_t size)
{
    struct nlmsghdr *head = (void *) talk->bytes;
    struct rtattr *attribute =
        (void *) (talk->bytes + NLMSG_ALIGN(head->nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = (uint16_t) RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), data, size);
    head->nlmsg_len = (uint32_t) (NLMSG_ALIGN(head->nlmsg_len)
                                  + RTA_ALIGN(attribute->rta_len));
}

/* True when the kernel answered a message of this type. */
static bool
exchange(struct talk *talk, int fd, uint16_t type)
{
    struct nlmsghdr *head = (void *) talk->bytes;
    ssize_t size = send(fd, head, head->nlmsg_len, 0);

    if (size == (ssize_t) head->nlmsg_len) {
        size = recv(fd, talk->bytes, sizeof talk->bytes, 0);
    }
    talk->size = size > 0 ? (size_t) size : 0;
    return talk->size >= sizeof *head && head->nlmsg_len <= talk->size
        && head->nlmsg_type == type;
}

/* An attribute of 4 bytes behind a head of 'size' bytes; 'missing' when it is
 * not there. */
static int32_t
number(const struct talk *talk, size_t size, uint16_t type, int32_t missing)
{
    const struct nlmsghdr *head = (const void *) talk->bytes;
    size_t at = NLMSG_LENGTH(size);

    while (at + RTA_LENGTH(0) <= head->nlmsg_len) {
        const struct rtattr *one = (const void *) (talk->bytes + at);

        if (one->rta_len < RTA_LENGTH(0)
            || at + one->rta_len > head->nlmsg_len) {
            break;
        }
        if (one->rta_type == type && one->rta_len >= RTA_LENGTH(4)) {
            memcpy(&missing, RTA_DATA(one), sizeof missing);
            break;
        }
        at += RTA_ALIGN(one->rta_len);
    }
    return missing;
}

/* The number that our namespace has for the other; -1: none. */
static int32_t
find_number(struct talk *talk, int fd, int namespace)
{
    size_t size = NLMSG_ALIGN(sizeof(struct rtgenmsg));

    start(talk, RTM_GETNSID, 0, size);
    put(talk, NETNSA_FD, &namespace, sizeof namespace);
    return exchange(talk, fd, RTM_NEWNSID)
        ? number(talk, size, NETNSA_NSID, -1) : -1;
}

/* The same; it gets one when it has none. */
static int32_t
make_number(struct talk *talk, int fd, int namespace)
{
    const int32_t any = -1;
    int32_t found = find_number(talk, fd, namespace);

    if (found < 0) {
        start(talk, RTM_NEWNSID, NLM_F_ACK,
              NLMSG_ALIGN(sizeof(struct rtgenmsg)));
        put(talk, NETNSA_NSID, &any, sizeof any);
        put(talk, NETNSA_FD, &namespace, sizeof namespace);
        exchange(talk, fd, NLMSG_ERROR);
        found = find_number(talk, fd, namespace);
    }
    return found;
}

uint32_t
interface_mtu_in(int namespace, const char *name)
{
    struct talk talk;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int32_t id = fd >= 0 ? make_number(&talk, fd, namespace) : -1;
    int32_t mtu = 0;

    if (id >= 0) {
        start(&talk, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
        put(&talk, IFLA_IFNAME, name, strlen(name) + 1);
        put(&talk, IFLA_TARGET_NETNSID, &id, sizeof id);
        if (exchange(&talk, fd, RTM_NEWLINK)) {
            mtu = number(&talk, sizeof(struct ifinfomsg), IFLA_MTU, 0);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return mtu > 0 ? (uint32_t) mtu : 0;
}
