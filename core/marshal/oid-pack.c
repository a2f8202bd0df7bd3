/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * OID requests from plain arguments: the codes, and the structures with
 * everything behind them at multiples of 8.
 */

#include <config.h>

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "marshal/oid.h"
#include "marshal/oid-structs.h"

#define N_ROWS(rows) (sizeof (rows) / sizeof (rows)[0])

/* Every code that is known, its kind and the port and nic states it tells. */
static const struct {
    uint32_t code;
    uint32_t kind;
    const char *name;
} codes[] = {
#define SET(x) { XVS_OID_##x, XVS_OID_SET, #x }
#define QUERY(x) { XVS_OID_##x, XVS_OID_QUERY, #x }
#define METHOD(x) { XVS_OID_##x, XVS_OID_METHOD, #x }
    SET(SWITCH_PROPERTY_ADD),
    SET(SWITCH_PROPERTY_UPDATE),
    SET(SWITCH_PROPERTY_DELETE),
    METHOD(SWITCH_PROPERTY_ENUM),
    METHOD(SWITCH_FEATURE_STATUS_QUERY),
    METHOD(SWITCH_NIC_REQUEST),
    SET(SWITCH_PORT_PROPERTY_ADD),
    SET(SWITCH_PORT_PROPERTY_UPDATE),
    SET(SWITCH_PORT_PROPERTY_DELETE),
    METHOD(SWITCH_PORT_PROPERTY_ENUM),
    QUERY(SWITCH_PARAMETERS),
    QUERY(SWITCH_PORT_ARRAY),
    QUERY(SWITCH_NIC_ARRAY),
    SET(SWITCH_PORT_CREATE),
    SET(SWITCH_PORT_DELETE),
    SET(SWITCH_NIC_CREATE),
    SET(SWITCH_NIC_CONNECT),
    SET(SWITCH_NIC_DISCONNECT),
    SET(SWITCH_NIC_DELETE),
    METHOD(SWITCH_PORT_FEATURE_STATUS_QUERY),
    SET(SWITCH_PORT_TEARDOWN),
    METHOD(SWITCH_NIC_SAVE),
    SET(SWITCH_NIC_SAVE_COMPLETE),
    SET(SWITCH_NIC_RESTORE),
    SET(SWITCH_NIC_RESTORE_COMPLETE),
    SET(SWITCH_NIC_UPDATED),
    SET(SWITCH_PORT_UPDATED),
    METHOD(SWITCH_NIC_DIRECT_REQUEST),
    SET(SWITCH_NIC_SUSPEND),
    SET(SWITCH_NIC_RESUME),
    SET(PROPERTY_VALIDATE),
    SET(PORT_PROPERTY_VALIDATE),
    SET(EVENT_INDICATE),
    METHOD(METHOD_CALL),
};

const char *
oid_name(uint32_t code)
{
    for (size_t i = 0; i < N_ROWS(codes); i++) {
        if (codes[i].code == code) {
            return codes[i].name;
        }
    }
    return "unknown";
}

uint32_t
oid_kind(uint32_t code)
{
    for (size_t i = 0; i < N_ROWS(codes); i++) {
        if (codes[i].code == code) {
            return codes[i].kind;
        }
    }
    return 0;
}

uint32_t
oid_code_of_setting(const struct xvs_setting *setting)
{
    for (size_t i = 0; i < N_ROWS(oid_settings); i++) {
        if (oid_settings[i].op == setting->op
            && oid_settings[i].scope == setting->scope) {
            return oid_settings[i].code;
        }
    }
    return 0;
}

uint32_t
oid_code_of_query(const struct xvs_query *query)
{
    return query->scope == XVS_SCOPE_PORT
               ? XVS_OID_SWITCH_PORT_FEATURE_STATUS_QUERY
           : query->scope == XVS_SCOPE_SWITCH
               ? XVS_OID_SWITCH_FEATURE_STATUS_QUERY : 0;
}

