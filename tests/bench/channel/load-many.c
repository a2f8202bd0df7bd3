/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Many connections at the same time: how fast they are opened, how much idle
 * ones cost, and whether each has its own bytes.
 *
 * Bytes of connection i begin at another place of a pattern whose period is
 * prime, so that bytes that were lost, doubled, moved, or came out of another
 * connection show at once.
 */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#define PERIOD 65521u           /* prime */
#define CHUNK 32768u
#define PATIENCE 60.0           /* seconds without any progress */

/* A connection on its way through a proxy, and then in use. */
struct one {
    int fd;                     /* -1: over */
    enum { CONNECTING, ASKED, OPEN } at;
    bool finished;              /* all was sent, and the end of it */
    uint32_t phase;             /* where its bytes begin in the pattern */
    size_t sent, got;           /* bytes of the conversation */
    size_t n;                   /* of the answer */
    double start;
    char answer[512];
};

struct many {
    const struct way *way;
    const char *first;          /* what each says first: what it is for */
    uint32_t hears;             /* events that it is told of from then on */
    struct one *all;
    int epoll, n, open, done;
    int failed;                 /* not opened, or ended early */
    int wrong;                  /* with other bytes */
    size_t bytes;               /* that each sends */
    double progress;            /* when something has happened last */
};

static unsigned char pattern[PERIOD + CHUNK];

static void
make_pattern(void)
{
    for (unsigned int i = 0; i < sizeof pattern; i++) {
        pattern[i] = (unsigned char) ((i % PERIOD) * 2654435761u >> 24);
    }
}

static void
ask(struct many *many, struct one *one, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = one };

    epoll_ctl(many->epoll, operation, one->fd, &event);
}

static void
begin(struct many *many, struct one *one)
{
    size_t i = (size_t) (one - many->all);

    *one = (struct one) { .start = now(),
                          .phase = (uint32_t) (i * 7919 % PERIOD) };
    one->fd = begin_connect(many->way);
    ask(many, one, EPOLL_CTL_ADD, EPOLLOUT);
}

static void
over(struct many *many, struct one *one, int *counter)
{
    close(one->fd);
    one->fd = -1;
    many->done++;
    (*counter)++;
}

/* The conversation begins. */
static bool
opened(struct many *many, struct one *one)
{
    size_t size = strlen(many->first);

    one->at = OPEN;
    many->open++;
    ask(many, one, EPOLL_CTL_MOD, many->hears);
    return write(one->fd, many->first, size) == (ssize_t) size;
}

static bool
connected(struct many *many, struct one *one)
{
    char request[1024];
    size_t size;

    if (!many->way->target) {
        return opened(many, one);
    }
    size = connect_request(many->way, request);
    one->at = ASKED;
    ask(many, one, EPOLL_CTL_MOD, EPOLLIN);
    return write(one->fd, request, size) == (ssize_t) size;
}

static bool
answered(struct many *many, struct one *one)
{
    ssize_t n = read(one->fd, one->answer + one->n,
                     sizeof one->answer - 1 - one->n);

    if (n < 0 && errno == EAGAIN) {
        return true;
    }
    if (n <= 0) {
        return false;
    }
    one->n += (size_t) n;
    one->answer[one->n] = 0;
    if (!strstr(one->answer, "\r\n\r\n")) {
        return one->n < sizeof one->answer - 1;
    }
    if (one->n < 12 || memcmp(one->answer + 8, " 200", 4) != 0) {
        if (!many->failed) {
            fprintf(stderr, "load: the proxy says:%.*s\n",
                    (int) strcspn(one->answer + 8, "\r\n"),
                    one->answer + 8);
        }
        return false;
    }
    return opened(many, one);
}

/* Sends what goes, and in the end its end. */
static bool
send_some(struct many *many, struct one *one)
{
    while (one->sent < many->bytes) {
        size_t left = many->bytes - one->sent;
        ssize_t n = write(one->fd,
                          pattern + (one->phase + one->sent) % PERIOD,
                          left < CHUNK ? left : CHUNK);

        if (n < 0) {
            return errno == EAGAIN;
        }
        one->sent += (size_t) n;
    }
    if (!one->finished) {
        one->finished = true;
        shutdown(one->fd, SHUT_WR);
        ask(many, one, EPOLL_CTL_MOD, EPOLLIN);
    }
    return true;
}

/* 1: more may come; 0: all has come; -1: it ended early; -2: other bytes. */
static int
check_some(struct many *many, struct one *one)
{
    static unsigned char bytes[CHUNK];
    ssize_t n = read(one->fd, bytes, sizeof bytes);

    if (n < 0) {
        return errno == EAGAIN ? 1 : -1;
    }
    if (n == 0) {
        return one->got == many->bytes ? 0 : -1;
    }
    if (memcmp(bytes, pattern + (one->phase + one->got) % PERIOD,
               (size_t) n) != 0) {
        return -2;
    }
    one->got += (size_t) n;
    return one->got > many->bytes ? -2 : 1;
}

