/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Guests behind vhost-user ports, without virtual machines:
 *
 *     vhost-guest [OPTION]... verify SOCKET SOCKET COUNT
 *         two guests; the first sends so many frames of all sizes and
 *         shapes, and the second must get each of them once, unchanged
 *     vhost-guest [OPTION]... echo SOCKET MAC ADDRESS
 *         one that answers ARP and ping, and comes back when the switch does
 *     vhost-guest [OPTION]... hostile SOCKET
 *         one that breaks its ring and stays
 *     vhost-guest [OPTION]... cut SOCKET
 *         one whose memory is cut off under the switch
 *     vhost-guest [OPTION]... full SOCKET
 *         one whose eventfds hold up who writes to them
 *
 *     -l  listen on the sockets     -p  packed rings     -e  event index
 *     -m  no mergeable buffers      -o  no offloads      -q N  queue pairs
 *     -g  log written pages halfway, and give the memory anew
 *     -s SIZE  longest frame without offloads (1514)
 */

#include <config.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "traffic.h"

#define RING 256u
#define ETHERNET 14u
#define HEADERS 54u             /* Ethernet, IPv4, TCP */

/* What the options say of the guests. */
struct options {
    bool listens, packed, event_index, plain, small, log;
    uint32_t n_pairs, longest;
};

static struct options options = { .n_pairs = 1, .longest = 1514 };

/* ---- verify ------------------------------------------------------------- */

static const uint8_t macs[2][6] = { { 2, 0, 0, 0, 0x77, 1 },
                                    { 2, 0, 0, 0, 0x77, 2 } };

/* The size of frame 'number', and whether it is a super frame. */
static uint32_t
size_of(uint32_t number, bool *super)
{
    uint32_t random = number * 2654435761u;

    *super = !options.small && number % 7 == 3;
    return *super ? 2000 + random % 63000
                  : 60 + random % (options.longest - 59);
}

/* Frame 'number' from the first guest to the second. */
static uint32_t
make_frame(uint32_t number, uint8_t *frame,
           struct virtio_net_hdr_mrg_rxbuf *head)
{
    bool super;
    uint32_t size = size_of(number, &super);

    memset(head, 0, sizeof *head);
    for (uint32_t i = 0; i < size; i++) {
        frame[i] = (uint8_t) (number * 13 + i * 5 + (i >> 8));
    }
    memcpy(frame, macs[1], 6);
    memcpy(frame + 6, macs[0], 6);
    frame[12] = 0x88;
    frame[13] = 0xb5;
    memcpy(frame + HEADERS, &number, super ? 4 : 0);
    if (super) {
        static const uint8_t ip[] = { 8, 0, 0x45, 0 };

        memcpy(frame + 12, ip, sizeof ip);
        memset(frame + 16, 0, HEADERS - 16);
        frame[16] = (uint8_t) ((size - ETHERNET) >> 8);
        frame[17] = (uint8_t) (size - ETHERNET);
        frame[22] = 64;
        frame[23] = 6;
        frame[46] = 0x50;
        head->hdr = (struct virtio_net_hdr) {
            VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4, HEADERS,
            1460, 34, 16 };
    } else {
        memcpy(frame + ETHERNET, &number, 4);
    }
    return size;
}

/* What has come so far. */
struct arrivals {
    uint32_t n;
    uint8_t *seen;              /* by number */
    uint32_t last[FRONT_RINGS]; /* by sending ring */
};

static void
check_frame(struct arrivals *arrivals, uint32_t count, const uint8_t *frame,
            uint32_t size, const struct virtio_net_hdr_mrg_rxbuf *head)
{
    static uint8_t wanted[TRAFFIC_FRAME];
    struct virtio_net_hdr_mrg_rxbuf wanted_head;
    bool super = frame[12] == 8;
    uint32_t number, ring;

    memcpy(&number, frame + (super ? HEADERS : ETHERNET), 4);
    if (memcmp(frame + 6, macs[0], 6) != 0) {
        return;                 /* of somebody else */
    }
    if (number >= count || arrivals->seen[number]) {
        traffic_fail("a frame came twice, or is none of ours", number);
    }
    if (size != make_frame(number, wanted, &wanted_head)
        || memcmp(frame, wanted, size) != 0) {
        traffic_fail("a frame has changed", number);
    }
    if (super && (head->hdr.gso_type != wanted_head.hdr.gso_type
                  || head->hdr.gso_size != wanted_head.hdr.gso_size
                  || head->hdr.flags != wanted_head.hdr.flags
                  || head->hdr.csum_start != wanted_head.hdr.csum_start)) {
        traffic_fail("a super frame lost what it asked for", number);
    }
    ring = number % options.n_pairs;
    if (number < arrivals->last[ring]) {
        traffic_fail("a frame overtook another one", number);
    }
    arrivals->last[ring] = number;
    arrivals->seen[number] = 1;
    arrivals->n++;
}

