/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A guest that means no good: channel-flood PATH is the agent of a VM at that
 * unix socket.  It opens as many streams to port 5 of its host as it may have,
 * all the time; whoever comes to it by port 8 is sent all that
 * goes, by any other port he is never read from.  What it says keeps the rules
 * of the link: those who do not are in unit/test-mux-cheat.c.
 */

#include <config.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire/mux.h"

#define PORT 5u
#define BLAST 8u

static char zeros[MUX_FRAME];
static char blasts[] = "one that is sent all that goes";
static char deaf[] = "one that is not read";

static void
open_more(struct mux *mux)
{
    while (mux_open(mux, PORT, deaf)) {
        continue;
    }
}

static void
up(struct mux *mux, const struct mux_peer *peer)
{
    static const uint16_t ports[] = { 7, BLAST };

    printf("linked to %s\n", peer->name);
    fflush(stdout);
    mux_services(mux, ports, 2);
}

static void
asked(struct mux *mux, struct mux_stream *stream, uint16_t port)
{
    (void) mux;
    mux_accept(stream, port == BLAST ? blasts : deaf);
    mux_wish(stream, port == BLAST);
}

/* What is no reason to do anything: streams are opened in each turn. */
static void
ignore_stream(struct mux_stream *stream)
{
    (void) stream;
}

static void
ignore_end(struct mux_stream *stream, enum mux_code code, const char *reason)
{
    (void) stream;
    (void) code;
    (void) reason;
}

static void
ignore_down(struct mux *mux, const char *reason)
{
    (void) mux;
    (void) reason;
}

static void
ignore_pong(struct mux *mux, uint64_t value)
{
    (void) mux;
    (void) value;
}

static void
ignore_ports(struct mux *mux, const uint16_t *ports, unsigned int n)
{
    (void) mux;
    (void) ports;
    (void) n;
}

static void
writable(struct mux_stream *stream)
{
    mux_write(stream, zeros, sizeof zeros);
    mux_wish(stream, true);
}

static int
come(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int server = socket(AF_UNIX, SOCK_STREAM, 0);

    umask(0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (bind(server, (void *) &address, sizeof address) != 0
        || listen(server, 1) != 0) {
        perror(path);
        exit(1);
    }
    return accept(server, NULL, NULL);
}

/* False: the host has gone. */
static bool
turn(struct mux *mux, int fd)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };
    static char bytes[65536];
    const void *out;
    size_t size;
    ssize_t n;

    one.events |= mux_has_output(mux) ? POLLOUT : 0;
    poll(&one, 1, 1000);
    if (one.revents & (POLLIN | POLLHUP)) {
        n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n <= 0) {
            return false;
        }
        mux_input(mux, bytes, (size_t) n);
    }
    open_more(mux);
    out = mux_output(mux, &size);
    n = size ? send(fd, out, size, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
    mux_sent(mux, n > 0 ? (size_t) n : 0);
    return !mux_broken(mux);
}

int
main(int argc, char **argv)
{
    static const struct mux_events events = {
        .up = up, .down = ignore_down, .open = asked,
        .opened = ignore_stream, .refused = ignore_end,
        .readable = ignore_stream, .writable = writable,
        .reset = ignore_end, .pong = ignore_pong,
        .services = ignore_ports };
    const struct mux_config config = {
        .seed = (uint64_t) getpid() << 32 | 77, .streams = 1024,
        .window = 65536, .budget = 1u << 20, .name = "flood",
        .events = &events };

    while (argc == 2) {
        int fd = come(argv[1]);
        struct mux *mux = mux_create(&config);

        mux_start(mux);
        while (turn(mux, fd)) {
            continue;
        }
        printf("ends: %s\n", mux_broken(mux) ? mux_broken(mux) : "gone");
        fflush(stdout);
        mux_destroy(mux);
        close(fd);
    }
    fputs("usage: channel-flood PATH\n", stderr);
    return 2;
}
