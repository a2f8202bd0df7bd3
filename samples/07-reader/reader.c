/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that is a port: reads the frames that leave a switch by a port of
 * driver pipe, and says of each who sent it to whom.
 *
 *     xvsctl port add SWITCH reader --driver pipe --device /run/xvs/reader
 *     ./reader /run/xvs/reader
 */
#include <stdio.h>
#include <xvs/pipe.h>

#define FRAMES 32
#define FRAME_SIZE 65600

static unsigned char memory[FRAMES][FRAME_SIZE];

static void
print_mac(const unsigned char *mac)
{
    printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
           mac[4], mac[5]);
}

static void
print_frame(const unsigned char *bytes, unsigned int size)
{
    if (size < 14) {
        return;
    }
    print_mac(bytes + 6);
    printf(" > ");
    print_mac(bytes);
    printf(" type %02x%02x, %u bytes\n", bytes[12], bytes[13], size);
}

int
main(int argc, char **argv)
{
    struct xvs_pipe_frame frames[FRAMES];
    struct xvs_pipe *pipe;
    char why[256];

    if (argc != 2) {
        fputs("usage: reader SOCKET\n", stderr);
        return 2;
    }
    pipe = xvs_pipe_open(argv[1], 0, why, sizeof(why));
    if (!pipe) {
        fprintf(stderr, "reader: %s\n", why);
        return 1;
    }
    while (xvs_pipe_wait(pipe, -1) >= 0) {
        uint32_t n;

        for (int i = 0; i < FRAMES; i++) {
            frames[i].data = memory[i];
            frames[i].size = FRAME_SIZE;
        }
        n = xvs_pipe_receive(pipe, frames, FRAMES);
        for (uint32_t i = 0; i < n; i++) {
            print_frame(frames[i].data, frames[i].size);
        }
        fflush(stdout);
    }
    xvs_pipe_close(pipe);
    return 0;
}
