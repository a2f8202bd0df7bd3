/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_TAP_TAPPING_H
#define XVS_CLIENT_TAP_TAPPING_H

/*
 * A session that records packets, from the client's side: begin, read until
 * it ends, the limit is reached or somebody presses Ctrl-C, end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "control/message.h"

struct path;
struct run;

struct tapping_options {
    const char *switch_name;
    const char *port;           /* NULL: any */
    const char *points;         /* comma separated; NULL: the server's own */
    const char *filter;         /* in tcpdump's language; NULL: none */
    uint32_t snap;              /* bytes; 0: all */
    uint64_t limit;             /* 0: none */
    bool follow;                /* see XVS_Switch.StartCapture */
};

struct tapping {
    struct run *run;
    struct path *path;          /* of the switch */
    uint32_t session;           /* its number */
    struct buffer records;      /* of the last answer */
    size_t at;                  /* the next one */
    uint64_t count, lost;       /* so far, as the switch says */
    bool ended;                 /* no more will come */
};

/* False with run->error set; then there is nothing to end.  From now on until
 * the end SIGINT and SIGTERM do not end the program. */
bool tapping_begin(struct tapping *tapping, struct run *run,
                   const struct tapping_options *options);
/* Waits up to 'wait_ms' for records; no record is no failure. */
bool tapping_read(struct tapping *tapping, uint32_t wait_ms);
/* Takes an answer's records in base64; false when they are cut off. */
bool tapping_take(struct tapping *tapping, const char *text, size_t length);
/* The next record of the last answer and its record->size bytes of frame,
 * valid until the next read; false when there is none. */
bool tapping_next(struct tapping *tapping, struct control_tap *record,
                  const uint8_t **frame);
/* Somebody wants it to end. */
bool tapping_interrupted(void);
/* Stops the session and takes the last counts; false with run->error set. */
bool tapping_stop(struct tapping *tapping);
void tapping_end(struct tapping *tapping);

#endif
