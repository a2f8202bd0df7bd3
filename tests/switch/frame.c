/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Raw frames, for tests: run in a guest's namespace,
 *
 *     switch-frame send INTERFACE HEX
 *     switch-frame repeat INTERFACE HEX SIZE COUNT [vary|MILLISECONDS]
 *     switch-frame expect INTERFACE MILLISECONDS HEX
 *     switch-frame count INTERFACE MILLISECONDS HEX
 *
 * "repeat" sends frames of that size as fast as it can, or spread over the
 * time; "vary" gives each another source address.  "count" says how many
 * frames that begin with these bytes came until SIGTERM, and behind it until
 * none has come for the time.
 *
 * "expect" says "listening" on standard output and succeeds when a frame
 * that begins with these bytes arrives in time, with a VLAN tag that the
 * kernel stripped put back.
 *
 * "stream" and "follow" are in stream.c.
 */

#include <config.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/loop.h"
#include "frame.h"

size_t
frame_parse_hex(const char *text, uint8_t *out, size_t size)
{
    size_t n = 0;

    while (text[0] && text[1] && n < size) {
        char pair[3] = { text[0], text[1], 0 };

        out[n++] = (uint8_t) strtoul(pair, NULL, 16);
        text += 2;
    }
    return n;
}

/* Without a protocol until it is bound: it must not hear other interfaces. */
static int
open_socket(const char *interface)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int) if_nametoindex(interface) };
    int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
    int room = 8 << 20;

    if (fd < 0
        || bind(fd, (struct sockaddr *) &address, sizeof address) < 0
        || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) < 0) {
        perror(interface);
        exit(2);
    }
    /* Bursts wait for us there; without the right to it, fewer of them. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    }
    return fd;
}

size_t
frame_receive(int fd, uint8_t *frame, size_t room)
{
    union {
        char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct iovec part = { frame, room - 4 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
    ssize_t size = recvmsg(fd, &message, 0);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    struct tpacket_auxdata aux;

    if (size < 14 || !head || head->cmsg_type != PACKET_AUXDATA) {
        return 0;
    }
    memcpy(&aux, CMSG_DATA(head), sizeof aux);
    if (aux.tp_status & TP_STATUS_VLAN_VALID) {
        memmove(frame + 16, frame + 12, (size_t) size - 12);
        frame[12] = (uint8_t) (aux.tp_vlan_tpid >> 8);
        frame[13] = (uint8_t) aux.tp_vlan_tpid;
        frame[14] = (uint8_t) (aux.tp_vlan_tci >> 8);
        frame[15] = (uint8_t) aux.tp_vlan_tci;
        size += 4;
    }
    return (size_t) size;
}

volatile sig_atomic_t frame_stopped;

static void
on_stop(int signal_number)
{
    (void) signal_number;
    frame_stopped = 1;
}

void
frame_catch_stop(void)
{
    struct sigaction action = { .sa_handler = on_stop };

    sigaction(SIGTERM, &action, NULL);
}

static int
expect(int fd, uint64_t limit_ms, const uint8_t *wanted, size_t n)
{
    uint64_t end = loop_now_ms() + limit_ms, now;
    static uint8_t frame[4096];

    puts("listening");
    fflush(stdout);
    while ((now = loop_now_ms()) < end) {
        struct pollfd poll_fd = { fd, POLLIN, 0 };

        if (poll(&poll_fd, 1, (int) (end - now)) == 1
            && frame_receive(fd, frame, sizeof frame) >= n
            && memcmp(frame, wanted, n) == 0) {
            return 0;
        }
    }
    return 1;
}

/* How many came until SIGTERM, and then until none has come for the time. */
static int
count(int fd, uint64_t limit_ms, const uint8_t *wanted, size_t n)
{
    struct pollfd poll_fd = { fd, POLLIN, 0 };
    static uint8_t frame[4096];
    uint64_t last = loop_now_ms();
    unsigned long seen = 0;
    bool ending = false;

    frame_catch_stop();
    puts("listening");
    fflush(stdout);
    while (!ending || loop_now_ms() - last < limit_ms) {
        if (poll(&poll_fd, 1, 50) == 1
            && frame_receive(fd, frame, sizeof frame) >= n
            && memcmp(frame, wanted, n) == 0) {
            seen++;
            last = loop_now_ms();
        }
        if (frame_stopped && !ending) {
            ending = true;
            last = loop_now_ms();
        }
    }
    printf("%lu\n", seen);
    return 0;
}

static int
repeat(int fd, uint8_t *frame, char **argv)
{
    uint32_t size = (uint32_t) strtoul(argv[0], NULL, 10);
    uint32_t n = (uint32_t) strtoul(argv[1], NULL, 10);
    bool vary = argv[2] && strcmp(argv[2], "vary") == 0;
    uint64_t time = argv[2] && !vary ? strtoul(argv[2], NULL, 10) : 0;
    uint64_t start = loop_now_ms();

    for (uint32_t i = 0; i < n; i++) {
        if (vary) {
            memcpy(frame + 8, &i, sizeof i);
        }
        while (time && loop_now_ms() - start < time * i / n) {
            usleep(500);
        }
        while (send(fd, frame, size, 0) != (ssize_t) size) {
            usleep(100);
        }
    }
    return 0;
}

int
main(int argc, char **argv)
{
    uint8_t frame[4096] = { 0 };
    size_t n;

    if (argc == 4 && strcmp(argv[1], "send") == 0) {
        n = frame_parse_hex(argv[3], frame, sizeof frame);
        n = n < 60 ? 60 : n;
        return send(open_socket(argv[2]), frame, n, 0) == (ssize_t) n ? 0 : 2;
    }
    if ((argc == 6 || argc == 7) && strcmp(argv[1], "repeat") == 0) {
        frame_parse_hex(argv[3], frame, sizeof frame);
        return repeat(open_socket(argv[2]), frame, argv + 4);
    }
    if (argc >= 5 && argc <= 7 && strcmp(argv[1], "stream") == 0) {
        return stream_send(open_socket(argv[2]), argv[3], argv + 4);
    }
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "follow") == 0) {
        return stream_follow(open_socket(argv[2]), argv[3]);
    }
    if (argc == 5) {
        n = frame_parse_hex(argv[4], frame, sizeof frame);
        return (strcmp(argv[1], "expect") == 0 ? expect : count)(
            open_socket(argv[2]), strtoul(argv[3], NULL, 10), frame, n);
    }
    fputs("usage: switch-frame send|repeat|expect|count|stream|follow"
          " ...\n", stderr);
    return 2;
}
