/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The other end of a pipe port, for tests, on the SDK's library:
 *
 *     pipe-peer SOCKET hold               until the switch has gone
 *     pipe-peer SOCKET send HEX [COUNT]   a frame, padded to 60 bytes
 *     pipe-peer SOCKET expect MS HEX      a frame that begins so
 *     pipe-peer SOCKET dump MS COUNT [HEX]    frames (that begin so), as hex
 *     pipe-peer SOCKET count MS           frames and bytes that came
 *     pipe-peer SOCKET echo               back with addresses exchanged
 *     pipe-peer SOCKET link               says "up" and "down" when it changes
 *     pipe-peer SOCKET flood COUNT SIZE   broadcasts with numbers in them
 *     pipe-peer SOCKET super SIZE MSS     a TCP super frame, checksum open
 *
 * All but "send", "flood" and "super" say "ready" once they are connected.
 * With -o what the port sends may be super frames with open checksums.
 * Ends with 1 when what was expected did not happen, 3 when the switch has
 * gone, 4 when it refused.
 */

#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xvs/packet.h>
#include <xvs/pipe.h>

#include "base/loop.h"

#define FRAME_MAX 65600u
#define BURST 32u

static uint8_t memory[BURST][FRAME_MAX];
static struct xvs_pipe_frame frames[BURST];

static uint32_t
parse_hex(const char *text, uint8_t *out, uint32_t size)
{
    uint32_t n = 0;

    for (; text[0] && text[1] && n < size; text += 2) {
        char pair[3] = { text[0], text[1], 0 };

        out[n++] = (uint8_t) strtoul(pair, NULL, 16);
    }
    return n;
}

/* All of them, however full the ring is; ends when the switch has gone. */
static void
send_all(struct xvs_pipe *pipe, const struct xvs_pipe_frame *list, uint32_t n)
{
    while (n) {
        uint32_t sent = xvs_pipe_send(pipe, list, n);

        list += sent;
        n -= sent;
        if (n && sent == 0) {
            usleep(50);
            if (xvs_pipe_wait(pipe, 0) < 0) {
                exit(3);
            }
        }
    }
}

/* Up to BURST frames; waits until 'end' and returns 0 then. */
static uint32_t
receive(struct xvs_pipe *pipe, uint64_t end)
{
    for (;;) {
        uint64_t now = loop_now_ms();
        uint32_t n;

        for (uint32_t i = 0; i < BURST; i++) {
            frames[i] = (struct xvs_pipe_frame) { .data = memory[i],
                                                  .size = FRAME_MAX };
        }
        n = xvs_pipe_receive(pipe, frames, BURST);
        if (n || now >= end) {
            return n;
        }
        if (xvs_pipe_wait(pipe, end == UINT64_MAX ? -1 : (int) (end - now))
            < 0) {
            exit(3);
        }
    }
}

/* Waits until the switch has taken what was sent. */
static int
sent(struct xvs_pipe *pipe)
{
    while (xvs_pipe_unsent(pipe)) {
        usleep(1000);
        if (xvs_pipe_wait(pipe, 0) < 0) {
            return 3;
        }
    }
    return 0;
}

static int
command_send(struct xvs_pipe *pipe, const char *hex, uint32_t count)
{
    struct xvs_pipe_frame frame = { .data = memory[0] };

    frame.size = parse_hex(hex, memory[0], FRAME_MAX);
    frame.size = frame.size < 60 ? 60 : frame.size;
    while (count--) {
        send_all(pipe, &frame, 1);
    }
    return sent(pipe);
}

static int
command_expect(struct xvs_pipe *pipe, uint64_t end, const char *hex)
{
    static uint8_t wanted[FRAME_MAX];
    uint32_t size = parse_hex(hex, wanted, sizeof wanted), n;

    while ((n = receive(pipe, end)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            if (frames[i].size >= size
                && memcmp(memory[i], wanted, size) == 0) {
                return 0;
            }
        }
    }
    return 1;
}

static void
print_frame(uint32_t i)
{
    for (uint32_t at = 0; at < frames[i].size; at++) {
        printf("%02x", memory[i][at]);
    }
    printf(" size %u offload %u gso %u/%u\n", frames[i].size,
           frames[i].offload, frames[i].gso_type, frames[i].gso_size);
}

static int
command_dump(struct xvs_pipe *pipe, uint64_t end, uint32_t count,
             const char *hex)
{
    uint8_t wanted[64];
    uint32_t size = parse_hex(hex, wanted, sizeof wanted), done = 0, n;

    while (done < count && (n = receive(pipe, end)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            if (memcmp(memory[i], wanted, size) == 0) {
                print_frame(i);
                done++;
            }
        }
    }
    return done >= count ? 0 : 1;
}

static int
command_count(struct xvs_pipe *pipe, uint64_t end)
{
    uint64_t total = 0, bytes = 0;
    uint32_t n;

    while ((n = receive(pipe, end)) > 0) {
        total += n;
        for (uint32_t i = 0; i < n; i++) {
            bytes += frames[i].size;
        }
    }
    printf("%llu %llu\n", (unsigned long long) total,
           (unsigned long long) bytes);
    return 0;
}