void
oid_start(struct xvs_oid *oid, uint32_t code, uint32_t port_id,
          struct buffer *packed)
{
    assert(packed->capacity <= UINT32_MAX);
    *oid = (struct xvs_oid){
        .size = sizeof *oid,
        .code = code,
        .kind = oid_kind(code),
        .port_id = port_id,
        .buffer = packed->data,
        .length = (uint32_t) packed->size,
        .capacity = (uint32_t) packed->capacity,
    };
}

/* Empties 'out' and makes room, so that what follows does not move it. */
static void
restart(struct buffer *out, size_t room)
{
    out->size = 0;
    buffer_reserve(out, room);
}

/* Appends the custom structure, the body and the presence bits. */
static void
put_custom(const struct xvs_view *view, struct buffer *out)
{
    struct xvs_property_custom custom = {
        .header = OID_HEADER(struct xvs_property_custom, 2),
        .buffer_length = view->size,
        .present_bits = view->n_present,
    };
    size_t start = out->size;

    buffer_extend(out, sizeof custom);
    buffer_align(out, 8);
    custom.buffer_offset = (uint32_t) out->size;
    buffer_put(out, view->body, view->size);
    buffer_align(out, 8);
    if (view->n_present) {
        custom.present_offset = (uint32_t) out->size;
        buffer_put(out, view->present, ((size_t) view->n_present + 7) / 8);
        buffer_align(out, 8);
    }
    memcpy(out->data + start, &custom, sizeof custom);
}

static size_t
custom_size(const struct xvs_view *view)
{
    return sizeof(struct xvs_property_custom) + (size_t) view->size
           + view->n_present / 8 + 32;
}

/*
 * Writes the form for ports at the front of 'out', or the one for switches,
 * which is the same without the port's id.
 */
static void
put_form(struct buffer *out, bool is_port, const void *form, size_t size)
{
    const char *bytes = form;
    struct xvs_oid_header header;

    if (is_port) {
        memcpy(out->data, form, size);
        return;
    }
    memcpy(&header, form, sizeof header);
    header.size = (uint16_t) size;
    memcpy(out->data, form, OID_PORT_AT);
    memcpy(out->data, &header, sizeof header);
    memcpy(out->data + OID_PORT_AT, bytes + OID_PORT_AT + OID_PORT_SIZE,
           size - OID_PORT_AT);
}

static void
pack_delete(const struct xvs_setting *setting, struct buffer *out)
{
    bool is_port = setting->scope == XVS_SCOPE_PORT;
    size_t size = is_port ? sizeof(struct xvs_port_property_delete_parameters)
        : sizeof(struct xvs_property_delete_parameters);
    struct xvs_port_property_delete_parameters parameters = {
        .header = OID_HEADER(struct xvs_port_property_delete_parameters, 1),
        .port_id = setting->port_id,
        .property_type = XVS_PROPERTY_TYPE_CUSTOM,
        .property_id = setting->uuid,
        .instance_id = setting->instance,
    };

    buffer_extend(out, size);
    put_form(out, is_port, &parameters, size);
}

static void
pack_property(const struct xvs_setting *setting, struct buffer *out)
{
    bool is_port = setting->scope == XVS_SCOPE_PORT;
    size_t size = is_port ? sizeof(struct xvs_port_property_parameters)
        : sizeof(struct xvs_property_parameters);
    struct xvs_port_property_parameters parameters = {
        .header = OID_HEADER(struct xvs_port_property_parameters, 1),
        .port_id = setting->port_id,
        .property_type = XVS_PROPERTY_TYPE_CUSTOM,
        .property_id = setting->uuid,
        .property_version = setting->version,
        .serialization_version = XVS_SERIALIZATION_VERSION,
        .instance_id = setting->instance,
        .buffer_offset = (uint32_t) size,
    };

    buffer_extend(out, size);
    put_custom(&setting->view, out);
    parameters.buffer_length = (uint32_t) (out->size - size);
    put_form(out, is_port, &parameters, size);
}

