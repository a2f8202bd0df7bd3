/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_PIPE_MESSAGE_H
#define XVS_PORT_PIPE_MESSAGE_H

/*
 * What a pipe's two ends say to each other before frames flow: one message
 * each way, over a seqpacket socket.  Afterwards a message of one byte means
 * "wake up", and the end of the connection is the end of the pipe.
 * Normative text: doc/formats.md, "Pipes".
 */

#include <stdint.h>

#include "port/ring.h"

#define PIPE_MAGIC 0x50535658u  /* "XVSP" */
#define PIPE_VERSION 1u

/* The peer's; it has PIPE_PATIENCE_MS to say it. */
struct pipe_hello {
    uint32_t magic;
    uint16_t version;
    uint16_t reserved;
    uint32_t can;               /* what it takes: bits of enum xvs_pipe_can */
    uint32_t reserved2;
};

enum pipe_refusal { PIPE_WELCOME = 0, PIPE_BUSY = 1, PIPE_STRANGE = 2,
                    PIPE_FAILED = 3 };

/* The switch's answer; a descriptor of struct pipe_memory goes with it
 * unless it is a refusal. */
struct pipe_welcome {
    uint32_t magic;
    uint16_t version;
    uint16_t refusal;           /* enum pipe_refusal */
    uint32_t size;              /* of the memory */
    uint32_t mtu;
    uint8_t mac[6];             /* for the peer to use */
    uint16_t reserved;
    char text[104];             /* why it was refused, in one sentence */
};

struct pipe_memory {
    struct ring to_switch;
    struct ring to_peer;
};

_Static_assert(sizeof(struct pipe_hello) == 16, "doc/formats.md");
_Static_assert(sizeof(struct pipe_welcome) == 128, "doc/formats.md");

#endif
