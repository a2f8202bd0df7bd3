/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers written into the asker's buffer.  Each is sized first: when the
 * capacity is too small nothing is written, and the asker is told how much
 * would do.
 */

#include <config.h>

#include <string.h>

#include "marshal/oid.h"
#include "marshal/oid-structs.h"

static uint64_t
align8(uint64_t number)
{
    return (number + 7) / 8 * 8;
}

/* Room for 'size' bytes?  They are zeroed and become the answer's size. */
static int
claim(struct xvs_oid *oid, uint64_t size)
{
    oid->written = 0;
    if (size > UINT32_MAX) {
        return XVS_RESOURCES;
    }
    if (!oid->buffer || size > oid->capacity) {
        oid->needed = (uint32_t) size;
        return XVS_INVALID_LENGTH;
    }
    memset(oid->buffer, 0, (size_t) size);
    oid->written = (uint32_t) size;
    return XVS_SUCCESS;
}

/* Bytes that put_object() takes from an 8-aligned offset. */
static uint64_t
object_size(const struct xvs_view *view)
{
    uint64_t size = align8(sizeof(struct xvs_property_custom));

    return size + align8(view->size)
           + align8(((uint64_t) view->n_present + 7) / 8);
}

/* The custom structure, body and presence at 'offset'; room was claimed. */
static void
put_object(struct xvs_oid *oid, uint64_t offset, const struct xvs_view *view)
{
    struct xvs_property_custom custom = {
        .header = OID_HEADER(struct xvs_property_custom, 2),
        .buffer_length = view->size,
        .present_bits = view->n_present,
    };
    char *buffer = oid->buffer;

    custom.buffer_offset = (uint32_t) align8(offset + sizeof custom);
    if (view->size) {
        memcpy(buffer + custom.buffer_offset, view->body, view->size);
    }
    if (view->n_present) {
        custom.present_offset = (uint32_t) align8(
            (uint64_t) custom.buffer_offset + view->size);
        memcpy(buffer + custom.present_offset, view->present,
               ((size_t) view->n_present + 7) / 8);
    }
    memcpy(buffer + offset, &custom, sizeof custom);
}

int
oid_answer_query(struct xvs_oid *oid, const struct xvs_view *view)
{
    int result = claim(oid, object_size(view));

    if (result == XVS_SUCCESS) {
        put_object(oid, 0, view);
    }
    return result;
}

int
oid_answer_parameters(struct xvs_oid *oid, const char *switch_name,
                      uint32_t n_ports, bool is_active)
{
    struct xvs_switch_parameters parameters = {
        .header = OID_HEADER(struct xvs_switch_parameters, 1),
        .n_ports = n_ports,
        .is_active = is_active,
    };
    int result = claim(oid, sizeof parameters);

    if (result == XVS_SUCCESS) {
        strncpy(parameters.name, switch_name, sizeof parameters.name - 1);
        memcpy(oid->buffer, &parameters, sizeof parameters);
    }
    return result;
}

/* The array's head for 'n' elements of 'size' bytes. */
static int
start_array(struct xvs_oid *oid, uint32_t n, size_t size)
{
    struct xvs_oid_array array = {
        .header = OID_HEADER(struct xvs_oid_array, 1),
        .first_offset = sizeof array,
        .n_elements = n,
        .element_size = (uint32_t) size,
    };
    int result = claim(oid, sizeof array + (uint64_t) n * size);

    if (result == XVS_SUCCESS) {
        memcpy(oid->buffer, &array, sizeof array);
    }
    return result;
}

int
oid_answer_ports(struct xvs_oid *oid, const struct xvs_port *ports,
                 uint32_t n)
{
    int result = start_array(oid, n, sizeof(struct xvs_port_parameters));
    char *at = (char *) oid->buffer + sizeof(struct xvs_oid_array);

    for (uint32_t i = 0; result == XVS_SUCCESS && i < n; i++) {
        struct xvs_port_parameters port = oid_port_parameters(&ports[i], 1);

        memcpy(at + i * sizeof port, &port, sizeof port);
    }
    return result;
}

