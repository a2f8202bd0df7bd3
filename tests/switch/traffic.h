/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_TRAFFIC_H
#define XVS_TESTS_TRAFFIC_H

/*
 * Frames of a guest that a test plays: through the rings of a front end.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>

#include "front-end.h"

#define TRAFFIC_FRAME (70u << 10)   /* bytes of a frame, at most */

/* Says what, and ends the program. */
void __attribute__((noreturn)) traffic_fail(const char *what, uint64_t number);

/* Fills the rings with buffers to receive into, once. */
void traffic_offer(struct front_end *front);
/*
 * The next frame of a ring into 'frame'; its size without the header that is
 * put into 'head', or 0: there is none.
 */
uint32_t traffic_take(struct front_end *front, uint32_t ring, uint8_t *frame,
                      struct virtio_net_hdr_mrg_rxbuf *head);
/* Sleeps until an interrupt; false: there was none for a second. */
bool traffic_sleep(struct front_end *front);
/* Sends header and frame in pieces of 'piece' bytes; waits for room. */
void traffic_send(struct front_end *front, uint32_t ring, uint32_t number,
                  const struct virtio_net_hdr_mrg_rxbuf *head,
                  const uint8_t *frame, uint32_t size, uint32_t piece,
                  bool indirect);

#endif
