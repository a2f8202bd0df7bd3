/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PIPE_H
#define XVS_PIPE_H

/*
 * The other end of a port of driver pipe: a program that sends frames into a
 * switch and gets those that leave by the port.  Link with libxvs-pipe
 * (pkg-config xvs-pipe); a plugin does not need this.
 *
 *     pipe = xvs_pipe_open("/run/xvs/p.sock", 0, why, sizeof(why));
 *     while (xvs_pipe_wait(pipe, -1) >= 0)
 *         n = xvs_pipe_receive(pipe, frames, 32);
 *
 * While both sides are busy there is no system call.  A pipe is one thread's
 * at a time.  When the switch ends, wait says so: close the pipe and open it
 * again.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the program takes beside frames that are complete. */
enum xvs_pipe_can {
    XVS_PIPE_CHECKSUM = 0x02,   /* checksums that are open */
    XVS_PIPE_TSO4 = 0x04, XVS_PIPE_TSO6 = 0x08, XVS_PIPE_USO = 0x10,
    XVS_PIPE_ECN = 0x20         /* super frames with CWR */
};

/* A frame, at most 65,600 bytes; the rest as in xvs/packet.h, 0 when there is
 * nothing left to do. */
struct xvs_pipe_frame {
    void *data;             /* the program's memory */
    uint32_t size;          /* to receive: of the memory, then of the frame;
                             * what did not fit was left out */
    uint16_t csum_start;
    uint16_t gso_size;
    uint8_t csum_offset;
    uint8_t gso_type;       /* enum xvs_gso */
    uint8_t offload;        /* XVS_OFFLOAD_... */
    uint8_t reserved;
};

struct xvs_pipe;            /* one end */

/* Connects to the port's socket.  NULL, and why in a sentence. */
struct xvs_pipe *xvs_pipe_open(const char *path, uint32_t can, char *why,
                               size_t size);
void xvs_pipe_close(struct xvs_pipe *pipe);     /* accepts NULL */

/* How many of 'n' were sent: fewer when the ring is full.  A frame that no
 * ring can hold counts as sent and is left out. */
uint32_t xvs_pipe_send(struct xvs_pipe *pipe,
                       const struct xvs_pipe_frame *frames, uint32_t n);
/* How much of it the switch has not taken yet; what is left at the end of the
 * connection is lost. */
uint32_t xvs_pipe_unsent(struct xvs_pipe *pipe);
/* How many frames there were; never waits. */
uint32_t xvs_pipe_receive(struct xvs_pipe *pipe,
                          struct xvs_pipe_frame *frames, uint32_t n);
/* Waits for frames: 1 there are some, 0 not yet (the time is over, which -1
 * never is, a signal came, or the link has changed), -1 the switch has gone or
 * breaks the rules. */
int xvs_pipe_wait(struct xvs_pipe *pipe, int milliseconds);

/* Whether the link is up, 1; 0 while the port is disabled: no frames come
 * then, and what is sent is dropped. */
int xvs_pipe_link(const struct xvs_pipe *pipe);

/* The port's MTU and MAC address. */
uint32_t xvs_pipe_mtu(const struct xvs_pipe *pipe);
const uint8_t *xvs_pipe_mac(const struct xvs_pipe *pipe);

#ifdef __cplusplus
}
#endif

#endif
