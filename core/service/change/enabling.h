/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_ENABLING_H
#define XVS_SERVICE_ENABLING_H

/*
 * What it takes to enable an extension on a switch: the layouts of its
 * classes, the message with its settings, and what the answer says.  Needed
 * by every way in which an extension comes into force: an admin's change, an
 * import, and bringing xvs-switch to what is configured.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct control_header;
struct error;
struct extension;
struct plan;
struct repository;
struct service;
struct state;
struct vswitch;

/* Calls with the LAYOUT_SET message of each class that the extension knows,
 * freed afterwards if it is still there; false when one does not fit. */
typedef void (*layout_call)(void *arg, struct buffer *message);
bool extension_layouts(struct repository *repository,
                       const struct extension *extension, layout_call call,
                       void *arg, struct error *error);
/* Adds them as steps. */
bool steps_layouts(struct plan *plan, const struct extension *extension,
                   struct error *error);
/* Where on a switch an extension is to be. */
struct enable_place {
    uint32_t position;          /* among enabled ones; UINT32_MAX: last */
    uint32_t partition;         /* enum partition */
    uint32_t time_share;        /* percent of a worker's time; 0: no limit */
};

/* Starts an EXT_ENABLE message with the settings that the extension has on
 * the switch, in the order of state->settings. */
bool enable_message(struct service *service, const struct state *state,
                    struct buffer *out, const struct vswitch *vswitch,
                    const struct extension *extension,
                    const struct enable_place *place, struct error *error);
/* What an EXT_ENABLE answer says of each setting; NULL: all parked. */
void enable_apply(struct service *service, const struct vswitch *vswitch,
                  const struct extension *extension, const uint32_t *results,
                  size_t n);
/* The place that an EXT_ENABLE or EXT_MOVE answer says. */
uint32_t answer_position(const struct control_header *answer);
/* The results of an EXT_ENABLE answer. */
const uint32_t *enable_results(const struct control_header *answer,
                               size_t *n);

#endif
