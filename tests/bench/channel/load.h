/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_CHANNEL_LOAD_H
#define BENCH_CHANNEL_LOAD_H

/*
 * Load for proxies, and the service behind them: one program for the bench,
 * and, linked statically, for guests of the lab.  See load.c for its modes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Where to connect to, or to listen. */
struct endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

/* What a client of one proxy needs to know. */
struct way {
    struct endpoint proxy;
    const char *target;         /* name:port for CONNECT; NULL: none is sent */
    bool is_told;               /* the server needs no first byte */
    const char *token;          /* or NULL */
};

/* What the server does with a connection: its first byte. */
#define ECHO 'E'
#define SINK 'S'
#define BLAST 'B'

/* PORT, ADDRESS:PORT, unix:PATH or vsock:PORT; else the program ends. */
struct endpoint endpoint_of(const char *text);
_Noreturn void die(const char *what);
double now(void);

/* One that does not block. */
int listen_at(const struct endpoint *at);
/* A connection that has been begun, does not block, and has no delays. */
int begin_connect(const struct way *way);
/* The request; its length. */
size_t connect_request(const struct way *way, char request[1024]);
/* The whole way, waiting; the first byte for the server is sent, too. */
int open_tunnel(const struct way *way, char what);
void set_blocking(int fd, bool blocking);

/* The modes; an exit status. */
int server(const struct endpoint *at);
int device(const char *path);
int relay(const char *path, const struct endpoint *to);
int ceiling(const struct endpoint *at, const struct endpoint *to, bool copies);
int throughput(const struct way *way, int n, double seconds, char what);
int rate(const struct way *way, int n, double seconds);
int round_trips(const struct way *way, int n);
int isolation(const struct way *way, int n, double seconds, bool alone);
int idle(const struct way *way, int n, const char *until);
int swarm(const struct way *way, int n, size_t bytes);

/* Sorts 'n' of them; the value below which 'share' of them are. */
float percentile(float *values, size_t n, double share);

#endif
