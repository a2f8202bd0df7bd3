/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_SCHEMA_H
#define ACL_SCHEMA_H

/* The classes of mof/xvs_acl.mof in C. */

#include <xvs/block.h>
#include <xvs/extension.h>

struct xvs_acl_port_rule {
    uint32_t priority;
    uint8_t direction;
    uint8_t action;
    uint8_t protocol;
    uint8_t stateful;
    uint16_t ethertype;
    uint16_t source_port_low;
    uint16_t source_port_high;
    uint16_t destination_port_low;
    uint16_t destination_port_high;
    uint32_t idle_timeout;
    struct xvs_ref source_prefix;
    struct xvs_ref destination_prefix;
    struct xvs_ref source_mac;
    struct xvs_ref destination_mac;
};

enum xvs_acl_port_rule_field {
    XVS_ACL_PORT_RULE_PRIORITY, XVS_ACL_PORT_RULE_DIRECTION,
    XVS_ACL_PORT_RULE_ACTION, XVS_ACL_PORT_RULE_PROTOCOL,
    XVS_ACL_PORT_RULE_STATEFUL, XVS_ACL_PORT_RULE_ETHERTYPE,
    XVS_ACL_PORT_RULE_SOURCE_PORT_LOW, XVS_ACL_PORT_RULE_SOURCE_PORT_HIGH,
    XVS_ACL_PORT_RULE_DESTINATION_PORT_LOW,
    XVS_ACL_PORT_RULE_DESTINATION_PORT_HIGH,
    XVS_ACL_PORT_RULE_IDLE_TIMEOUT
};

struct xvs_acl_port_settings {
    uint8_t default_action;
    uint32_t max_connections;
};

struct xvs_acl_rule_status {
    struct xvs_ref rule_instance;
    uint8_t action;
    uint64_t packets;
    uint64_t bytes;
    struct xvs_datetime last_hit;
};

struct xvs_acl_port_status {
    uint64_t allowed_packets;
    uint64_t allowed_bytes;
    uint64_t blocked_packets;
    uint64_t blocked_bytes;
    uint64_t blocked_connections;
    uint64_t connections_refused;
    uint32_t connections;
    uint32_t rules;
};

enum xvs_acl_class {
    XVS_ACL_PORT_RULE, XVS_ACL_SWITCH_RULE, XVS_ACL_PORT_SETTINGS,
    XVS_ACL_RULE_STATUS, XVS_ACL_SWITCH_RULE_STATUS, XVS_ACL_PORT_STATUS,
    XVS_ACL_N_CLASSES
};

#define XVS_ACL_EXTENSION_ID \
    { 0xbbaa55b7, 0xe5ec, 0x43a8, \
      { 0xa6, 0x77, 0xc9, 0xd4, 0xdf, 0xaa, 0x80, 0x2d } }

#define XVS_ACL_PORT_STATUS_UUID \
    { 0x484418da, 0x0c8b, 0x4878, \
      { 0xb7, 0xc4, 0xac, 0xa8, 0x69, 0xe5, 0x51, 0x07 } }

static const struct xvs_feature xvs_acl_features[XVS_ACL_N_CLASSES] = {
    { { 0x4f500d57, 0x3d3b, 0x43cf, { 0x96, 0x31, 0x2c, 0xfb, 0x0d, 0x06, 0xc1, 0xb6 } }, 0, sizeof(struct xvs_acl_port_rule), 0x0100, 0 },
    { { 0x0dbf4798, 0x3367, 0x4143, { 0x93, 0x75, 0x82, 0x61, 0x87, 0x28, 0x85, 0xa9 } }, 0, sizeof(struct xvs_acl_port_rule), 0x0100, 0 },
    { { 0xb8d9ae6b, 0xf567, 0x40f4, { 0xa4, 0x66, 0x8f, 0x95, 0x93, 0xd8, 0x8c, 0x8f } }, 0, sizeof(struct xvs_acl_port_settings), 0x0100, 0 },
    { { 0x19feb2f6, 0x55e7, 0x4595, { 0xa8, 0x30, 0x1c, 0x0c, 0x2e, 0x42, 0x7f, 0x0f } }, 0, sizeof(struct xvs_acl_rule_status), 0x0100, 0 },
    { { 0x3b88eb71, 0x65a2, 0x49fb, { 0x9f, 0xe9, 0xbd, 0xf6, 0xce, 0xf6, 0xe5, 0x07 } }, 0, sizeof(struct xvs_acl_rule_status), 0x0100, 0 },
    { XVS_ACL_PORT_STATUS_UUID, 0, sizeof(struct xvs_acl_port_status), 0x0100, 0 },
};

#endif
