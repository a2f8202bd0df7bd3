/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_REQUEST_H
#define XVS_SERVICE_REQUEST_H

/*
 * Control messages made from the state, and errors made from answers.  Each
 * function starts a message in an empty buffer.
 */

#include <stdbool.h>
#include <stdint.h>
#include "service/state.h"

struct buffer;
struct cim_class;
struct control_extension;
struct control_header;
struct control_result;
struct error;
struct repository;

void request_switch(struct buffer *out, uint16_t type, uint32_t id,
                    const char *name);
void request_port(struct buffer *out, uint16_t type,
                  const struct vport *port);
void request_load(struct buffer *out, const char *file);
/* EXT_UNLOAD ('switch_id' 0) or EXT_DISABLE. */
void request_extension(struct buffer *out, uint16_t type,
                       const struct xvs_guid *extension, uint32_t switch_id,
                       uint32_t timeout_ms);
void request_place(struct buffer *out, const struct xvs_guid *extension,
                   uint32_t switch_id, uint32_t position);
/* Of both that share a place, of which this is one. */
void request_place_of_both(struct buffer *out,
                           const struct xvs_guid *extension,
                           uint32_t switch_id, uint32_t position);
/* 'partner' NULL: none, and no sharing. */
void request_partner(struct buffer *out, const struct xvs_guid *extension,
                     uint32_t switch_id, const struct xvs_guid *partner,
                     uint32_t sharing);
void request_partition(struct buffer *out, const struct xvs_guid *extension,
                       uint32_t switch_id, uint32_t partition,
                       uint32_t time_share,
                       uint32_t timeout_ms);
void request_upgrade(struct buffer *out, const struct xvs_guid *extension,
                     const char *file, uint32_t timeout_ms);
/* LAYOUT_SET for a feature class; the error says why it has no layout. */
bool request_layout(struct buffer *out, struct repository *repository,
                    struct cim_class *cls, struct error *error);
void request_layout_drop(struct buffer *out, const struct cim_class *cls);

/* Lists of settings: start, then add each.  The same for EXT_ENABLE. */
void request_settings(struct buffer *out, uint32_t timeout_ms);
void request_enable(struct buffer *out, const struct xvs_guid *extension,
                    uint32_t switch_id, uint32_t position,
                    uint32_t partition, uint32_t time_share,
                    uint32_t timeout_ms);
/* 'instance' NULL: none (delete). */
bool request_add_setting(struct buffer *out, uint32_t op,
                         const struct setting *setting,
                         const struct instance *instance,
                         struct repository *repository,
                         struct error *error);
/* How many settings a list has so far. */
uint32_t request_count(const struct buffer *out);

/* True when the answer says success; NULL: the connection was lost. */
bool answer_ok(const struct control_header *answer, struct error *error);
const struct control_result *
answer_result(const struct control_header *answer);

/* The extension that an EXT_LOAD answer or a snapshot describes; 'one' is
 * followed by its lists. */
struct extension *extension_of_control(const struct control_extension *one);

#endif
