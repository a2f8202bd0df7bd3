/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OID_H
#define XVS_OID_H

/*
 * OID requests: the codes, and the structures that travel in their buffers
 * (doc/formats.md, "OID requests").  Most extensions never look here: the
 * hooks 'setting', 'status' and 'port' of xvs/extension.h get the same
 * information unpacked.  An extension that sets the 'oid' hook sees every
 * request first and may answer XVS_NOT_SUPPORTED to leave it to the others.
 * Offsets in a structure count from the start of the request's buffer.
 */

#include <xvs/types.h>

/* Each row of names goes on counting from its first number. */
enum xvs_oid_code {
    XVS_OID_SWITCH_PROPERTY_ADD = 0x00010263,
    XVS_OID_SWITCH_PROPERTY_UPDATE, XVS_OID_SWITCH_PROPERTY_DELETE,
    XVS_OID_SWITCH_PROPERTY_ENUM, XVS_OID_SWITCH_FEATURE_STATUS_QUERY,
    XVS_OID_SWITCH_NIC_REQUEST = 0x00010270,
    XVS_OID_SWITCH_PORT_PROPERTY_ADD, XVS_OID_SWITCH_PORT_PROPERTY_UPDATE,
    XVS_OID_SWITCH_PORT_PROPERTY_DELETE, XVS_OID_SWITCH_PORT_PROPERTY_ENUM,
    XVS_OID_SWITCH_PARAMETERS,
    XVS_OID_SWITCH_PORT_ARRAY, XVS_OID_SWITCH_NIC_ARRAY,
    XVS_OID_SWITCH_PORT_CREATE = 0x00010278, XVS_OID_SWITCH_PORT_DELETE,
    XVS_OID_SWITCH_NIC_CREATE, XVS_OID_SWITCH_NIC_CONNECT,
    XVS_OID_SWITCH_NIC_DISCONNECT, XVS_OID_SWITCH_NIC_DELETE,
    XVS_OID_SWITCH_PORT_FEATURE_STATUS_QUERY, XVS_OID_SWITCH_PORT_TEARDOWN,
    XVS_OID_SWITCH_NIC_SAVE = 0x00010290, XVS_OID_SWITCH_NIC_SAVE_COMPLETE,
    XVS_OID_SWITCH_NIC_RESTORE, XVS_OID_SWITCH_NIC_RESTORE_COMPLETE,
    XVS_OID_SWITCH_NIC_UPDATED = 0x00010294, XVS_OID_SWITCH_PORT_UPDATED,
    XVS_OID_SWITCH_NIC_DIRECT_REQUEST = 0x00010296,
    XVS_OID_SWITCH_NIC_SUSPEND, XVS_OID_SWITCH_NIC_RESUME,
    /* Our own range; 3 to b are reserved: doc/formats.md. */
    XVS_OID_PROPERTY_VALIDATE = 0x0e010001, XVS_OID_PORT_PROPERTY_VALIDATE,
    XVS_OID_EVENT_INDICATE = 0x0e01000c, XVS_OID_METHOD_CALL = 0x0e01000d
};

enum xvs_oid_kind { XVS_OID_SET = 1, XVS_OID_QUERY = 2, XVS_OID_METHOD = 3 };

/* One request: what the driver hands over, and what comes back in it. */
struct xvs_oid {
    uint32_t size;          /* of this struct */
    uint32_t code;          /* enum xvs_oid_code */
    uint32_t kind;          /* enum xvs_oid_kind */
    uint32_t port_id;       /* XVS_PORT_NONE: the switch */
    void *buffer;           /* 8-aligned */
    uint32_t length;        /* bytes that hold the request */
    uint32_t capacity;      /* bytes that the answer may use */
    uint32_t written;       /* bytes of the answer */
    uint32_t needed;        /* with XVS_INVALID_LENGTH: what would do */
};

/* In front of every structure, so that it can grow at its end. */
struct xvs_oid_header {
    uint8_t type;           /* 0xa7 */
    uint8_t revision;
    uint16_t size;          /* of the structure at that revision */
};

enum { XVS_OID_HEADER_TYPE = 0xa7, XVS_PROPERTY_TYPE_CUSTOM = 1,
       XVS_SERIALIZATION_VERSION = 1 };