static void
take_all(struct front_end *front, struct arrivals *arrivals, uint32_t count)
{
    static uint8_t frame[TRAFFIC_FRAME];
    struct virtio_net_hdr_mrg_rxbuf head;
    uint32_t size;

    for (uint32_t ring = 0; ring < front->n_rings; ring += 2) {
        while ((size = traffic_take(front, ring, frame, &head)) > 0) {
            check_frame(arrivals, count, frame, size, &head);
        }
    }
}

static void
wait_for(struct front_end *front, struct arrivals *arrivals, uint32_t n,
         uint32_t count)
{
    take_all(front, arrivals, count);
    while (arrivals->n < n) {
        if (!traffic_sleep(front)) {
            traffic_fail("frames were lost", n - arrivals->n);
        }
        take_all(front, arrivals, count);
    }
}

static struct front_end *
boot(const char *path)
{
    struct front_end *front = calloc(1, sizeof *front);

    front->path = path;
    front->listens = options.listens;
    front->packed = options.packed;
    front->event_index = options.event_index;
    front->mergeable = !options.plain;
    front->offloads = !options.small;
    front->n_rings = 2 * options.n_pairs;
    front->ring_size = RING;
    front_boot(front);
    front_connect(front, 10000);
    front_start(front);
    traffic_offer(front);
    return front;
}

/* Lets the switch learn where the second guest is. */
static void
say_hello(struct front_end *front)
{
    static uint8_t hello[60];
    struct virtio_net_hdr_mrg_rxbuf head = { .num_buffers = 0 };

    memset(hello, 0xff, 6);
    memcpy(hello + 6, macs[1], 6);
    hello[12] = 0x88;
    hello[13] = 0xb5;
    traffic_send(front, 1, 0, &head, hello, sizeof hello, 1000, false);
    usleep(100000);
}

static int
verify(const char *from, const char *to, uint32_t count)
{
    struct front_end *sender = boot(from), *receiver = boot(to);
    struct arrivals arrivals = { .seen = calloc(count, 1) };
    static uint8_t frame[TRAFFIC_FRAME];
    struct virtio_net_hdr_mrg_rxbuf head;

    say_hello(receiver);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = make_frame(i, frame, &head);
        uint32_t piece = i % 5 == 0 ? FRONT_HEAD : i % 5 == 1 ? 700 : 66000;

        if (size / piece > 150) {
            piece = 4096;
        }
        if (options.log && i == count / 2) {
            /* Frames that come while rings stand still are dropped. */
            wait_for(receiver, &arrivals, i, count);
            front_start_log(receiver);
            front_set_memory(receiver);
            front_wait(receiver);
        }
        traffic_send(sender, 1 + 2 * (i % options.n_pairs), i, &head, frame,
                   size, piece, i % 3 == 1);
        if (i % 16 == 15) {
            /* No more than the receiver has room for. */
            wait_for(receiver, &arrivals, i - 4, count);
        }
        take_all(receiver, &arrivals, count);
    }
    wait_for(receiver, &arrivals, count, count);
    printf("%u frames came, all well\n", count);
    front_stop(sender);
    front_stop(receiver);
    front_end(sender);
    front_end(receiver);
    free(arrivals.seen);
    return 0;
}

/* ---- echo --------------------------------------------------------------- */

static uint16_t
checksum(const uint8_t *bytes, uint32_t size)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i + 1 < size; i += 2) {
        sum += (uint32_t) bytes[i] << 8 | bytes[i + 1];
    }
    if (size % 2) {
        sum += (uint32_t) bytes[size - 1] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t) ~sum;
}

/* Turns a question into its answer; false: it is none for us. */
static bool
answer(uint8_t *frame, uint32_t size, const uint8_t mac[6],
       const uint8_t address[4])
{
    uint8_t ip[4];

    if (size >= 42 && frame[12] == 8 && frame[13] == 6 && frame[21] == 1
        && memcmp(frame + 38, address, 4) == 0) {
        memcpy(frame + 32, frame + 22, 10);
        memcpy(frame + 22, mac, 6);
        memcpy(frame + 28, address, 4);
        frame[21] = 2;
    } else if (size >= 42 && frame[12] == 8 && frame[13] == 0
               && frame[23] == 1 && frame[34] == 8
               && memcmp(frame + 30, address, 4) == 0) {
        uint32_t length = ((uint32_t) frame[16] << 8 | frame[17]) - 20;
        uint16_t sum;

        memcpy(ip, frame + 26, 4);
        memcpy(frame + 26, frame + 30, 4);
        memcpy(frame + 30, ip, 4);
        frame[34] = 0;
        frame[36] = frame[37] = 0;
        if (length > size - 34) {
            return false;
        }
        sum = checksum(frame + 34, length);
        frame[36] = (uint8_t) (sum >> 8);
        frame[37] = (uint8_t) sum;
    } else {
        return false;
    }
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, mac, 6);
    return true;
}

