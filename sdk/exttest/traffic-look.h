/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_TRAFFIC_LOOK_H
#define XVS_EXTTEST_TRAFFIC_LOOK_H

/*
 * What a packet hook did to a burst, against what its class and its traits
 * allow.  Internal to traffic.c.
 */

#include <stdint.h>
#include <xvs/packet.h>

struct look;
struct traffic;
struct traffic_frame;

struct look *look_create(void);
void look_destroy(struct look *look);       /* accepts NULL */
/* The frames that the next burst is made of, for their names. */
void look_frames(struct look *look, const struct traffic_frame *frames);
/* Right before the hook, and right behind it with the burst as it was given:
 * tells the trial what is not allowed. */
void look_before(struct look *look, const struct xvs_burst *burst);
void look_after(struct look *look, const struct traffic *traffic,
                const struct xvs_burst *given);

#endif
