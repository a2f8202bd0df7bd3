/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Says where the members of the contract's structs are, and which numbers its
 * names have, as far as the version had them.  What it says with the headers
 * of a version, it must say with those of all later ones.
 */

#include <stdio.h>
#include <xvs/extension.h>

#define MEMBER(type, member) \
    printf(#type "." #member " %zu %zu\n", offsetof(struct type, member), \
           sizeof(((struct type *) 0)->member))
#define NUMBER(name) printf(#name " %lld\n", (long long) name)

int
main(void)
{
    MEMBER(xvs_guid, a);
    MEMBER(xvs_guid, b);
    MEMBER(xvs_guid, c);
    MEMBER(xvs_guid, d);
    MEMBER(xvs_ref, count);
    MEMBER(xvs_ref, offset);
    MEMBER(xvs_datetime, microseconds);
    MEMBER(xvs_datetime, utc_minutes);
    MEMBER(xvs_datetime, is_interval);
    MEMBER(xvs_datetime, precision);
    MEMBER(xvs_datetime, reserved);
    MEMBER(xvs_view, body);
    MEMBER(xvs_view, size);
    MEMBER(xvs_view, n_present);
    MEMBER(xvs_view, present);
    MEMBER(xvs_writer, body);
    MEMBER(xvs_writer, capacity);
    MEMBER(xvs_writer, size);
    MEMBER(xvs_writer, full);
    MEMBER(xvs_packet, data);
    MEMBER(xvs_packet, next);
    MEMBER(xvs_packet, length);
    MEMBER(xvs_packet, total);
    MEMBER(xvs_packet, in_port);
    MEMBER(xvs_packet, out_port);
    MEMBER(xvs_packet, verdict);
    MEMBER(xvs_packet, drop_reason);
    MEMBER(xvs_packet, protocol);
    MEMBER(xvs_packet, csum_offset);
    MEMBER(xvs_packet, flags);
    MEMBER(xvs_packet, ethertype);
    MEMBER(xvs_packet, vlan);
    MEMBER(xvs_packet, l3);
    MEMBER(xvs_packet, l4);
    MEMBER(xvs_packet, csum_start);
    MEMBER(xvs_packet, hash);
    MEMBER(xvs_packet, gso_size);
    MEMBER(xvs_packet, gso_type);
    MEMBER(xvs_packet, offload);
    MEMBER(xvs_packet, time);
    MEMBER(xvs_burst, n);
    MEMBER(xvs_burst, packets);
    MEMBER(xvs_feature, uuid);
    MEMBER(xvs_feature, hash);
    MEMBER(xvs_feature, size);
    MEMBER(xvs_feature, version);
    MEMBER(xvs_feature, reserved);
    MEMBER(xvs_method, uuid);
    MEMBER(xvs_method, name);
    MEMBER(xvs_method, signature);
    MEMBER(xvs_method, function);
    MEMBER(xvs_setting, size);
    MEMBER(xvs_setting, op);
    MEMBER(xvs_setting, scope);
    MEMBER(xvs_setting, port_id);
    MEMBER(xvs_setting, uuid);
    MEMBER(xvs_setting, instance);
    MEMBER(xvs_setting, version);
    MEMBER(xvs_setting, reserved);
    MEMBER(xvs_setting, reserved2);
    MEMBER(xvs_setting, view);
    MEMBER(xvs_query, size);
    MEMBER(xvs_query, scope);
    MEMBER(xvs_query, port_id);
    MEMBER(xvs_query, version);
    MEMBER(xvs_query, reserved);
    MEMBER(xvs_query, uuid);
    MEMBER(xvs_query, instance);
    MEMBER(xvs_query, empty);
    MEMBER(xvs_call, size);
    MEMBER(xvs_call, scope);
    MEMBER(xvs_call, port_id);
    MEMBER(xvs_call, reserved);
    MEMBER(xvs_call, answer);
    MEMBER(xvs_text, length);
    MEMBER(xvs_text, text);
    MEMBER(xvs_port, size);
    MEMBER(xvs_port, id);
    MEMBER(xvs_port, name);
    MEMBER(xvs_port, mac);
    MEMBER(xvs_port, is_validation);
    MEMBER(xvs_port, mtu);
    MEMBER(xvs_host, size);
    MEMBER(xvs_host, api_version);
    MEMBER(xvs_host, reserved);
    MEMBER(xvs_host, switch_name);
    MEMBER(xvs_host, context);
    MEMBER(xvs_host, log);
    MEMBER(xvs_host, refuse);
    MEMBER(xvs_host, answer);
    MEMBER(xvs_host, event);
    MEMBER(xvs_host, request);
    MEMBER(xvs_host, retire);
    MEMBER(xvs_host, timer);
    MEMBER(xvs_host, now);
    MEMBER(xvs_extension, size);
    MEMBER(xvs_extension, api_version);
    MEMBER(xvs_extension, version);
    MEMBER(xvs_extension, mandatory);
    MEMBER(xvs_extension, id);
    MEMBER(xvs_extension, extension_class);
    MEMBER(xvs_extension, on_failure);
    MEMBER(xvs_extension, n_features);
    MEMBER(xvs_extension, name);
    MEMBER(xvs_extension, vendor);
    MEMBER(xvs_extension, description);
    MEMBER(xvs_extension, before);
    MEMBER(xvs_extension, after);
    MEMBER(xvs_extension, features);
    MEMBER(xvs_extension, methods);
    MEMBER(xvs_extension, n_methods);
    MEMBER(xvs_extension, reserved);
    MEMBER(xvs_extension, init);
    MEMBER(xvs_extension, fini);
    MEMBER(xvs_extension, port);
    MEMBER(xvs_extension, state);
    MEMBER(xvs_extension, setting);
    MEMBER(xvs_extension, status);
    MEMBER(xvs_extension, oid);
    MEMBER(xvs_extension, timer);
    MEMBER(xvs_extension, ingress);
    MEMBER(xvs_extension, egress);
    NUMBER(XVS_SUCCESS);
    NUMBER(XVS_PENDING);
    NUMBER(XVS_NOT_SUPPORTED);
    NUMBER(XVS_NOT_ACCEPTED);
    NUMBER(XVS_RESOURCES);
    NUMBER(XVS_INVALID_LENGTH);
    NUMBER(XVS_INVALID_PARAMETER);
    NUMBER(XVS_NO_CONSUMER);
    NUMBER(XVS_TIMED_OUT);
    NUMBER(XVS_PROVIDER_FAILED);
    NUMBER(XVS_SCOPE_PORT);
    NUMBER(XVS_SCOPE_SWITCH);
    NUMBER(XVS_GSO_NONE);
    NUMBER(XVS_GSO_TCP4);
    NUMBER(XVS_GSO_TCP6);
    NUMBER(XVS_GSO_UDP);
    NUMBER(XVS_PASS);
    NUMBER(XVS_DROP);
    NUMBER(XVS_CLASS_CAPTURE);
    NUMBER(XVS_CLASS_FILTER);
    NUMBER(XVS_CLASS_FORWARD);
    NUMBER(XVS_CLASS_SERVICE);
    NUMBER(XVS_FAIL_OPEN);
    NUMBER(XVS_FAIL_CLOSED);
    NUMBER(XVS_FAIL_HOLD);
    NUMBER(XVS_LOG_ERROR);
    NUMBER(XVS_LOG_WARNING);
    NUMBER(XVS_LOG_INFO);
    NUMBER(XVS_HOOK_PACKETS);
    NUMBER(XVS_HOOK_SETTING);
    NUMBER(XVS_HOOK_STATUS);
    NUMBER(XVS_HOOK_PORT);
    NUMBER(XVS_HOOK_STATE);
    NUMBER(XVS_HOOK_OID);
    NUMBER(XVS_HOOK_TIMER);
    NUMBER(XVS_HOOK_METHODS);
    NUMBER(XVS_VALIDATE);
    NUMBER(XVS_ADD);
    NUMBER(XVS_UPDATE);
    NUMBER(XVS_DELETE);
    NUMBER(XVS_PORT_CREATED);
    NUMBER(XVS_PORT_CONNECTED);
    NUMBER(XVS_PORT_UPDATED);
    NUMBER(XVS_PORT_DISCONNECTED);
    NUMBER(XVS_PORT_DELETED);
    NUMBER(XVS_ACTIVATE);
    NUMBER(XVS_PAUSE);
#if XVS_API_VERSION >= 0x0101
    MEMBER(xvs_extension, reasons);
    MEMBER(xvs_extension, n_reasons);
    NUMBER(XVS_REASONS);
#endif
#if XVS_API_VERSION >= 0x0102
    MEMBER(xvs_host, wake);
#endif
#if XVS_API_VERSION >= 0x0103
    MEMBER(xvs_extension, traits);
    NUMBER(XVS_TRAIT_EGRESS);
    NUMBER(XVS_TRAIT_PAYLOAD);
    NUMBER(XVS_TRAIT_WIRE);
#endif
    return 0;
}