static void
answer_all(struct front_end *front, const uint8_t mac[6],
           const uint8_t address[4])
{
    static uint8_t frame[TRAFFIC_FRAME];
    static uint32_t number;
    struct virtio_net_hdr_mrg_rxbuf head;
    uint32_t size;

    for (uint32_t ring = 0; ring < front->n_rings; ring += 2) {
        while ((size = traffic_take(front, ring, frame, &head)) > 0) {
            memset(&head, 0, sizeof head);
            if (answer(frame, size, mac, address)) {
                traffic_send(front, ring + 1, number++, &head, frame, size,
                             900, false);
            }
        }
    }
}

static void __attribute__((noreturn))
echo(const char *path, const char *mac_text, const char *address_text)
{
    struct front_end *front = boot(path);
    uint8_t mac[6], address[4];

    if (sscanf(mac_text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1],
               &mac[2], &mac[3], &mac[4], &mac[5]) != 6
        || inet_pton(AF_INET, address_text, address) != 1) {
        traffic_fail("wrong address", 0);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        traffic_sleep(front);
        if (front_is_gone(front)) {
            puts("gone");
            fflush(stdout);
            front_disconnect(front);
            front_reconnect(front, 20000);
            front_start(front);
            puts("again");
            fflush(stdout);
        }
        answer_all(front, mac, address);
    }
}

/* ---- Bad guests --------------------------------------------------------- */

static int
stay(struct front_end *front)
{
    puts("ready");
    fflush(stdout);
    while (!front_is_gone(front)) {
        usleep(50000);
    }
    puts("gone");
    front_end(front);
    return 0;
}

static int
hostile(const char *path)
{
    struct front_end *front = boot(path);
    struct driver_part part = { FRONT_GUEST + FRONT_SIZE - 50, 100 };

    driver_add(&front->rings[1], &part, 1, false, NULL, 0);
    front_kick(front, 1);
    return stay(front);
}

static int
cut(const char *path)
{
    struct front_end *front = boot(path);
    struct driver_part part = { FRONT_GUEST + FRONT_SIZE - 8192, 100 };

    driver_add(&front->rings[1], &part, 1, false, NULL, 0);
    if (ftruncate(front->file, FRONT_SIZE / 2) != 0) {
        traffic_fail("ftruncate", 0);
    }
    front_kick(front, 1);
    return stay(front);
}

static int
full(const char *path)
{
    struct front_end *front = boot(path);

    usleep(300000);             /* the switch has them by then */
    for (uint32_t i = 0; i < front->n_rings; i++) {
        eventfd_t rung;

        /* The switch may ring meanwhile, and it must not be us who wait. */
        while (eventfd_write(front->call[i], UINT64_MAX - 1) != 0) {
            eventfd_read(front->call[i], &rung);
        }
        fcntl(front->call[i], F_SETFL, 0);
    }
    return stay(front);
}

static bool
parse_options(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "lpemogq:s:")) != -1) {
        switch (option) {
        case 'l':
            options.listens = true;
            break;
        case 'p':
            options.packed = true;
            break;
        case 'e':
            options.event_index = true;
            break;
        case 'm':
            options.plain = true;
            break;
        case 'o':
            options.small = true;
            break;
        case 'g':
            options.log = true;
            break;
        case 'q':
            options.n_pairs = (uint32_t) atoi(optarg);
            break;
        case 's':
            options.longest = (uint32_t) atoi(optarg);
            break;
        default:
            return false;
        }
    }
    return options.n_pairs >= 1 && options.n_pairs <= FRONT_RINGS / 2
        && options.longest >= 60 && options.longest <= 9000;
}

int
main(int argc, char **argv)
{
    bool good = parse_options(argc, argv);
    int n = argc - optind;
    char **words = argv + optind;

    if (good && n == 4 && strcmp(words[0], "verify") == 0) {
        return verify(words[1], words[2], (uint32_t) atoi(words[3]));
    } else if (good && n == 4 && strcmp(words[0], "echo") == 0) {
        echo(words[1], words[2], words[3]);
    } else if (good && n == 2 && strcmp(words[0], "hostile") == 0) {
        return hostile(words[1]);
    } else if (good && n == 2 && strcmp(words[0], "cut") == 0) {
        return cut(words[1]);
    } else if (good && n == 2 && strcmp(words[0], "full") == 0) {
        return full(words[1]);
    }
    fputs("see the top of vhost-guest.c\n", stderr);
    return 2;
}
