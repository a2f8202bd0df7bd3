/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two guests on one core: A sends, B receives (with -2 both do both), and the
 * switch between their vhost-user sockets is measured.
 *
 *     vgen -a SOCKET -b SOCKET [OPTION...]
 *       -S         listen; the switch connects
 *       -z 64      bytes of a frame without FCS     -q 1024   ring
 *       -B 32      burst                            -2        both ways
 *       -t 0.4     seconds of a sample              -n 3      samples
 *       -r PPS     offered rate of each way (0: as fast as the ring allows)
 *       -l         latency, from the time in each frame
 *       -f N       flows (UDP source ports)         -m N      addresses at B
 *       -d         write all of each frame          -R        read all of it
 *       -M         no mergeable buffers             -H        hugepages
 *       -k         sleep when idle and want interrupts
 *       -c CORE    run there
 *       -T PID:TID a thread of the switch: a sample in which it, or we, waited
 *                  more than -w 8 % of the time for a core is made again, for
 *                  at most 30 s
 *       -K         no measurement: 1,000 random frames one by one; says how
 *                  many were lost or came out wrong, which fails
 *
 * Prints a line per sample: "sample MPPS LOSS%" and with -l also "P50 P99" in
 * nanoseconds.
 */
#include "sample.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 30.0 /* seconds for samples to be made again */

static struct guest a, b;
static struct guest_options options = {
    .ring = 1024, .size = 64, .flows = 1, .macs = 1, .mergeable = true};
static struct plan plan = {.burst = 32, .seconds = 0.4};
static unsigned int n_samples = 3;
static bool check;
static const char *paths[2];

static void
usage(void)
{
    fprintf(stderr, "usage: vgen -a SOCKET -b SOCKET [OPTION...]: see the top "
                    "of vgen.c\n");
    exit(2);
}

static bool
flag(int option)
{
    switch (option) {
    case 'S':
        options.listen = true;
        return true;
    case '2':
        plan.both = true;
        return true;
    case 'l':
        options.stamp = true;
        return true;
    case 'd':
        options.dirty = true;
        return true;
    case 'R':
        options.read_all = true;
        return true;
    case 'M':
        options.mergeable = false;
        return true;
    case 'H':
        options.huge = true;
        return true;
    case 'k':
        options.sleeps = true;
        return true;
    case 'K':
        check = true;
        return true;
    default:
        return false;
    }
}

static void
parse(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "a:b:Sz:q:B:t:n:2r:lf:m:dRMHc:T:w:kK"))
           > 0) {
        switch (option) {
        case 'a':
            paths[0] = optarg;
            break;
        case 'b':
            paths[1] = optarg;
            break;
        case 'z':
            options.size = (unsigned int) atoi(optarg);
            break;
        case 'q':
            options.ring = (unsigned int) atoi(optarg);
            break;
        case 'f':
            options.flows = (unsigned int) atoi(optarg);
            break;
        case 'm':
            options.macs = (unsigned int) atoi(optarg);
            break;
        case 'B':
            plan.burst = (unsigned int) atoi(optarg);
            break;
        case 't':
            plan.seconds = atof(optarg);
            break;
        case 'r':
            plan.rate = atof(optarg);
            break;
        case 'n':
            n_samples = (unsigned int) atoi(optarg);
            break;
        case 'c':
            pin_to(atoi(optarg));
            break;
        case 'w':
            plan.wait = atof(optarg) / 100;
            break;
        case 'T':
            watch_thread(optarg);
            break;
        default:
            if (!flag(option)) {
                usage();
            }
        }
    }
    if (paths[0] == NULL || paths[1] == NULL || options.size < 60
        || options.size > 2000 || options.flows == 0 || options.macs == 0
        || (options.ring & (options.ring - 1)) != 0) {
        usage();
    }
}

/* Fills a frame with random bytes behind its headers; returns its length. */
static unsigned int
random_frame(uint8_t *frame, uint32_t number)
{
    unsigned int length = 60 + (unsigned int) rand() % (options.size - 59);
    struct guest_options shorter = options;

    shorter.size = length;
    guest_frame(&shorter, frame, 0, 0);
    for (unsigned int i = GUEST_STAMP; i < length; i++) {
        frame[i] = (uint8_t) rand();
    }
    memcpy(frame + GUEST_STAMP, &number, sizeof number);
    return length;
}

/* Sends one frame and waits for it: 0 right, 1 lost, 2 wrong. */
static int
check_one(uint32_t number)
{
    struct guest_queue *out = &a.send, *in = &b.receive;
    const unsigned int mask = options.ring - 1;

    guest_reclaim(&a);
    if (out->n_unused == 0) {
        return 2;
    }
    uint16_t id = out->unused[--out->n_unused];
    uint8_t *frame = out->buffers + (size_t) id * GUEST_STRIDE + GUEST_HEADER;
    unsigned int length = random_frame(frame, number);

    out->descriptors[id].addr = guest_address(&a, frame - GUEST_HEADER);
    out->descriptors[id].len = GUEST_HEADER + length;
    out->avail->ring[out->next_avail++ & mask] = id;
    __atomic_store_n(&out->avail->idx, out->next_avail, __ATOMIC_SEQ_CST);
    guest_kick(out);
    double start = seconds_now();
    while (__atomic_load_n(&in->used->idx, __ATOMIC_ACQUIRE)
           == in->next_used) {
        if (seconds_now() - start > 1.0) {
            return 1;
        }
    }
    struct vring_used_elem got = in->used->ring[in->next_used++ & mask];
    bool same =
        got.len == GUEST_HEADER + length
        && memcmp(in->buffers + (size_t) got.id * GUEST_STRIDE + GUEST_HEADER,
                  frame, length)
               == 0;
    in->avail->ring[in->next_avail++ & mask] = (uint16_t) got.id;
    __atomic_store_n(&in->avail->idx, in->next_avail, __ATOMIC_SEQ_CST);
    guest_kick(in);
    return same ? 0 : 2;
}

static int
check_frames(void)
{
    unsigned int counts[3] = {0, 0, 0};

    for (uint32_t i = 0; i < 1000; i++) {
        counts[check_one(i)]++;
    }
    printf("check: 1000 frames, %u lost, %u wrong\n", counts[1], counts[2]);
    return counts[1] + counts[2] != 0;
}

/* Has the switch learn all addresses of B (and that of A). */
static void
announce(void)
{
    double end = seconds_now() + 10;

    for (unsigned int first = 0; first < options.macs;) {
        if (seconds_now() > end) {
            die("the switch takes no frames");
        }
        first += guest_announce(&b, first);
        guest_receive(&a, options.ring, NULL);
        usleep(50);
    }
    guest_send(&a, 1);
    usleep(20000);
    guest_receive(&a, options.ring, NULL);
    guest_receive(&b, options.ring, NULL);
}

int
main(int argc, char **argv)
{
    unsigned int good = 0;

    parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    guest_open(&a, &options, paths[0], 0);
    guest_open(&b, &options, paths[1], 1);
    sample_start();
    usleep(700000);
    announce();
    if (check) {
        return check_frames();
    }
    double end = seconds_now() + n_samples * plan.seconds * 1.5 + PATIENCE;
    while (good < n_samples && seconds_now() < end) {
        announce();
        good += sample(&plan, &a, &b);
    }
    if (good == 0) {
        fprintf(stderr, "vgen: no sample without noise\n");
    }
    return good == 0 || a.bad + b.bad > 0;
}