void
oid_pack_setting(const struct xvs_setting *setting, struct buffer *out)
{
    assert(oid_code_of_setting(setting));
    restart(out, sizeof(struct xvs_port_property_parameters)
                     + custom_size(&setting->view));
    if (setting->op == XVS_DELETE) {
        pack_delete(setting, out);
    } else {
        pack_property(setting, out);
    }
}

static void
pack_port_query(const struct xvs_query *query, struct buffer *out)
{
    struct xvs_port_feature_status_parameters parameters = {
        .header = OID_HEADER(struct xvs_port_feature_status_parameters, 1),
        .port_id = query->port_id,
        .status_type = XVS_PROPERTY_TYPE_CUSTOM,
        .status_id = query->uuid,
        .status_version = query->version,
        .serialization_version = XVS_SERIALIZATION_VERSION,
        .instance_id = query->instance,
        .buffer_offset = sizeof parameters,
    };

    buffer_extend(out, sizeof parameters);
    put_custom(&query->empty, out);
    parameters.buffer_length = (uint32_t) (out->size - sizeof parameters);
    memcpy(out->data, &parameters, sizeof parameters);
}

static void
pack_switch_query(const struct xvs_query *query, struct buffer *out)
{
    struct xvs_feature_status_parameters parameters = {
        .header = OID_HEADER(struct xvs_feature_status_parameters, 1),
        .status_type = XVS_PROPERTY_TYPE_CUSTOM,
        .status_id = query->uuid,
        .instance_id = query->instance,
        .status_version = query->version,
        .serialization_version = XVS_SERIALIZATION_VERSION,
        .buffer_offset = sizeof parameters,
    };

    buffer_extend(out, sizeof parameters);
    put_custom(&query->empty, out);
    parameters.buffer_length = (uint32_t) (out->size - sizeof parameters);
    memcpy(out->data, &parameters, sizeof parameters);
}

void
oid_pack_query(const struct xvs_query *query, size_t room,
               struct buffer *out)
{
    size_t needed = sizeof(struct xvs_port_feature_status_parameters)
                    + custom_size(&query->empty);

    assert(oid_code_of_query(query));
    restart(out, room > needed ? room : needed);
    if (query->scope == XVS_SCOPE_PORT) {
        pack_port_query(query, out);
    } else {
        pack_switch_query(query, out);
    }
}

struct xvs_port_parameters
oid_port_parameters(const struct xvs_port *port, uint32_t state)
{
    struct xvs_port_parameters parameters = {
        .header = OID_HEADER(struct xvs_port_parameters, 1),
        .port_id = port->id,
        .port_state = state,
        .is_validation = port->is_validation,
    };

    memcpy(parameters.name, port->name, sizeof parameters.name);
    parameters.name[sizeof parameters.name - 1] = 0;
    return parameters;
}

struct xvs_nic_parameters
oid_nic_parameters(const struct xvs_port *port, uint32_t state)
{
    struct xvs_nic_parameters parameters = {
        .header = OID_HEADER(struct xvs_nic_parameters, 1),
        .port_id = port->id,
        .nic_type = OID_NIC_SYNTHETIC,
        .nic_state = state,
        .mtu = port->mtu,
    };

    memcpy(parameters.mac, port->mac, sizeof parameters.mac);
    memcpy(parameters.name, port->name, sizeof parameters.name);
    parameters.name[sizeof parameters.name - 1] = 0;
    return parameters;
}

void
oid_pack_port(uint32_t code, const struct xvs_port *port, struct buffer *out)
{
    const struct oid_port_row *row = oid_port_row(code);

    assert(row);
    restart(out, sizeof(struct xvs_nic_parameters));
    if (row->is_nic) {
        struct xvs_nic_parameters nic = oid_nic_parameters(port, row->state);

        buffer_put(out, &nic, sizeof nic);
    } else {
        struct xvs_port_parameters parameters =
            oid_port_parameters(port, row->state);

        buffer_put(out, &parameters, sizeof parameters);
    }
}
