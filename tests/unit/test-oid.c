/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The OID structures have the sizes and offsets of the NDIS structures of
 * the same names, and the codes are theirs: checked while compiling.
 */
#include <config.h>

#include <xvs/oid.h>

#include "unit.h"

#define SIZE(name, bytes) \
    _Static_assert(sizeof(struct xvs_##name) == (bytes), #name)
#define OFFSET(name, member, bytes) \
    _Static_assert(offsetof(struct xvs_##name, member) == (bytes), \
                   #name "." #member)

SIZE(property_parameters, 56);
OFFSET(property_parameters, property_type, 8);
OFFSET(property_parameters, property_id, 12);
OFFSET(property_parameters, property_version, 28);
OFFSET(property_parameters, serialization_version, 30);
OFFSET(property_parameters, instance_id, 32);
OFFSET(property_parameters, buffer_length, 48);
OFFSET(property_parameters, buffer_offset, 52);
SIZE(port_property_parameters, 64);
OFFSET(port_property_parameters, port_id, 8);
OFFSET(port_property_parameters, property_id, 16);
OFFSET(port_property_parameters, instance_id, 36);
OFFSET(port_property_parameters, buffer_offset, 56);
SIZE(property_custom, 24);
OFFSET(property_custom, buffer_length, 8);
OFFSET(property_custom, present_bits, 16);
SIZE(property_delete_parameters, 44);
SIZE(port_property_delete_parameters, 48);
SIZE(property_enum_parameters, 40);
SIZE(port_property_enum_parameters, 48);
SIZE(property_enum_info, 40);
OFFSET(property_enum_info, version, 16);
SIZE(port_property_enum_info, 40);
OFFSET(port_property_enum_info, instance_id, 4);
SIZE(feature_status_parameters, 56);
OFFSET(feature_status_parameters, instance_id, 28);
OFFSET(feature_status_parameters, buffer_offset, 48);
SIZE(port_feature_status_parameters, 64);
OFFSET(port_feature_status_parameters, instance_id, 36);
OFFSET(port_feature_status_parameters, buffer_length, 52);

/* Codes that the header leaves to counting. */
static const struct {
    uint32_t code, expected;
} codes[] = {
    { XVS_OID_SWITCH_PROPERTY_UPDATE, 0x10264 },
    { XVS_OID_SWITCH_PROPERTY_DELETE, 0x10265 },
    { XVS_OID_SWITCH_PROPERTY_ENUM, 0x10266 },
    { XVS_OID_SWITCH_FEATURE_STATUS_QUERY, 0x10267 },
    { XVS_OID_SWITCH_PORT_PROPERTY_ADD, 0x10271 },
    { XVS_OID_SWITCH_PORT_PROPERTY_UPDATE, 0x10272 },
    { XVS_OID_SWITCH_PORT_PROPERTY_DELETE, 0x10273 },
    { XVS_OID_SWITCH_PORT_PROPERTY_ENUM, 0x10274 },
    { XVS_OID_SWITCH_PARAMETERS, 0x10275 },
    { XVS_OID_SWITCH_PORT_ARRAY, 0x10276 },
    { XVS_OID_SWITCH_NIC_ARRAY, 0x10277 },
    { XVS_OID_SWITCH_PORT_DELETE, 0x10279 },
    { XVS_OID_SWITCH_NIC_CREATE, 0x1027a },
    { XVS_OID_SWITCH_NIC_CONNECT, 0x1027b },
    { XVS_OID_SWITCH_NIC_DISCONNECT, 0x1027c },
    { XVS_OID_SWITCH_NIC_DELETE, 0x1027d },
    { XVS_OID_SWITCH_PORT_FEATURE_STATUS_QUERY, 0x1027e },
    { XVS_OID_SWITCH_PORT_TEARDOWN, 0x1027f },
    { XVS_OID_SWITCH_NIC_SAVE_COMPLETE, 0x10291 },
    { XVS_OID_SWITCH_NIC_RESTORE, 0x10292 },
    { XVS_OID_SWITCH_NIC_RESTORE_COMPLETE, 0x10293 },
    { XVS_OID_SWITCH_PORT_UPDATED, 0x10295 },
    { XVS_OID_SWITCH_NIC_SUSPEND, 0x10297 },
    { XVS_OID_SWITCH_NIC_RESUME, 0x10298 },
    { XVS_OID_PORT_PROPERTY_VALIDATE, 0x0e010002 },
    { XVS_OID_METHOD_CALL, 0x0e01000d },
};

static void
test_codes(void)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        CU_ASSERT_EQUAL(codes[i].code, codes[i].expected);
    }
}

static const struct unit_test tests[] = {
    { "codes", test_codes },
};

UNIT_MAIN("oid", tests)
