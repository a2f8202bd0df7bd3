/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The command line of the load, and what its modes share.
 *
 *     load server AT                      echo, sink or blast, see load.h
 *     load device PATH                    the same on a guest's serial port
 *     load relay PATH AT                  from a guest's serial port to AT
 *     load splice|copy AT TO              a bare relay from AT to TO
 *     load throughput WAY N SECONDS up|down   bytes, through N connections
 *     load rate WAY N SECONDS             open, a byte there and back, close
 *     load trips WAY COUNT                64 bytes there and back
 *     load isolation WAY N SECONDS [alone]    the same on N connections, while
 *                                         one more asks for all and reads
 *                                         nothing, or without it
 *     load idle WAY N FILE                N that are open, until FILE is there
 *     load swarm WAY N BYTES              N at once, echoed, each byte checked
 *
 * AT is PORT, unix:PATH or vsock:PORT; WAY is PROXY TARGET: PROXY an AT or
 * ADDRESS:PORT, TARGET name:port, or "-" where there is no CONNECT.  A token is
 * taken from $LOAD_TOKEN.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void
die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

struct endpoint
endpoint_of(const char *text)
{
    struct endpoint endpoint = { .size = 0 };
    const char *colon = strrchr(text, ':');

    if (strncmp(text, "unix:", 5) == 0) {
        struct sockaddr_un *at = (struct sockaddr_un *) &endpoint.address;

        at->sun_family = AF_UNIX;
        if (strlen(text + 5) >= sizeof at->sun_path) {
            errno = ENAMETOOLONG;
            die(text);
        }
        strcpy(at->sun_path, text + 5);
        endpoint.size = sizeof *at;
    } else if (strncmp(text, "vsock:", 6) == 0) {
        struct sockaddr_vm *at = (struct sockaddr_vm *) &endpoint.address;

        at->svm_family = AF_VSOCK;
        at->svm_cid = VMADDR_CID_ANY;
        at->svm_port = (unsigned int) atoi(text + 6);
        endpoint.size = sizeof *at;
    } else {
        struct sockaddr_in *at = (struct sockaddr_in *) &endpoint.address;
        char host[64] = "127.0.0.1";

        if (colon) {
            snprintf(host, sizeof host, "%.*s", (int) (colon - text), text);
        }
        at->sin_family = AF_INET;
        at->sin_port = htons((uint16_t) atoi(colon ? colon + 1 : text));
        if (inet_pton(AF_INET, host, &at->sin_addr) != 1) {
            errno = EINVAL;
            die(text);
        }
        endpoint.size = sizeof *at;
    }
    return endpoint;
}

int
begin_connect(const struct way *way)
{
    int fd = socket(way->proxy.address.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

    if (fd < 0) {
        die("socket");
    }
    if (way->proxy.address.ss_family == AF_INET) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    while (connect(fd, (const struct sockaddr *) &way->proxy.address,
                   way->proxy.size) != 0 && errno != EINPROGRESS) {
        if (errno != EAGAIN) {
            die("connect");
        }
        usleep(1000); /* a unix socket whose queue is full */
    }
    return fd;
}

size_t
connect_request(const struct way *way, char request[1024])
{
    return (size_t) snprintf(
        request, 1024, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n",
        way->target, way->target,
        way->token ? "Proxy-Authorization: Bearer " : "",
        way->token ? way->token : "", way->token ? "\r\n" : "");
}

void
set_blocking(int fd, bool blocking)
{
    int flags = fcntl(fd, F_GETFL);

    fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/* The head of an answer; what is behind it does not matter. */
static void
expect_open(int fd)
{
    char answer[2048];
    size_t n = 0;

    do {
        ssize_t got = read(fd, answer + n, sizeof answer - 1 - n);

        if (got <= 0) {
            fprintf(stderr, "load: the proxy has hung up\n");
            exit(1);
        }
        n += (size_t) got;
        answer[n] = 0;
    } while (!strstr(answer, "\r\n\r\n") && n < sizeof answer - 1);
    if (n < 12 || memcmp(answer + 8, " 200", 4) != 0) {
        fprintf(stderr, "load: the proxy says: %.60s\n", answer);
        exit(1);
    }
}

int
open_tunnel(const struct way *way, char what)
{
    int fd = begin_connect(way);
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    char request[1024];

    poll(&ready, 1, 10000);
    set_blocking(fd, true);
    if (way->target) {
        size_t size = connect_request(way, request);

        if (write(fd, request, size) != (ssize_t) size) {
            die("write");
        }
        expect_open(fd);
    }
    if (!way->is_told && write(fd, &what, 1) != 1) {
        die("write");
    }
    return fd;
}

static int
compare(const void *one, const void *other)
{
    float a = *(const float *) one, b = *(const float *) other;

    return (a > b) - (a < b);
}

float
percentile(float *values, size_t n, double share)
{
    if (n == 0) {
        return 0;
    }
    qsort(values, n, sizeof *values, compare);
    return values[(size_t) ((double) (n - 1) * share)];
}

static int
usage(void)
{
    fprintf(stderr, "usage: load server|device|relay|splice|copy|throughput|"
            "rate|trips|isolation|idle|swarm ...; "
            "see tests/bench/channel/load.c\n");
    return 2;
}

int
main(int argc, char **argv)
{
    struct rlimit limit;
    struct way way = { .token = getenv("LOAD_TOKEN") };
    const char *mode = argc > 1 ? argv[1] : "";
    int n;

    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (argc == 3 && strcmp(mode, "server") == 0) {
        struct endpoint at = endpoint_of(argv[2]);

        return server(&at);
    }
    if (argc == 3 && strcmp(mode, "device") == 0) {
        return device(argv[2]);
    }
    if (argc == 4 && strcmp(mode, "relay") == 0) {
        struct endpoint to = endpoint_of(argv[3]);

        return relay(argv[2], &to);
    }
    if (argc == 4 && (strcmp(mode, "splice") == 0
                      || strcmp(mode, "copy") == 0)) {
        struct endpoint at = endpoint_of(argv[2]), to = endpoint_of(argv[3]);

        return ceiling(&at, &to, mode[0] == 'c');
    }
    if (argc < 5) {
        return usage();
    }
    way.proxy = endpoint_of(argv[2]);
    way.is_told = argv[3][0] == '=';
    way.target = strcmp(argv[3], "-") == 0 ? NULL : argv[3] + way.is_told;
    n = atoi(argv[4]);
    if (argc == 7 && strcmp(mode, "throughput") == 0) {
        return throughput(&way, n, atof(argv[5]),
                          argv[6][0] == 'u' ? SINK : BLAST);
    } else if (argc == 6 && strcmp(mode, "rate") == 0) {
        return rate(&way, n, atof(argv[5]));
    } else if (argc == 5 && strcmp(mode, "trips") == 0) {
        return round_trips(&way, n);
    } else if (argc >= 6 && strcmp(mode, "isolation") == 0) {
        return isolation(&way, n, atof(argv[5]), argc == 7);
    } else if (argc == 6 && strcmp(mode, "idle") == 0) {
        return idle(&way, n, argv[5]);
    } else if (argc == 6 && strcmp(mode, "swarm") == 0) {
        return swarm(&way, n, (size_t) atol(argv[5]));
    }
    return usage();
}
