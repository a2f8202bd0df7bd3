/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_TAP_NAMES_H
#define XVS_CLIENT_TAP_NAMES_H

/*
 * Names for the numbers in records: ports, extensions and their drop
 * reasons.  Asked for when a number comes up that is not known.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct control_tap;
struct names;
struct run;

struct names *names_create(struct run *run);
void names_destroy(struct names *names);

/* Each is valid until the next call; "port 7", a GUID when not known. */
const char *names_port(struct names *names, uint32_t id);
const char *names_extension(struct names *names,
                            const struct control_tap *record);
/* Why the stage dropped it. */
const char *names_reason(struct names *names,
                         const struct control_tap *record);
/* The point, without its port: "acl:ingress:after". */
void names_put_point(struct names *names, const struct control_tap *record,
                     struct buffer *out);
/* The port that the point belongs to. */
uint32_t names_port_of(const struct control_tap *record);
/* What became of the packet there, in words: "dropped: denied by a rule". */
void names_put_fate(struct names *names, const struct control_tap *record,
                    struct buffer *out);

#endif
