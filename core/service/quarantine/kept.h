/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_KEPT_H
#define XVS_SERVICE_KEPT_H

/*
 * A packet that ended processes, and its file: a pcapng file with that one
 * packet, and what is known of it as lines "name: value" of its comment, for
 * people and for the next xvsd.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

#define KEPT_NAME 64            /* bytes of a file's name */
#define KEPT_FILE (256u << 10)  /* bytes of a file, at most */

struct kept {
    char name[KEPT_NAME];       /* of the file */
    uint64_t time;              /* ns since 1970 */
    uint32_t size;              /* of the frame */
    uint32_t ends;              /* processes that ended over it */
    char *switch_name;          /* all of these are owned; or NULL */
    char *port_name;
    char *extension_name;
    char *direction;            /* "ingress" or "egress" */
    char *reason;
    char *offload;              /* what was left to the card to do */
};

/* The name of a file: when the packet was dropped. */
void kept_set_name(struct kept *kept);
/* Whether it may be the name of one. */
bool kept_is_name(const char *name);
/* The file's bytes. */
void kept_write(const struct kept *kept, const void *frame,
                struct buffer *out);
/* All but the name from a file's bytes; false: it is none of ours. */
bool kept_read(const void *bytes, size_t size, struct kept *kept);
void kept_clear(struct kept *kept);

#endif
