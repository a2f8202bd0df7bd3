/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_CAPTURES_H
#define XVS_SWITCH_CAPTURES_H

/*
 * Sessions that look at packets (tap/tap.h), as the manager starts, reads and
 * stops them.  There are few: TAP_SESSIONS in all.  A session that nobody
 * reads for CAPTURE_IDLE_MS ends by itself, and so do all of a switch that is
 * deleted.
 */

struct control_header;
struct driver;
struct request;
struct vswitch;

void captures_start(struct driver *driver, struct request *request,
                    const struct control_header *message);
/* Answers when there is a record, or after the wait that was asked for. */
void captures_read(struct driver *driver, struct request *request,
                   const struct control_header *message);
void captures_stop(struct driver *driver, struct request *request,
                   const struct control_header *message);

/* Ends what nobody reads; called now and then. */
void captures_watch(struct driver *driver);
/* Ends all sessions of a switch; NULL: of all switches. */
void captures_end(struct driver *driver, struct vswitch *vswitch);

#endif
