/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_OID_STRUCTS_H
#define XVS_MARSHAL_OID_STRUCTS_H

/*
 * What packing and unpacking must agree on: which request carries which
 * setting or event, and which states it tells.  Internal to core/marshal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>
#include <xvs/oid.h>

#define OID_HEADER(type_, revision_) \
    { .type = XVS_OID_HEADER_TYPE, .revision = (revision_), \
      .size = sizeof(type_) }

#define OID_NIC_SYNTHETIC 1
/* The part of xvs_property_custom that revision 1 has. */
#define OID_CUSTOM_SIZE_1 16

/* The sizes are those of the NDIS structures. */
_Static_assert(sizeof(struct xvs_property_parameters) == 56, "NDIS");
_Static_assert(sizeof(struct xvs_port_property_parameters) == 64, "NDIS");
_Static_assert(sizeof(struct xvs_property_delete_parameters) == 44, "NDIS");
_Static_assert(sizeof(struct xvs_port_property_delete_parameters) == 48,
               "NDIS");
_Static_assert(sizeof(struct xvs_feature_status_parameters) == 56, "NDIS");
_Static_assert(sizeof(struct xvs_port_feature_status_parameters) == 64,
               "NDIS");
_Static_assert(sizeof(struct xvs_property_enum_parameters) == 40, "NDIS");
_Static_assert(sizeof(struct xvs_port_property_enum_parameters) == 48,
               "NDIS");
_Static_assert(sizeof(struct xvs_property_enum_info) == 40, "NDIS");
_Static_assert(sizeof(struct xvs_port_property_enum_info) == 40, "NDIS");
_Static_assert(sizeof(struct xvs_property_custom) == 24, "revision 2");

/*
 * The forms of a request for switches and for ports have the same members in
 * the same order, the one for ports with the port's id in between (and maybe
 * a reserved word at the end).  Those of FEATURE_STATUS_QUERY have not.
 */
#define OID_PORT_AT offsetof(struct xvs_port_property_parameters, port_id)
#define OID_PORT_SIZE sizeof(uint32_t)
#define OID_SAME_FORM(name, last) \
    _Static_assert(offsetof(struct xvs_port_##name, port_id) == OID_PORT_AT \
                   && offsetof(struct xvs_##name, last) + OID_PORT_SIZE \
                      == offsetof(struct xvs_port_##name, last), "order")
OID_SAME_FORM(property_parameters, property_type);
OID_SAME_FORM(property_parameters, serialization_version);
OID_SAME_FORM(property_parameters, buffer_length);
OID_SAME_FORM(property_parameters, buffer_offset);
OID_SAME_FORM(property_delete_parameters, instance_id);
OID_SAME_FORM(property_enum_parameters, serialization_version);
OID_SAME_FORM(property_enum_parameters, n_properties);

/* A setting's op and scope, and the request that carries it. */
struct oid_setting_row {
    uint32_t code;
    uint32_t op;                /* enum xvs_setting_op */
    uint32_t scope;             /* enum xvs_scope */
};

static const struct oid_setting_row oid_settings[] = {
    { XVS_OID_SWITCH_PROPERTY_ADD, XVS_ADD, XVS_SCOPE_SWITCH },
    { XVS_OID_SWITCH_PROPERTY_UPDATE, XVS_UPDATE, XVS_SCOPE_SWITCH },
    { XVS_OID_SWITCH_PROPERTY_DELETE, XVS_DELETE, XVS_SCOPE_SWITCH },
    { XVS_OID_PROPERTY_VALIDATE, XVS_VALIDATE, XVS_SCOPE_SWITCH },
    { XVS_OID_SWITCH_PORT_PROPERTY_ADD, XVS_ADD, XVS_SCOPE_PORT },
    { XVS_OID_SWITCH_PORT_PROPERTY_UPDATE, XVS_UPDATE, XVS_SCOPE_PORT },
    { XVS_OID_SWITCH_PORT_PROPERTY_DELETE, XVS_DELETE, XVS_SCOPE_PORT },
    { XVS_OID_PORT_PROPERTY_VALIDATE, XVS_VALIDATE, XVS_SCOPE_PORT },
};

/* A request about a port or its nic. */
struct oid_port_row {
    uint32_t code;
    bool is_nic;                /* xvs_nic_parameters, else xvs_port_... */
    uint32_t state;             /* 1 created ... */
    uint32_t event;             /* enum xvs_port_event; 0: none */
};

/* NULL when the code is not about a port. */
const struct oid_port_row *oid_port_row(uint32_t code);

struct xvs_port_parameters oid_port_parameters(const struct xvs_port *port,
                                               uint32_t state);
struct xvs_nic_parameters oid_nic_parameters(const struct xvs_port *port,
                                             uint32_t state);

#endif
