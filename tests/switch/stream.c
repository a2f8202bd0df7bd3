/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Numbered frames, and who checks that each comes once, in order and whole.
 *
 *     switch-frame stream INTERFACE MAC RATE [FLOWS [FAULT]]
 *     switch-frame follow INTERFACE [HOOKS]
 *
 * "stream" sends to the address, so many in a second, until SIGTERM, and says
 * how many.  They take turns in FLOWS (1), each of which has numbers of its
 * own from 0: the even ones are of an Ethernet type of ours, the odd ones UDP
 * to port 7000 + flow.  FAULT proves "follow": the frame of number 100 of
 * each flow is missing (drop), sent twice (double), behind the next one
 * (swap), or has a wrong byte (damage).
 *
 * "follow" says "listening" and takes what comes until SIGTERM, and what is on
 * its way then: until nothing has come for QUIET_MS.  It says for
 * each flow how many frames came, how many are missing before the last, how
 * many came behind a later one, a second time, and not as they were sent; then
 * the same of all flows.  With HOOKS, so many hooks must have counted
 * themselves in COUNTED of each frame of our type, and if there are any, each
 * packet of UDP has a mark.  It knows nothing of who carries the frames.
 */

#include <config.h>

#include <linux/if_packet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/loop.h"
#include "base/memory.h"
#include "frame.h"

#define TYPE 0x88b6             /* for local experiments */
#define COUNTED 15              /* where tests/plugins/fault.c counts */
#define MARKED 15               /* type of service, which plugins/mark.c sets */
#define CHECKSUM 24             /* of the header of IPv4 */
#define DATA 42                 /* flow, number, and what follows from them */
#define SIZE 74u
#define FLOWS 64u               /* at most */
#define QUIET_MS 500
#define PATIENCE_MS 10000u      /* with those who are never quiet */
#define WRONG 100u              /* frame of each flow that FAULT is about */

static uint32_t
be16(const uint8_t *at)
{
    return (uint32_t) at[0] << 8 | at[1];
}

