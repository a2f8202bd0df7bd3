/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_SNAPSHOT_H
#define XVS_SERVICE_SNAPSHOT_H

/*
 * What xvs-switch says that it has: the records of a SNAPSHOT answer, sorted
 * by kind.
 */

#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"

struct control_extension;
struct control_header;
struct control_layout;
struct control_port;
struct control_setting;
struct control_stage;
struct control_switch;
struct setting;
struct stage;
struct xvs_guid;

/* Records of one kind, in the order given. */
struct records {
    const void **items;
    size_t n, capacity;
};

struct snapshot {
    struct buffer bytes;        /* of the whole answer */
    struct records switches;    /* struct control_switch */
    struct records ports;       /* struct control_port */
    struct records extensions;  /* struct control_extension */
    struct records enabled;     /* struct control_stage */
    struct records settings;    /* struct control_setting, sorted */
    struct records layouts;     /* struct control_layout */
    struct records layout_ends; /* where each of them ends */
};

void snapshot_read(struct snapshot *snapshot,
                   const struct control_header *answer);
void snapshot_free(struct snapshot *snapshot);

const struct control_switch *snapshot_switch(const struct snapshot *snapshot,
                                             uint32_t id);
const struct control_port *snapshot_port(const struct snapshot *snapshot,
                                         uint32_t id);
const struct control_extension *
snapshot_extension(const struct snapshot *snapshot,
                   const struct xvs_guid *id);
/* NULL when the extension is not enabled on the switch. */
const struct control_stage *snapshot_stage(const struct snapshot *snapshot,
                                           const struct stage *stage);
/* Position in 'settings', or SIZE_MAX. */
size_t snapshot_setting(const struct snapshot *snapshot,
                        const struct setting *setting);

#endif
