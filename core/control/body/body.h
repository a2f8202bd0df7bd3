/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_BODY_H
#define XVS_CONTROL_BODY_H

/*
 * The checks of what is in control messages, one for each kind of body.
 *
 * A struct body walks the bytes piece by piece (body_take), so that no size
 * of the peer is ever added to another before it was compared with what is
 * left.  Each check takes what its kind has, and sets the error when that is
 * not there or makes no sense; that nothing is left over is seen by
 * control_check(), which is the only caller.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct body {
    const char *at;             /* the next piece */
    size_t left;                /* bytes from there, a multiple of 8 */
    const char *name;           /* of the message's type */
    struct error *error;        /* is set when a check returns false */
};

/* What follows the control_result of some answers begins with a count. */
struct body_count {
    uint32_t n;                 /* of what follows first */
    uint32_t m;                 /* of what follows then; or 0 */
};

typedef bool (*body_check)(struct body *body);

/* ---- Pieces (body.c) ---------------------------------------------------- */

/* The next 'size' bytes, which are 'what' for people; steps over the padding
 * behind them.  NULL with the error when there are fewer. */
const void *body_take(struct body *body, size_t size, const char *what);
/* Sets the error to the message's name and 'what'; returns false. */
bool body_invalid(struct body *body, const char *what);
/* There is a NUL among the 'size' bytes of the text. */
bool body_terminated(struct body *body, const char *text, size_t size,
                     const char *what);
/* A terminated text with at least one character and no control characters. */
bool body_named(struct body *body, const char *text, size_t size,
                const char *what);
/* A name without folders, of a file that is not hidden. */
bool body_plain_file(struct body *body, const char *text, size_t size);
/* Whether it is one of enum xvs_scope; sets no error. */
bool body_valid_scope(uint32_t scope);
/* For messages that have no body. */
bool body_nothing(struct body *body);

/* ---- Switches and ports (ports.c) --------------------------------------- */

bool body_hello(struct body *body);
bool body_switch(struct body *body);
/* A switch or a port that is named by its number alone. */
bool body_switch_id(struct body *body);
bool body_port(struct body *body);
bool body_port_id(struct body *body);

/* ---- Extensions (extensions.c) ------------------------------------------ */

bool body_load(struct body *body);
bool body_upgrade(struct body *body);
bool body_reference(struct body *body);
/* What a plugin says of itself, with its lists. */
bool body_extension(struct body *body);
bool body_layout(struct body *body);
/* A layout that is named by its UUIDs alone. */
bool body_layout_id(struct body *body);
bool body_place(struct body *body);
bool body_partition(struct body *body);
bool body_partner(struct body *body);
/* Whether it is 0 to 100 percent. */
bool body_time_share(struct body *body, uint32_t percent);
/* Whether it is one of enum partition and not the default. */
bool body_partition_known(struct body *body, uint32_t partition);
/* An extension on a switch, of a snapshot. */
bool body_stage(struct body *body);

/* ---- Settings and objects (settings.c) ---------------------------------- */

bool body_setting(struct body *body);
bool body_settings(struct body *body);
/* EXT_ENABLE: the request with its settings, and the answer's place and
 * results. */
bool body_enable(struct body *body);
bool body_enabled(struct body *body);
bool body_status(struct body *body);
bool body_method(struct body *body);
bool body_objects(struct body *body);

/* ---- What the switch tells (reports.c) ---------------------------------- */

bool body_event(struct body *body);
bool body_counters(struct body *body);
bool body_snapshot(struct body *body);
bool body_quarantine(struct body *body);
bool body_quarantined(struct body *body);

/* ---- Captures (capture.c) ----------------------------------------------- */

bool body_capture(struct body *body);
bool body_session(struct body *body);
bool body_captured(struct body *body);

#endif