/*
 * What the structures begin with.  The form for ports of a request has the
 * port's id in between, and sometimes another order after it.
 */
#define XVS_OID_HEAD struct xvs_oid_header header; uint32_t flags
#define XVS_OID_PORT_HEAD XVS_OID_HEAD; uint32_t port_id

/* PROPERTY_ADD, _UPDATE, _VALIDATE; then a xvs_property_custom. */
struct xvs_property_parameters {
    XVS_OID_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id;            /* the class's UUID */
    uint16_t property_version, serialization_version;
    struct xvs_guid instance_id;
    uint32_t buffer_length, buffer_offset;  /* of the xvs_property_custom */
};

struct xvs_port_property_parameters {
    XVS_OID_PORT_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id;
    uint16_t property_version, serialization_version;
    struct xvs_guid instance_id;
    uint32_t buffer_length, buffer_offset, reserved;
};

/* Revision 1 ends after buffer_offset: everything is present. */
struct xvs_property_custom {
    XVS_OID_HEAD;
    uint32_t buffer_length, buffer_offset;  /* the block's body */
    uint32_t present_bits, present_offset;  /* revision 2 */
};

struct xvs_property_delete_parameters {
    XVS_OID_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id, instance_id;
};

struct xvs_port_property_delete_parameters {
    XVS_OID_PORT_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id, instance_id;
};

/* FEATURE_STATUS_QUERY; the answer is one xvs_property_custom, or nothing. */
struct xvs_feature_status_parameters {
    XVS_OID_HEAD;
    uint32_t status_type;
    struct xvs_guid status_id, instance_id; /* zero: all instances */
    uint16_t status_version, serialization_version;
    uint32_t buffer_offset, buffer_length;
};

struct xvs_port_feature_status_parameters {
    XVS_OID_PORT_HEAD;
    uint32_t status_type;
    struct xvs_guid status_id;
    uint16_t status_version, serialization_version;
    struct xvs_guid instance_id;
    uint32_t buffer_length, buffer_offset, reserved;
};

struct xvs_property_enum_parameters {
    XVS_OID_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id;
    uint16_t serialization_version, reserved;
    uint32_t first_property_offset, n_properties;   /* filled in */
};

struct xvs_port_property_enum_parameters {
    XVS_OID_PORT_HEAD;
    uint32_t property_type;
    struct xvs_guid property_id;
    uint16_t serialization_version, reserved;
    uint32_t first_property_offset, n_properties, reserved2;
};

/* 'aligned_length' leads to the next; the offset is from this structure. */
struct xvs_property_enum_info {
    struct xvs_guid instance_id;
    uint16_t version, reserved;
    uint32_t aligned_length, buffer_length, buffer_offset, reserved2[2];
};

struct xvs_port_property_enum_info {
    uint16_t version, reserved;
    struct xvs_guid instance_id;
    uint32_t aligned_length, buffer_length, buffer_offset, reserved2[2];
};

struct xvs_switch_parameters {
    XVS_OID_HEAD;
    char name[XVS_NAME_SIZE];
    uint32_t n_ports, is_active;
};

/* PORT_CREATE, _UPDATED, _TEARDOWN, _DELETE; PORT_ARRAY answers many. */
struct xvs_port_parameters {
    XVS_OID_PORT_HEAD;
    /* 0 generic .. 4 internal; 1 created .. 3 deleted */
    uint32_t port_type, port_state;
    uint32_t is_validation;
    char name[XVS_NAME_SIZE];
};

/* NIC_CREATE, _CONNECT, _UPDATED, _DISCONNECT, _DELETE; NIC_ARRAY. */
struct xvs_nic_parameters {
    XVS_OID_PORT_HEAD;
    uint16_t nic_index, reserved;
    /* 0 external .. 3 internal; 1 created .. 4 deleted */
    uint32_t nic_type, nic_state;
    uint32_t mtu;
    uint8_t mac[6];
    uint16_t reserved2;
    char name[XVS_NAME_SIZE];
};

/* PORT_ARRAY and NIC_ARRAY. */
struct xvs_oid_array {
    XVS_OID_HEAD;
    uint32_t first_offset, n_elements, element_size, reserved;
};

#endif
