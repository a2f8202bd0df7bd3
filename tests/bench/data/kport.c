/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a kernel interface can do without a switch.
 *
 *     kport forward TAP TAP [-o]     the least forwarder between two taps,
 * with -o super frames and open checksums kport flood IF [-z 64]         sends
 * on IF as fast as AF_PACKET goes kport receive IF               counts what
 * TPACKET_V3 receives on IF options: -c CORE; -t SECONDS   (flood and receive;
 * else until killed)
 *
 * flood and receive print "sample MPPS" when their time is over.
 */
#include "vhost.h" /* die, pin_to */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BURST 32u
#define BLOCK (1u << 17)
#define N_BLOCKS 64u

static bool offload;
static unsigned int size = 64;
static double seconds = 1e9;
static volatile unsigned int seen;

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static int
open_tap(const char *name)
{
    int header = 12, fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    if (offload) {
        request.ifr_flags |= IFF_VNET_HDR;
    }
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0
        || (offload && ioctl(fd, TUNSETVNETHDRSZ, &header) != 0)
        || (offload
            && ioctl(fd, TUNSETOFFLOAD,
                     TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)
                   != 0)) {
        die("tap %s", name);
    }
    return fd;
}

/* Moves up to 64 frames; false when there was none. */
static bool
move(int from, int to)
{
    static uint8_t frame[70000];
    unsigned int n = 0;

    for (; n < 64; n++) {
        ssize_t length = read(from, frame, sizeof frame);

        if (length <= 0) {
            break;
        }
        (void) !write(to, frame, (size_t) length);
    }
    return n > 0;
}

static void
forward(const char *one, const char *two)
{
    int a = open_tap(one), b = open_tap(two);
    unsigned int idle = 0;

    printf("ready\n");
    fflush(stdout);
    for (;;) {
        bool any = move(a, b);

        any |= move(b, a);
        idle = any ? 0 : idle + 1;
        if (idle > 50) {
            poll((struct pollfd[2]){{a, POLLIN, 0}, {b, POLLIN, 0}}, 2, 100);
        }
    }
}

/* A packet socket; protocol 0 is for sending only. */
static int
open_packet(const char *name, int protocol)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons((uint16_t) protocol),
                             .sll_ifindex = (int) if_nametoindex(name)};
    int yes = 1, fd = socket(AF_PACKET, SOCK_RAW, 0);

    if (fd < 0
        || (protocol == 0
            && setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes,
                          sizeof yes)
                   != 0)
        || (protocol == 0
            && bind(fd, (struct sockaddr *) &at, sizeof at) != 0)) {
        die("packet socket on %s", name);
    }
    return fd;
}

/* A UDP frame from ...:aa to ...:bb, which nobody needs to have. */
static void
make_frame(uint8_t *frame)
{
    const uint8_t head[34] = {2,
                              0,
                              0,
                              0,
                              0,
                              0xbb,
                              2,
                              0,
                              0,
                              0,
                              0,
                              0xaa,
                              8,
                              0,
                              0x45,
                              0,
                              (uint8_t) ((size - 14) >> 8),
                              (uint8_t) (size - 14),
                              0,
                              0,
                              0,
                              0,
                              64,
                              17,
                              0,
                              0,
                              198,
                              18,
                              0,
                              1,
                              198,
                              18,
                              0,
                              2};
    uint32_t sum = 0;

    memcpy(frame, head, sizeof head);
    for (int i = 14; i < 34; i += 2) {
        sum += (uint32_t) (frame[i] << 8 | frame[i + 1]);
    }
    sum = ~((sum & 0xffff) + (sum >> 16));
    frame[24] = (uint8_t) (sum >> 8);
    frame[25] = (uint8_t) sum;
    frame[34] = 4; /* source port 1024, destination discard */
    frame[37] = 9;
    frame[38] = (uint8_t) ((size - 34) >> 8);
    frame[39] = (uint8_t) (size - 34);
}

static void
flood(const char *name)
{
    static uint8_t frame[2048];
    struct iovec part = {frame, size};
    struct mmsghdr burst[BURST] = {0};
    int fd = open_packet(name, 0);
    double start = now(), end;
    unsigned long long sent = 0;

    make_frame(frame);
    for (unsigned int i = 0; i < BURST; i++) {
        burst[i].msg_hdr.msg_iov = &part;
        burst[i].msg_hdr.msg_iovlen = 1;
    }
    do {
        for (int i = 0; i < 16; i++) {
            int n = sendmmsg(fd, burst, BURST, 0);

            sent += n > 0 ? (unsigned int) n : 0;
        }
        end = now();
    } while (end - start < seconds);
    printf("sample %.4f\n", (double) sent / (end - start) / 1e6);
}

/* Maps a receive ring of TPACKET_V3. */
static uint8_t *
map_ring(int fd, const char *name)
{
    int version = TPACKET_V3;
    struct tpacket_req3 ring = {.tp_block_size = BLOCK,
                                .tp_block_nr = N_BLOCKS,
                                .tp_frame_size = 2048,
                                .tp_frame_nr = BLOCK / 2048 * N_BLOCKS,
                                .tp_retire_blk_tov = 1};
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int) if_nametoindex(name)};

    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)
            != 0
        || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0
        || bind(fd, (struct sockaddr *) &at, sizeof at) != 0) {
        die("ring on %s", name);
    }
    uint8_t *memory =
        mmap(NULL, (size_t) BLOCK * N_BLOCKS, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_POPULATE, fd, 0);
    if (memory == MAP_FAILED) {
        die("ring on %s", name);
    }
    return memory;
}

/* Reads the first byte of every frame of a block; how many they were. */
static unsigned int
read_block(struct tpacket_block_desc *block)
{
    unsigned int n = block->hdr.bh1.num_pkts, sum = 0;
    uint8_t *at = (uint8_t *) block + block->hdr.bh1.offset_to_first_pkt;

    for (unsigned int i = 0; i < n; i++) {
        const struct tpacket3_hdr *head = (const void *) at;

        sum += at[head->tp_mac];
        at += head->tp_next_offset;
    }
    seen += sum;
    return n;
}

static void
receive(const char *name)
{
    int fd = open_packet(name, ETH_P_ALL);
    uint8_t *ring = map_ring(fd, name);
    double start = now(), end;
    unsigned long long got = 0;
    unsigned int at = 0;

    do {
        struct tpacket_block_desc *block =
            (void *) (ring + (size_t) at * BLOCK);

        if (__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE)
            & TP_STATUS_USER) {
            got += read_block(block);
            __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL,
                             __ATOMIC_RELEASE);
            at = (at + 1) % N_BLOCKS;
        }
        end = now();
    } while (end - start < seconds);
    printf("sample %.4f\n", (double) got / (end - start) / 1e6);
}

int
main(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "oz:t:c:")) > 0) {
        switch (option) {
        case 'o':
            offload = true;
            break;
        case 'z':
            size = (unsigned int) atoi(optarg);
            break;
        case 't':
            seconds = atof(optarg);
            break;
        case 'c':
            pin_to(atoi(optarg));
            break;
        default:
            return 2;
        }
    }
    argc -= optind;
    argv += optind;
    if (argc == 3 && strcmp(argv[0], "forward") == 0) {
        forward(argv[1], argv[2]);
    } else if (argc == 2 && strcmp(argv[0], "flood") == 0 && size >= 60
               && size <= 1514) {
        flood(argv[1]);
    } else if (argc == 2 && strcmp(argv[0], "receive") == 0) {
        receive(argv[1]);
    } else {
        fprintf(stderr, "usage: kport forward|flood|receive ...\n");
        return 2;
    }
    return 0;
}