static void
step(struct many *many, struct one *one, uint32_t events)
{
    int none = 0, left;

    many->progress = now();
    if (one->at == CONNECTING) {
        if (!connected(many, one)) {
            over(many, one, &many->failed);
        }
        return;
    }
    if (one->at == ASKED) {
        if (!answered(many, one)) {
            over(many, one, &many->failed);
        }
        return;
    }
    left = check_some(many, one);
    if (left == 1 && (events & EPOLLOUT) && !send_some(many, one)) {
        left = -1;
    }
    if (left != 1) {
        over(many, one, left == 0 ? &none
             : left == -1 ? &many->failed : &many->wrong);
    }
}

static void
turn(struct many *many, int wait)
{
    struct epoll_event events[256];
    int n = epoll_wait(many->epoll, events, 256, wait);

    for (int i = 0; i < n; i++) {
        step(many, events[i].data.ptr, events[i].events);
    }
}

/* The server is to echo. */
static struct many *
create(const struct way *way, int n, size_t bytes)
{
    static const char first[] = { ECHO, 0 };
    struct many *many = calloc(1, sizeof *many);

    if (!many || !(many->all = calloc((size_t) n, sizeof *many->all))) {
        die("memory");
    }
    make_pattern();
    many->way = way;
    many->first = first;
    many->hears = EPOLLIN | EPOLLOUT;
    many->n = n;
    many->bytes = bytes;
    many->epoll = epoll_create1(0);
    many->progress = now();
    return many;
}

int
swarm(const struct way *way, int n, size_t bytes)
{
    struct many *many = create(way, n, bytes);
    double start = now();

    for (int i = 0; i < n; i++) {
        begin(many, &many->all[i]);
        turn(many, 0);
    }
    while (many->done < n && now() - many->progress < PATIENCE) {
        turn(many, 1000);
    }
    printf("streams=%d opened=%d failed=%d wrong=%d unfinished=%d "
           "bytes=%zu seconds=%.1f\n", n, many->open, many->failed,
           many->wrong, n - many->done, bytes, now() - start);
    return many->failed || many->wrong || many->done < n;
}

/* Opens all and leaves them alone; the caller looks at the proxy meanwhile. */
int
idle(const struct way *way, int n, const char *until)
{
    struct many *many = create(way, n, 0);
    struct stat status;

    for (int i = 0; i < n; i++) {
        int fd = open_tunnel(way, ECHO);
        char byte = 'x';

        /* There and back, so that it is open on the whole way. */
        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) {
            fprintf(stderr, "load: connection %d has ended\n", i);
            return 1;
        }
        many->all[i].fd = fd;
    }
    printf("open=%d\n", n);
    fflush(stdout);
    while (stat(until, &status) != 0) {
        usleep(50000);
    }
    return 0;
}

/* ---- How fast they are opened ------------------------------------------- */

/* A connection of rate(): one byte there and back, then another one. */
static bool
rate_step(struct many *many, struct one *one)
{
    char byte;

    if (one->at == CONNECTING) {
        return connected(many, one);
    }
    if (one->at == ASKED) {
        return answered(many, one);
    }
    one->finished = read(one->fd, &byte, 1) == 1;
    return one->finished || errno == EAGAIN;
}

static void
close_at_once(int fd)
{
    const struct linger none = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

int
rate(const struct way *way, int n, double seconds)
{
    /* In one piece, as programs say what they say first. */
    static const char first[] = { ECHO, 'x', 0 };
    struct many *many = create(way, n, 0);
    size_t most = 2000000, got = 0;
    float *values = calloc(most, sizeof *values);
    double start = now(), t;
    struct epoll_event events[256];

    many->first = first;
    many->hears = EPOLLIN;
    for (int i = 0; i < n; i++) {
        begin(many, &many->all[i]);
    }
    while (values && (t = now()) - start < seconds) {
        int ready = epoll_wait(many->epoll, events, 256, 100);

        for (int i = 0; i < ready; i++) {
            struct one *one = events[i].data.ptr;
            bool good = rate_step(many, one);

            if (good && !one->finished) {
                continue;
            }
            if (good && got < most) {
                values[got++] = (float) ((now() - one->start) * 1e6);
            }
            many->failed += !good;
            close_at_once(one->fd);
            begin(many, one);
        }
    }
    printf("opened=%zu seconds=%.2f rate=%.0f p50us=%.0f p99us=%.0f "
           "failed=%d\n", got, seconds, (double) got / seconds,
           (double) percentile(values, got, 0.5),
           (double) percentile(values, got, 0.99), many->failed);
    free(values);
    return many->failed != 0;
}
