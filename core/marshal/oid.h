/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_OID_H
#define XVS_MARSHAL_OID_H

/*
 * OID requests as they travel between the switch and an extension: packed
 * from plain arguments, and unpacked into the structures that the hooks of
 * xvs/extension.h take.  Normative text: doc/formats.md, "OID requests".
 *
 *     parameters | property_custom | body | presence        (each 8-aligned)
 *
 * Unpacking takes every byte as hostile: header type, revision and size,
 * lengths, offsets, alignment and overlap are checked before anything is
 * used.  It does not look inside a body: block_check_view() does.  Knows no
 * schema.  Views point into the request's buffer and live as long as it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>
#include <xvs/oid.h>

struct buffer;
struct error;

/* "SWITCH_PROPERTY_ADD"; "unknown" for a code that is none.  Never NULL. */
const char *oid_name(uint32_t code);
/* enum xvs_oid_kind of the code; 0 for a code that is none. */
uint32_t oid_kind(uint32_t code);
/* The code that carries the setting's op and scope; 0: there is none. */
uint32_t oid_code_of_setting(const struct xvs_setting *setting);
uint32_t oid_code_of_query(const struct xvs_query *query);

/*
 * Fills '*oid' for a packed request; it borrows the buffer's memory.  All of
 * the buffer's capacity may hold the answer.
 */
void oid_start(struct xvs_oid *oid, uint32_t code, uint32_t port_id,
               struct buffer *packed);

/*
 * Packers.  They replace what 'out' holds.  The setting's view becomes the
 * body and presence (none are written with XVS_DELETE).
 */
void oid_pack_setting(const struct xvs_setting *setting, struct buffer *out);
/* Reserves 'room' bytes for the answer, at least. */
void oid_pack_query(const struct xvs_query *query, size_t room,
                    struct buffer *out);
/* PORT_CREATE ... NIC_UPDATED: the port or nic structure of that code. */
void oid_pack_port(uint32_t code, const struct xvs_port *port,
                   struct buffer *out);

/* PROPERTY_ADD, _UPDATE, _DELETE, _VALIDATE of either scope. */
bool oid_unpack_setting(const struct xvs_oid *oid,
                        struct xvs_setting *setting, struct error *error);
/* FEATURE_STATUS_QUERY of either scope. */
bool oid_unpack_query(const struct xvs_oid *oid, struct xvs_query *query,
                      struct error *error);
/*
 * PORT_* and NIC_*.  '*event' (enum xvs_port_event) is 0 when the request
 * has no counterpart in the port hook (TEARDOWN, NIC_CREATE, NIC_DELETE).
 */
bool oid_unpack_port(const struct xvs_oid *oid, struct xvs_port *port,
                     uint32_t *event, struct error *error);

/*
 * What an extension left in the buffer of a FEATURE_STATUS_QUERY that it
 * answered itself: one object, or none ('*found').
 */
bool oid_unpack_answer(const struct xvs_oid *oid, struct xvs_view *view,
                       bool *found, struct error *error);
/* Writes that answer: XVS_SUCCESS, or XVS_INVALID_LENGTH and oid->needed. */
int oid_answer_query(struct xvs_oid *oid, const struct xvs_view *view);

/*
 * Answers to what an extension asks the switch.  They return XVS_SUCCESS and
 * oid->written; XVS_INVALID_LENGTH and oid->needed when the capacity is too
 * small; XVS_INVALID_PARAMETER when the request itself is malformed.
 */
int oid_answer_parameters(struct xvs_oid *oid, const char *switch_name,
                          uint32_t n_ports, bool is_active);
int oid_answer_ports(struct xvs_oid *oid, const struct xvs_port *ports,
                     uint32_t n);               /* PORT_ARRAY */
int oid_answer_nics(struct xvs_oid *oid, const struct xvs_port *ports,
                    uint32_t n);                /* NIC_ARRAY */
/* What a PROPERTY_ENUM asks for; '*port_id' is XVS_PORT_NONE: the switch. */
bool oid_unpack_enum(const struct xvs_oid *oid, struct xvs_guid *property,
                     uint32_t *port_id, struct error *error);
/* The settings in force of that property (only instance, version, view). */
int oid_answer_enum(struct xvs_oid *oid, const struct xvs_setting *settings,
                    uint32_t n);

#endif
