/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Members and queriers of multicast groups, for tests: run in a guest's
 * namespace,
 *
 *     switch-group join INTERFACE GROUP...
 *     switch-group query INTERFACE igmp2|igmp3|mld1|mld2 MILLISECONDS
 *     switch-group flood INTERFACE COUNT
 *
 * "join" has the kernel join the groups, says "joined", and leaves them when
 * it gets SIGTERM.  "query" asks all hosts, which answer within that time.
 * "flood" reports so many groups of IPv4, from 239.200.0.0 on.
 */

#include <config.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
die(const char *what)
{
    perror(what);
    exit(2);
}

static int
join(unsigned int interface, char **groups)
{
    sigset_t set;
    int number;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (; *groups; groups++) {
        bool is_ipv6 = strchr(*groups, ':');
        struct group_req request = { .gr_interface = interface };
        struct sockaddr_in *in = (void *) &request.gr_group;
        struct sockaddr_in6 *in6 = (void *) &request.gr_group;
        int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

        request.gr_group.ss_family = is_ipv6 ? AF_INET6 : AF_INET;
        if (inet_pton(request.gr_group.ss_family, *groups,
                      is_ipv6 ? (void *) &in6->sin6_addr
                              : (void *) &in->sin_addr) != 1
            || setsockopt(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                          MCAST_JOIN_GROUP, &request, sizeof request) < 0) {
            die(*groups);
        }
    }
    puts("joined");
    fflush(stdout);
    sigwait(&set, &number);
    return 0;
}

/* A raw socket for IGMP whose datagrams have a router alert and TTL 1. */
static int
open_igmp(unsigned int interface)
{
    struct ip_mreqn by = { .imr_ifindex = (int) interface };
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_IGMP), one = 1;

    if (fd < 0
        || setsockopt(fd, IPPROTO_IP, IP_OPTIONS, "\x94\x04\0\0", 4) < 0
        || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by) < 0
        || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &one, sizeof one)
               < 0) {
        die("raw socket");
    }
    return fd;
}

/* Finishes the checksum and sends it to the group. */
static void
send_igmp(int fd, uint8_t *message, size_t size, uint32_t group)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(group) };
    uint32_t sum = 0;

    message[2] = message[3] = 0;
    for (size_t i = 0; i < size; i += 2) {
        sum += (uint32_t) message[i] << 8 | message[i + 1];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    message[2] = (uint8_t) (sum >> 8);
    message[3] = (uint8_t) sum;
    if (sendto(fd, message, size, 0, (struct sockaddr *) &to, sizeof to)
        != (ssize_t) size) {
        die("send");
    }
}

static int
query4(unsigned int interface, bool is_v3, unsigned long time_ms)
{
    uint8_t message[12] = { 0x11, (uint8_t) (time_ms / 100) };

    send_igmp(open_igmp(interface), message, is_v3 ? 12 : 8, 0xe0000001);
    return 0;
}

static int
query6(unsigned int interface, bool is_v2, unsigned long time_ms)
{
    static const uint8_t alert[8] = { 0, 0, 5, 2, 0, 0, 1, 0 };
    uint8_t message[28] = { 130, 0, 0, 0, (uint8_t) (time_ms >> 8),
                            (uint8_t) time_ms };
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_scope_id = interface };
    int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), one = 1;
    size_t size = is_v2 ? 28 : 24;

    inet_pton(AF_INET6, "ff02::1", &to.sin6_addr);
    if (fd < 0
        || setsockopt(fd, IPPROTO_IPV6, IPV6_HOPOPTS, alert, sizeof alert) < 0
        || setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &one, sizeof one)
               < 0
        || sendto(fd, message, size, 0, (struct sockaddr *) &to, sizeof to)
               != (ssize_t) size) {
        die("query");
    }
    return 0;
}

static int
flood(unsigned int interface, uint32_t n)
{
    int fd = open_igmp(interface);
    uint8_t message[8] = { 0x16 };

    for (uint32_t i = 0; i < n; i++) {
        uint32_t group = 0xefc80000 + i;

        for (int byte = 0; byte < 4; byte++) {
            message[4 + byte] = (uint8_t) (group >> (24 - 8 * byte));
        }
        send_igmp(fd, message, sizeof message, group);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    unsigned int interface = argc > 3 ? if_nametoindex(argv[2]) : 0;

    if (interface && strcmp(argv[1], "join") == 0) {
        return join(interface, argv + 3);
    }
    if (interface && argc == 5 && strcmp(argv[1], "query") == 0) {
        unsigned long time_ms = strtoul(argv[4], NULL, 10);

        return strncmp(argv[3], "mld", 3) == 0
            ? query6(interface, strcmp(argv[3], "mld2") == 0, time_ms)
            : query4(interface, strcmp(argv[3], "igmp3") == 0, time_ms);
    }
    if (interface && argc == 4 && strcmp(argv[1], "flood") == 0) {
        return flood(interface, (uint32_t) strtoul(argv[3], NULL, 10));
    }
    fputs("usage: switch-group join|query|flood INTERFACE ...\n", stderr);
    return 2;
}
