/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bare loop of an AF_XDP socket, without any switch:
 *
 *     xdploop [-c CORE] [-t SECONDS] IF
 *
 * counts what queue 0 of IF receives, in the copy mode of its driver, and
 * prints "sample MPPS".  It reads a byte of each frame and gives it back.
 */

#include <config.h>

#include "vhost.h" /* die, pin_to */

#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "port/xdp/program.h"

#define FRAMES 2048u
#define FRAME 2048u
#define BATCH 64u

/* The two rings that receiving needs. */
struct rings {
    uint32_t *fill_producer, *producer, *consumer;
    uint64_t *fill;
    struct xdp_desc *descs;
    uint8_t *memory;
};

static volatile unsigned int seen;

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static void *
map(size_t size, int flags, int fd, uint64_t at)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       flags | MAP_POPULATE, fd, (off_t) at);

    if (start == MAP_FAILED) {
        die("mmap");
    }
    return start;
}

static void
set(int fd, int option, const void *value, size_t size)
{
    if (setsockopt(fd, SOL_XDP, option, value, (socklen_t) size) != 0) {
        die("AF_XDP option %d", option);
    }
}

static int
open_socket(struct rings *rings, const char *name)
{
    int fd = socket(AF_XDP, SOCK_RAW, 0), n = FRAMES;
    struct xdp_umem_reg reg = { .len = FRAMES * FRAME, .chunk_size = FRAME };
    struct sockaddr_xdp at = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY,
                               .sxdp_ifindex = if_nametoindex(name) };
    struct xdp_mmap_offsets places = { 0 };
    socklen_t size = sizeof places;
    char *fill, *receive;

    rings->memory = map(FRAMES * FRAME, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    reg.addr = (uintptr_t) rings->memory;
    set(fd, XDP_UMEM_REG, &reg, sizeof reg);
    set(fd, XDP_UMEM_FILL_RING, &n, sizeof n);
    set(fd, XDP_UMEM_COMPLETION_RING, &n, sizeof n);
    set(fd, XDP_RX_RING, &n, sizeof n);
    if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &places, &size) != 0) {
        die("AF_XDP offsets");
    }
    fill = map(places.fr.desc + FRAMES * sizeof(uint64_t), MAP_SHARED, fd,
               XDP_UMEM_PGOFF_FILL_RING);
    receive = map(places.rx.desc + FRAMES * sizeof(struct xdp_desc),
                  MAP_SHARED, fd, XDP_PGOFF_RX_RING);
    rings->fill_producer = (void *) (fill + places.fr.producer);
    rings->fill = (void *) (fill + places.fr.desc);
    rings->producer = (void *) (receive + places.rx.producer);
    rings->consumer = (void *) (receive + places.rx.consumer);
    rings->descs = (void *) (receive + places.rx.desc);
    for (uint32_t i = 0; i < FRAMES; i++) {
        rings->fill[i] = (uint64_t) i * FRAME;
    }
    __atomic_store_n(rings->fill_producer, FRAMES, __ATOMIC_RELEASE);
    if (bind(fd, (struct sockaddr *) &at, sizeof at) != 0) {
        die("AF_XDP socket on %s", name);
    }
    return fd;
}

static uint32_t
receive(const struct rings *rings)
{
    uint32_t tail = *rings->consumer, put = *rings->fill_producer;
    uint32_t n = __atomic_load_n(rings->producer, __ATOMIC_ACQUIRE) - tail;

    n = n < BATCH ? n : BATCH;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = rings->descs[(tail + i) % FRAMES].addr;

        seen += rings->memory[at];
        rings->fill[(put + i) % FRAMES] = at & ~(uint64_t) (FRAME - 1);
    }
    __atomic_store_n(rings->consumer, tail + n, __ATOMIC_RELEASE);
    __atomic_store_n(rings->fill_producer, put + n, __ATOMIC_RELEASE);
    return n;
}

static void
measure(const char *name, double seconds)
{
    struct program program = PROGRAM_NONE;
    struct rings rings = { 0 };
    unsigned long long got = 0;
    struct error error;
    int fd = open_socket(&rings, name), number;
    double start, end;

    if (!program_load(&program, 1, &error)
        || !program_set(&program, 0, fd, &error)
        || !program_attach(&program, name, (int) if_nametoindex(name), false,
                           &number, &error)) {
        fprintf(stderr, "xdploop: %s\n", error.text);
        exit(1);
    }
    start = now();
    do {
        got += receive(&rings);
        end = now();
    } while (end - start < seconds);
    printf("sample %.4f\n", (double) got / (end - start) / 1e6);
}

int
main(int argc, char **argv)
{
    double seconds = 1;
    int option;

    while ((option = getopt(argc, argv, "t:c:")) > 0) {
        if (option == 'c') {
            pin_to(atoi(optarg));
        } else if (option == 't') {
            seconds = atof(optarg);
        } else {
            return 2;
        }
    }
    if (argc - optind != 1) {
        fputs("usage: xdploop [-c CORE] [-t SECONDS] IF\n", stderr);
        return 2;
    }
    measure(argv[optind], seconds);
    return 0;
}