int
oid_answer_nics(struct xvs_oid *oid, const struct xvs_port *ports, uint32_t n)
{
    int result = start_array(oid, n, sizeof(struct xvs_nic_parameters));
    char *at = (char *) oid->buffer + sizeof(struct xvs_oid_array);

    for (uint32_t i = 0; result == XVS_SUCCESS && i < n; i++) {
        struct xvs_nic_parameters nic = oid_nic_parameters(&ports[i], 2);

        memcpy(at + i * sizeof nic, &nic, sizeof nic);
    }
    return result;
}

/* Puts the parameters back with what was found. */
static void
finish_enum(struct xvs_oid *oid, const struct xvs_guid *property,
            uint32_t port_id, uint32_t first, uint32_t n)
{
    struct xvs_property_enum_parameters of_switch = {
        .header = OID_HEADER(struct xvs_property_enum_parameters, 1),
        .property_type = XVS_PROPERTY_TYPE_CUSTOM,
        .property_id = *property,
        .serialization_version = XVS_SERIALIZATION_VERSION,
        .first_property_offset = first,
        .n_properties = n,
    };
    struct xvs_port_property_enum_parameters of_port = {
        .header = OID_HEADER(struct xvs_port_property_enum_parameters, 1),
        .port_id = port_id,
        .property_type = XVS_PROPERTY_TYPE_CUSTOM,
        .property_id = *property,
        .serialization_version = XVS_SERIALIZATION_VERSION,
        .first_property_offset = first,
        .n_properties = n,
    };

    if (oid->code == XVS_OID_SWITCH_PORT_PROPERTY_ENUM) {
        memcpy(oid->buffer, &of_port, sizeof of_port);
    } else {
        memcpy(oid->buffer, &of_switch, sizeof of_switch);
    }
}

/* In front of an object of 'size' bytes; the two forms are of equal size. */
static void
put_info(struct xvs_oid *oid, uint64_t offset,
         const struct xvs_setting *setting, uint32_t size)
{
    char *at = (char *) oid->buffer + offset;
    struct xvs_property_enum_info of_switch = {
        .instance_id = setting->instance,
        .version = setting->version,
        .aligned_length = (uint32_t) sizeof of_switch + size,
        .buffer_length = size,
        .buffer_offset = sizeof of_switch,
    };
    struct xvs_port_property_enum_info of_port = {
        .version = setting->version,
        .instance_id = setting->instance,
        .aligned_length = (uint32_t) sizeof of_port + size,
        .buffer_length = size,
        .buffer_offset = sizeof of_port,
    };

    if (oid->code == XVS_OID_SWITCH_PORT_PROPERTY_ENUM) {
        memcpy(at, &of_port, sizeof of_port);
    } else {
        memcpy(at, &of_switch, sizeof of_switch);
    }
}

int
oid_answer_enum(struct xvs_oid *oid, const struct xvs_setting *settings,
                uint32_t n)
{
    uint32_t first = oid->code == XVS_OID_SWITCH_PORT_PROPERTY_ENUM
                         ? sizeof(struct xvs_port_property_enum_parameters)
                         : sizeof(struct xvs_property_enum_parameters);
    struct xvs_guid property;
    uint32_t port_id;
    uint64_t at = first;
    int result;

    if (!oid_unpack_enum(oid, &property, &port_id, NULL)) {
        return XVS_INVALID_PARAMETER;
    }
    for (uint32_t i = 0; i < n; i++) {
        at += sizeof(struct xvs_property_enum_info)
              + object_size(&settings[i].view);
    }
    result = claim(oid, at);
    at = first;
    for (uint32_t i = 0; result == XVS_SUCCESS && i < n; i++) {
        uint64_t size = object_size(&settings[i].view);
        put_info(oid, at, &settings[i], (uint32_t) size);
        put_object(oid, at + sizeof(struct xvs_property_enum_info),
                   &settings[i].view);
        at += sizeof(struct xvs_property_enum_info) + size;
    }
    if (result == XVS_SUCCESS) {
        finish_enum(oid, &property, port_id, n ? first : 0, n);
    }
    return result;
}