static uint16_t
checksum(const uint8_t *header)
{
    uint32_t sum = 0;

    for (int i = 0; i < 20; i += 2) {
        sum += be16(header + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

/* The frame as it is sent; the addresses stay as they are. */
static void
fill(uint8_t frame[SIZE], uint32_t flow, uint64_t number)
{
    static const uint8_t ip[] = { 8, 0, 0x45, 0, 0, SIZE - 14, 0, 0, 0, 0, 64,
                                  17, 0, 0, 198, 51, 100, 1, 198, 51, 100, 2,
                                  0x1b, 0x58, 0x1b, 0x58, 0, SIZE - 34 };
    uint16_t sum;

    memset(frame + 12, 0, SIZE - 12);
    if (flow % 2) {
        memcpy(frame + 12, ip, sizeof ip);
        frame[37] = (uint8_t) (frame[37] + flow);
        sum = checksum(frame + 14);
        frame[CHECKSUM] = (uint8_t) (sum >> 8);
        frame[CHECKSUM + 1] = (uint8_t) sum;
    } else {
        frame[12] = TYPE >> 8;
        frame[13] = TYPE & 0xff;
    }
    memcpy(frame + DATA, &flow, sizeof flow);
    memcpy(frame + DATA + 4, &number, sizeof number);
    for (uint32_t i = DATA + 12; i < SIZE; i++) {
        frame[i] = (uint8_t) (flow * 31 + number * 7 + i);
    }
}

/* ---- Stream --------------------------------------------------------------- */

static bool
send_frame(int fd, uint8_t frame[SIZE], uint32_t flow, uint64_t number)
{
    fill(frame, flow, number);
    return send(fd, frame, SIZE, 0) == (ssize_t) SIZE;
}

/* What "stream" does instead of sending frame WRONG. */
static bool
send_wrong(int fd, uint8_t frame[SIZE], uint32_t flow, const char *fault)
{
    if (strcmp(fault, "drop") == 0) {
        return true;
    }
    if (strcmp(fault, "double") == 0) {
        return send_frame(fd, frame, flow, WRONG)
            && send_frame(fd, frame, flow, WRONG);
    }
    if (strcmp(fault, "swap") == 0) {
        return send_frame(fd, frame, flow, WRONG + 1)
            && send_frame(fd, frame, flow, WRONG);
    }
    fill(frame, flow, WRONG);
    frame[SIZE - 1] ^= 1;
    return send(fd, frame, SIZE, 0) == (ssize_t) SIZE;
}

static bool
send_next(int fd, uint8_t frame[SIZE], uint32_t flow, uint64_t number,
          const char *fault)
{
    if (fault && number == WRONG) {
        return send_wrong(fd, frame, flow, fault);
    }
    if (fault && number == WRONG + 1 && strcmp(fault, "swap") == 0) {
        return true;
    }
    return send_frame(fd, frame, flow, number);
}

int
stream_send(int fd, const char *mac, char **argv)
{
    unsigned long rate = strtoul(argv[0], NULL, 10);
    uint32_t n_flows = argv[1] ? (uint32_t) strtoul(argv[1], NULL, 10) : 1;
    const char *fault = argv[1] ? argv[2] : NULL;
    uint8_t frame[SIZE] = { 0 };
    uint64_t start = loop_now_ns(), n = 0;

    if (n_flows == 0 || n_flows > FLOWS) {
        fputs("switch-frame: there are 1 to 64 flows\n", stderr);
        return 2;
    }
    frame_parse_hex(mac, frame, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x01", 6);
    frame_catch_stop();
    /* All flows end with the same number. */
    while (!frame_stopped || n % n_flows) {
        struct timespec pause = { 0, 500000 };

        while (n < (loop_now_ns() - start) * rate / 1000000000u) {
            if (!send_next(fd, frame, (uint32_t) (n % n_flows), n / n_flows,
                           fault)) {
                perror("send");
                return 2;
            }
            n++;
        }
        nanosleep(&pause, NULL);
    }
    printf("sent %lu\n", (unsigned long) n);
    return 0;
}

/* ---- Follow --------------------------------------------------------------- */

struct tally {
    unsigned long n;            /* frames that came */
    unsigned long missing, late, doubled, damaged;
};

struct flow {
    struct tally tally;
    uint64_t next;              /* behind the highest number that came */
    uint8_t *seen;              /* a bit for each number */
    size_t size;                /* bytes of it */
};

static struct flow flows[FLOWS];

/* Whether the number came before; from now on it did. */
static bool
was_seen(struct flow *flow, uint64_t number)
{
    uint8_t bit = (uint8_t) (1u << number % 8);
    size_t size = flow->size;
    bool seen;

    mem_grow(&flow->seen, &flow->size, number / 8 + 1, 1);
    memset(flow->seen + size, 0, flow->size - size);
    seen = flow->seen[number / 8] & bit;
    flow->seen[number / 8] |= bit;
    return seen;
}

static void
note(struct flow *flow, uint64_t number)
{
    struct tally *tally = &flow->tally;

    tally->n++;
    if (was_seen(flow, number)) {
        tally->doubled++;
    } else if (number < flow->next) {
        tally->late++;
        tally->missing--;
    } else {
        tally->missing += number - flow->next;
        flow->next = number + 1;
    }
}

/* Whether the frame is what was sent and the hooks have seen it as often. */
static bool
is_whole(uint8_t *frame, uint32_t flow, uint64_t number, long hooks)
{
    uint8_t sent[SIZE];

    if (flow % 2) {
        if ((hooks > 0 && !frame[MARKED]) || checksum(frame + 14)) {
            return false;
        }
    } else if (hooks >= 0 && frame[COUNTED] != hooks) {
        return false;
    }
    memcpy(sent, frame, 12);
    fill(sent, flow, number);
    memcpy(sent + COUNTED, frame + COUNTED, 1);
    memcpy(sent + CHECKSUM, frame + CHECKSUM, flow % 2 ? 2 : 0);
    return memcmp(sent, frame, SIZE) == 0;
}

static void
take(uint8_t *frame, long hooks)
{
    uint32_t type = be16(frame + 12), flow;
    uint64_t number;

    memcpy(&flow, frame + DATA, sizeof flow);
    memcpy(&number, frame + DATA + 4, sizeof number);
    if ((type != TYPE || frame[14])
        && (type != 0x0800 || frame[23] != 17 || be16(frame + 34) != 7000)) {
        return;
    }
    if (flow >= FLOWS || number >> 36) {
        fputs("switch-frame: a frame with a number that is none\n", stderr);
        flows[0].tally.damaged++;
        return;
    }
    flows[flow].tally.damaged += !is_whole(frame, flow, number, hooks);
    note(&flows[flow], number);
}

static void
say(const char *who, const struct tally *tally)
{
    printf("%sreceived %lu missing %lu late %lu doubled %lu damaged %lu\n",
           who, tally->n, tally->missing, tally->late, tally->doubled,
           tally->damaged);
}

static void
say_all(void)
{
    struct tally all = { 0 };

    for (uint32_t i = 0; i < FLOWS; i++) {
        const struct tally *one = &flows[i].tally;
        char who[32];

        if (one->n || one->damaged) {
            snprintf(who, sizeof who, "flow %u ", i);
            say(who, one);
        }
        all.n += one->n;
        all.missing += one->missing;
        all.late += one->late;
        all.doubled += one->doubled;
        all.damaged += one->damaged;
        free(flows[i].seen);
    }
    say("", &all);
}

/* Takes one frame, if there is one in time. */
static bool
take_one(int fd, int wait_ms, long hooks)
{
    static uint8_t frame[4096];
    struct pollfd poll_fd = { fd, POLLIN, 0 };

    if (poll(&poll_fd, 1, wait_ms) != 1) {
        return false;
    }
    if (frame_receive(fd, frame, sizeof frame) == SIZE) {
        take(frame, hooks);
    }
    return true;
}

int
stream_follow(int fd, const char *hooks)
{
    uint64_t end;
    int room = 16 << 20;
    struct tpacket_stats stats = { 0 };
    socklen_t size = sizeof stats;
    long n_hooks = hooks ? strtol(hooks, NULL, 10) : -1;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    frame_catch_stop();
    puts("listening");
    fflush(stdout);
    while (!frame_stopped) {
        take_one(fd, 100, n_hooks);
    }
    end = loop_now_ms() + PATIENCE_MS;
    while (take_one(fd, QUIET_MS, n_hooks) && loop_now_ms() < end) {
    }
    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0
        && stats.tp_drops) {
        printf("the follower was too slow for %u frames\n", stats.tp_drops);
    }
    say_all();
    return 0;
}
