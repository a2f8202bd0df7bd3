/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_CAPTURE_POINTS_H
#define XVS_SERVICE_CAPTURE_POINTS_H

/*
 * Points of the chain as operators name them: rx, forward, tx, all, or
 * EXTENSION[:ingress|:egress][:before|:after], "*" being every extension.
 */

#include <stdbool.h>

struct control_point;
struct error;
struct vswitch;

/* The error names what is wrong with the text. */
bool capture_point(const struct vswitch *vswitch, const char *text,
                   struct control_point *point, struct error *error);

#endif
