/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * All types of the contract between an extension and the core, for tools that
 * compare binaries: what a plugin exports, and structs that only buffers have.
 * Compiled with the headers of each version that there was.
 */

#include <xvs/extension.h>
#if XVS_API_VERSION >= 0x0104   /* what the tables of xvs_host lead to */
#include <xvs/keep.h>
#include <xvs/service.h>
#include <xvs/switch.h>
#endif

XVS_EXTENSION = { XVS_EXTENSION_HEAD };

/* Structs of OID requests, and what an enum's name says nothing of. */
struct contract {
    struct xvs_oid oid;
    enum xvs_oid_code oid_code;
    enum xvs_oid_kind oid_kind;
    struct xvs_property_parameters property;
    struct xvs_port_property_parameters port_property;
    struct xvs_property_custom custom;
    struct xvs_property_delete_parameters property_delete;
    struct xvs_port_property_delete_parameters port_property_delete;
    struct xvs_feature_status_parameters status;
    struct xvs_port_feature_status_parameters port_status;
    struct xvs_property_enum_parameters property_enum;
    struct xvs_port_property_enum_parameters port_property_enum;
    struct xvs_property_enum_info info;
    struct xvs_port_property_enum_info port_info;
    struct xvs_switch_parameters switch_parameters;
    struct xvs_port_parameters port_parameters;
    struct xvs_nic_parameters nic_parameters;
    struct xvs_oid_array array;
    struct xvs_call call;
    struct xvs_text text;
    struct xvs_datetime datetime;
    struct xvs_writer writer;
    enum xvs_class extension_class;
    enum xvs_on_failure on_failure;
    enum xvs_result result;
    enum xvs_scope scope;
    enum xvs_setting_op op;
    enum xvs_verdict verdict;
};

XVS_EXPORT const struct contract *xvs_contract(const struct contract *them);

const struct contract *
xvs_contract(const struct contract *them)
{
    return them;
}