static int
command_echo(struct xvs_pipe *pipe)
{
    uint32_t n;

    while ((n = receive(pipe, UINT64_MAX)) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            uint8_t address[6];

            memcpy(address, memory[i], 6);
            memcpy(memory[i], memory[i] + 6, 6);
            memcpy(memory[i] + 6, address, 6);
        }
        send_all(pipe, frames, n);
    }
    return 3;
}

static int
command_link(struct xvs_pipe *pipe)
{
    int before = -1, link, ready = 0;

    do {
        link = xvs_pipe_link(pipe);
        if (link != before) {
            puts(link ? "up" : "down");
            fflush(stdout);
        }
        before = link;
        if (ready) {
            receive(pipe, 0);
        }
    } while ((ready = xvs_pipe_wait(pipe, -1)) >= 0);
    return 3;
}

static int
command_flood(struct xvs_pipe *pipe, uint32_t count, uint32_t size)
{
    uint32_t n;

    for (uint32_t at = 0; at < count; at += n) {
        n = count - at < BURST ? count - at : BURST;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t number = at + i;

            memset(memory[i], 0xff, 6);
            memcpy(memory[i] + 6, xvs_pipe_mac(pipe), 6);
            memcpy(memory[i] + 12, "\x88\xb5", 2);
            memcpy(memory[i] + 14, &number, 4);
            frames[i] = (struct xvs_pipe_frame) { .data = memory[i],
                                                  .size = size };
        }
        send_all(pipe, frames, n);
    }
    return sent(pipe);
}

/* TCP over IPv4 whose payload counts up, to be cut at 'mss'. */
static int
command_super(struct xvs_pipe *pipe, uint32_t size, uint16_t mss)
{
    static const char head[] =
        "02000000000202000000000108004500000000004000400600000a0000010a000002"
        "1000200000000001000000025018010000000000";
    struct xvs_pipe_frame frame = {
        .data = memory[0], .size = 54 + size, .csum_start = 34,
        .csum_offset = 16, .offload = XVS_OFFLOAD_CHECKSUM,
        .gso_type = XVS_GSO_TCP4, .gso_size = mss };
    uint8_t *at = memory[0];
    uint32_t sum = 0;

    parse_hex(head, at, 54);
    at[16] = (uint8_t) ((size + 40) >> 8);
    at[17] = (uint8_t) (size + 40);
    for (uint32_t i = 26; i < 34; i += 2) {
        sum += xvs_be16(at + i);
    }
    sum += 6 + 20 + size;
    sum = (sum & 0xffff) + (sum >> 16);
    at[50] = (uint8_t) (sum >> 8);
    at[51] = (uint8_t) sum;
    for (uint32_t i = 0; i < size; i++) {
        at[54 + i] = (uint8_t) i;
    }
    send_all(pipe, &frame, 1);
    return sent(pipe);
}

static uint64_t
end_of(const char *milliseconds)
{
    return loop_now_ms() + strtoul(milliseconds, NULL, 10);
}

static uint32_t
number(const char *text)
{
    return (uint32_t) strtoul(text, NULL, 10);
}

static int
run(struct xvs_pipe *pipe, int n, char **words)
{
    const char *what = words[0];

    if (strcmp(what, "send") == 0 && n >= 2) {
        return command_send(pipe, words[1], n > 2 ? number(words[2]) : 1);
    }
    if (strcmp(what, "flood") == 0 && n == 3) {
        return command_flood(pipe, number(words[1]), number(words[2]));
    }
    if (strcmp(what, "super") == 0 && n == 3) {
        return command_super(pipe, number(words[1]),
                             (uint16_t) number(words[2]));
    }
    printf("ready\n");
    fflush(stdout);
    if (strcmp(what, "hold") == 0) {
        while (receive(pipe, UINT64_MAX)) {
        }
    }
    if (strcmp(what, "expect") == 0 && n == 3) {
        return command_expect(pipe, end_of(words[1]), words[2]);
    }
    if (strcmp(what, "dump") == 0 && n >= 3) {
        return command_dump(pipe, end_of(words[1]), number(words[2]),
                            n > 3 ? words[3] : "");
    }
    if (strcmp(what, "count") == 0 && n == 2) {
        return command_count(pipe, end_of(words[1]));
    }
    if (strcmp(what, "echo") == 0) {
        return command_echo(pipe);
    }
    if (strcmp(what, "link") == 0) {
        return command_link(pipe);
    }
    return 2;
}

int
main(int argc, char **argv)
{
    uint32_t can = 0;
    struct xvs_pipe *pipe;
    char why[200];
    int status;

    if (argc > 1 && strcmp(argv[1], "-o") == 0) {
        can = XVS_PIPE_CHECKSUM | XVS_PIPE_TSO4 | XVS_PIPE_TSO6;
        argc--;
        argv++;
    }
    if (argc < 3) {
        fputs("usage: pipe-peer [-o] SOCKET COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    pipe = xvs_pipe_open(argv[1], can, why, sizeof why);
    if (!pipe) {
        fprintf(stderr, "pipe-peer: %s\n", why);
        return 4;
    }
    status = run(pipe, argc - 2, argv + 2);
    xvs_pipe_close(pipe);
    return status;
}
