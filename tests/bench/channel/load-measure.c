/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Bytes and round trips through connections that are open.
 */

#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CHUNK 131072u
#define MESSAGE 64u
#define LONGEST 5.0            /* seconds of round_trips() */

static char chunk[CHUNK];

/* As many bytes as go without waiting, a few times; 0 or more. */
static uint64_t
push_or_pull(int fd, char what)
{
    uint64_t total = 0;

    for (int i = 0; i < 4; i++) {
        ssize_t n = what == SINK ? write(fd, chunk, sizeof chunk)
            : read(fd, chunk, sizeof chunk);

        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            fprintf(stderr, "load: a connection has ended\n");
            exit(1);
        }
        if (n < 0) {
            break;
        }
        total += (uint64_t) n;
    }
    return total;
}

int
throughput(const struct way *way, int n, double seconds, char what)
{
    int epoll = epoll_create1(0);
    struct epoll_event events[64];
    uint64_t total = 0;
    double start, t;

    for (int i = 0; i < n; i++) {
        struct epoll_event event = {
            .events = what == SINK ? EPOLLOUT : EPOLLIN,
            .data.fd = open_tunnel(way, what),
        };

        set_blocking(event.data.fd, false);
        epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    start = now();
    while ((t = now()) - start < seconds) {
        int ready = epoll_wait(epoll, events, 64, 100);

        for (int i = 0; i < ready; i++) {
            total += push_or_pull(events[i].data.fd, what);
        }
    }
    printf("bytes=%llu seconds=%.3f MBps=%.1f\n", (unsigned long long) total,
           t - start, (double) total / (t - start) / 1e6);
    return 0;
}

/* One message there and back; microseconds, or less than 0. */
static float
trip(int fd)
{
    char message[MESSAGE] = { 1 };
    double start = now();
    size_t got = 0;

    if (write(fd, message, sizeof message) != MESSAGE) {
        return -1;
    }
    while (got < sizeof message) {
        ssize_t n = read(fd, message, sizeof message - got);

        if (n <= 0) {
            return -1;
        }
        got += (size_t) n;
    }
    return (float) ((now() - start) * 1e6);
}

static void
print_trips(float *values, size_t n)
{
    printf("trips=%zu p50us=%.1f p99us=%.1f\n", n,
           (double) percentile(values, n, 0.5),
           (double) percentile(values, n, 0.99));
}

int
round_trips(const struct way *way, int n)
{
    int fd = open_tunnel(way, ECHO);
    float *values = calloc((size_t) n + 1, sizeof *values);
    double start = now();
    int i;

    for (i = -50; values && i < n && now() - start < LONGEST; i++) {
        float one = trip(fd);

        if (one < 0) {
            fprintf(stderr, "load: the connection has ended\n");
            return 1;
        }
        values[i < 0 ? 0 : i] = one;
    }
    print_trips(values, i > 0 ? (size_t) i : 0);
    free(values);
    return 0;
}

int
isolation(const struct way *way, int n, double seconds, bool alone)
{
    int *all = calloc((size_t) n + 1, sizeof *all), deaf = -1;
    size_t most = 1000000, got = 0;
    float *values = calloc(most, sizeof *values);
    double start;

    if (!all || !values) {
        die("memory");
    }
    for (int i = 0; i < n; i++) {
        all[i] = open_tunnel(way, ECHO);
    }
    if (!alone) {
        deaf = open_tunnel(way, BLAST);
    }
    usleep(300000); /* until all buffers on its way are full */
    start = now();
    for (int i = 0; now() - start < seconds && got < most; i = (i + 1) % n) {
        float one = trip(all[i]);

        if (one < 0) {
            fprintf(stderr, "load: a connection has ended\n");
            return 1;
        }
        values[got++] = one;
    }
    if (deaf >= 0) {
        close(deaf);
    }
    print_trips(values, got);
    return 0;
}
