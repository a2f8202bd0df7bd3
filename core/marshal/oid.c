/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * OID requests taken apart.  Structures are copied out of the buffer before
 * they are looked at, so that nobody can change them in between; offsets are
 * compared in 64 bits.
 */

#include <config.h>

#include "marshal/oid.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "marshal/oid-structs.h"

#define N_ROWS(rows) (sizeof (rows) / sizeof (rows)[0])

static const struct oid_port_row port_rows[] = {
    { XVS_OID_SWITCH_PORT_CREATE, false, 1, XVS_PORT_CREATED },
    { XVS_OID_SWITCH_PORT_UPDATED, false, 1, XVS_PORT_UPDATED },
    { XVS_OID_SWITCH_PORT_TEARDOWN, false, 2, 0 },
    { XVS_OID_SWITCH_PORT_DELETE, false, 3, XVS_PORT_DELETED },
    { XVS_OID_SWITCH_NIC_CREATE, true, 1, 0 },
    { XVS_OID_SWITCH_NIC_CONNECT, true, 2, XVS_PORT_CONNECTED },
    { XVS_OID_SWITCH_NIC_UPDATED, true, 2, XVS_PORT_UPDATED },
    { XVS_OID_SWITCH_NIC_DISCONNECT, true, 3, XVS_PORT_DISCONNECTED },
    { XVS_OID_SWITCH_NIC_DELETE, true, 4, 0 },
};

const struct oid_port_row *
oid_port_row(uint32_t code)
{
    for (size_t i = 0; i < N_ROWS(port_rows); i++) {
        if (port_rows[i].code == code) {
            return &port_rows[i];
        }
    }
    return NULL;
}

static bool
wrong(const struct xvs_oid *oid, struct error *error, const char *what)
{
    return error_set(error, ERROR_INVALID, "%s: %s", oid_name(oid->code),
                     what);
}

/*
 * Copies the structure at 'offset', which must be whole before 'end', have
 * the right header, and be of 'size' bytes at least.  '*claimed' is the size
 * that it says it has.
 */
static bool
take(const struct xvs_oid *oid, uint64_t offset, uint64_t end, void *to,
     size_t size, uint32_t *claimed, struct error *error)
{
    struct xvs_oid_header header;

    if (!oid->buffer || end > oid->capacity || offset + size > end) {
        return error_set(error, ERROR_INVALID, "%s: %" PRIu64 " bytes where "
                         "a structure of %zu is expected",
                         oid_name(oid->code),
                         end > offset ? end - offset : 0, size);
    }
    memcpy(to, (const char *) oid->buffer + offset, size);
    memcpy(&header, to, sizeof header);
    if (header.type != XVS_OID_HEADER_TYPE || header.revision == 0
        || header.size < size || header.size > end - offset) {
        return error_set(error, ERROR_INVALID, "%s: header of type 0x%x, "
                         "revision %u, size %u where a structure of %zu "
                         "bytes is expected", oid_name(oid->code),
                         header.type, header.revision, header.size, size);
    }
    *claimed = header.size;
    return true;
}

static bool
take_first(const struct xvs_oid *oid, void *to, size_t size,
           uint32_t *claimed, struct error *error)
{
    if (oid->length > oid->capacity) {
        return wrong(oid, error, "its length is beyond its capacity");
    }
    return take(oid, 0, oid->length, to, size, claimed, error);
}

/* [offset, offset + size) is 8-aligned and within [low, high). */
static bool
inside(uint64_t offset, uint64_t size, uint64_t low, uint64_t high)
{
    return offset % 8 == 0 && offset >= low && offset + size <= high;
}

/*
 * The view that the custom structure at 'offset' describes; all of it lies
 * within 'length' bytes from there.
 */
static bool
take_custom(const struct xvs_oid *oid, uint64_t offset, uint64_t length,
            uint64_t limit, struct xvs_view *view, struct error *error)
{
    struct xvs_property_custom custom = { 0 };
    uint64_t end = offset + length;
    uint64_t n_bytes;
    uint32_t claimed;

    memset(view, 0, sizeof *view);
    if (end > limit) {
        return wrong(oid, error, "its property lies outside the buffer");
    }
    if (!take(oid, offset, end, &custom, OID_CUSTOM_SIZE_1, &claimed,
              error)) {
        return false;
    }
    if (custom.header.revision >= 2
        && !take(oid, offset, end, &custom, sizeof custom, &claimed,
                 error)) {
        return false;
    }
    n_bytes = ((uint64_t) custom.present_bits + 7) / 8;
    if (custom.buffer_length
        && !inside(custom.buffer_offset, custom.buffer_length,
                   offset + claimed, end)) {
        return wrong(oid, error, "the body lies outside its property");
    }
    if (n_bytes
        && !inside(custom.present_offset, n_bytes, offset + claimed, end)) {
        return wrong(oid, error,
                     "the presence bits lie outside their property");
    }
    view->body = (const char *) oid->buffer
                 + (custom.buffer_length ? custom.buffer_offset : offset);
    view->size = custom.buffer_length;
    view->n_present = custom.present_bits;
    view->present = n_bytes ? (const uint8_t *) oid->buffer
                                  + custom.present_offset
                            : NULL;
    return true;
}

/* Of a property or status: everything but the structure in front. */
static bool
take_object(const struct xvs_oid *oid, uint32_t claimed, uint32_t type,
            uint16_t serialization, uint32_t offset, uint32_t length,
            struct xvs_view *view, struct error *error)
{
    if (type != XVS_PROPERTY_TYPE_CUSTOM
        || serialization != XVS_SERIALIZATION_VERSION) {
        return wrong(oid, error, "not a custom property of serialization "
                     "version 1");
    }
    if (offset % 8 != 0 || offset < claimed) {
        return wrong(oid, error, "its property is misplaced");
    }
    return take_custom(oid, offset, length, oid->length, view, error);
}

/*
 * Reads the form for ports, or the one for switches as if it were that for
 * ports, with no port.  'to' has room for the first.
 */
static bool
take_form(const struct xvs_oid *oid, bool is_port, void *to, size_t port_size,
          size_t switch_size, uint32_t *claimed, struct error *error)
{
    const uint32_t none = XVS_PORT_NONE;
    char *bytes = to;

    if (is_port) {
        return take_first(oid, to, port_size, claimed, error);
    }
    memset(to, 0, port_size);
    if (!take_first(oid, bytes + OID_PORT_SIZE, switch_size, claimed,
                    error)) {
        return false;
    }
    memmove(bytes, bytes + OID_PORT_SIZE, OID_PORT_AT);
    memcpy(bytes + OID_PORT_AT, &none, sizeof none);
    return true;
}

static bool
unpack_property(const struct xvs_oid *oid, struct xvs_setting *setting,
                struct error *error)
{
    struct xvs_port_property_parameters parameters;
    uint32_t claimed;

    if (!take_form(oid, setting->scope == XVS_SCOPE_PORT, &parameters,
                   sizeof parameters, sizeof(struct xvs_property_parameters),
                   &claimed, error)) {
        return false;
    }
    setting->port_id = parameters.port_id;
    setting->uuid = parameters.property_id;
    setting->instance = parameters.instance_id;
    setting->version = parameters.property_version;
    return take_object(oid, claimed, parameters.property_type,
                       parameters.serialization_version,
                       parameters.buffer_offset, parameters.buffer_length,
                       &setting->view, error);
}

static bool
unpack_delete(const struct xvs_oid *oid, struct xvs_setting *setting,
              struct error *error)
{
    struct xvs_port_property_delete_parameters parameters;
    uint32_t claimed;

    if (!take_form(oid, setting->scope == XVS_SCOPE_PORT, &parameters,
                   sizeof parameters,
                   sizeof(struct xvs_property_delete_parameters), &claimed,
                   error)) {
        return false;
    }
    setting->port_id = parameters.port_id;
    setting->uuid = parameters.property_id;
    setting->instance = parameters.instance_id;
    return parameters.property_type == XVS_PROPERTY_TYPE_CUSTOM
           || wrong(oid, error, "not a custom property");
}

bool
oid_unpack_setting(const struct xvs_oid *oid, struct xvs_setting *setting,
                   struct error *error)
{
    const struct oid_setting_row *row = NULL;
    bool good;

    for (size_t i = 0; i < N_ROWS(oid_settings); i++) {
        if (oid_settings[i].code == oid->code) {
            row = &oid_settings[i];
        }
    }
    if (!row) {
        return wrong(oid, error, "not a request about a setting");
    }
    *setting = (struct xvs_setting){ .size = sizeof *setting, .op = row->op,
                                     .scope = row->scope };
    if (row->op == XVS_DELETE) {
        good = unpack_delete(oid, setting, error);
    } else {
        good = unpack_property(oid, setting, error);
    }
    if (good && setting->port_id != oid->port_id) {
        return wrong(oid, error, "its port is not that of the request");
    }
    return good;
}

static bool
unpack_port_query(const struct xvs_oid *oid, struct xvs_query *query,
                  struct error *error)
{
    struct xvs_port_feature_status_parameters parameters;
    uint32_t claimed;

    if (!take_first(oid, &parameters, sizeof parameters, &claimed, error)) {
        return false;
    }
    query->scope = XVS_SCOPE_PORT;
    query->port_id = parameters.port_id;
    query->version = parameters.status_version;
    query->uuid = parameters.status_id;
    query->instance = parameters.instance_id;
    return take_object(oid, claimed, parameters.status_type,
                       parameters.serialization_version,
                       parameters.buffer_offset, parameters.buffer_length,
                       &query->empty, error);
}

static bool
unpack_switch_query(const struct xvs_oid *oid, struct xvs_query *query,
                    struct error *error)
{
    struct xvs_feature_status_parameters parameters;
    uint32_t claimed;

    if (!take_first(oid, &parameters, sizeof parameters, &claimed, error)) {
        return false;
    }
    query->scope = XVS_SCOPE_SWITCH;
    query->port_id = XVS_PORT_NONE;
    query->version = parameters.status_version;
    query->uuid = parameters.status_id;
    query->instance = parameters.instance_id;
    return take_object(oid, claimed, parameters.status_type,
                       parameters.serialization_version,
                       parameters.buffer_offset, parameters.buffer_length,
                       &query->empty, error);
}

bool
oid_unpack_query(const struct xvs_oid *oid, struct xvs_query *query,
                 struct error *error)
{
    bool good;

    *query = (struct xvs_query){ .size = sizeof *query };
    if (oid->code == XVS_OID_SWITCH_PORT_FEATURE_STATUS_QUERY) {
        good = unpack_port_query(oid, query, error);
    } else if (oid->code == XVS_OID_SWITCH_FEATURE_STATUS_QUERY) {
        good = unpack_switch_query(oid, query, error);
    } else {
        return wrong(oid, error, "not a status query");
    }
    if (good && query->port_id != oid->port_id) {
        return wrong(oid, error, "its port is not that of the request");
    }
    return good;
}

static bool
take_name(const struct xvs_oid *oid, const char from[XVS_NAME_SIZE],
          struct xvs_port *port, struct error *error)
{
    if (!memchr(from, 0, XVS_NAME_SIZE)) {
        return wrong(oid, error, "the port's name does not end");
    }
    memcpy(port->name, from, XVS_NAME_SIZE);
    return true;
}

bool
oid_unpack_port(const struct xvs_oid *oid, struct xvs_port *port,
                uint32_t *event, struct error *error)
{
    const struct oid_port_row *row = oid_port_row(oid->code);
    struct xvs_port_parameters parameters;
    struct xvs_nic_parameters nic;
    uint32_t claimed;

    if (!row) {
        return wrong(oid, error, "not a request about a port");
    }
    *port = (struct xvs_port){ .size = sizeof *port };
    *event = row->event;
    if (row->is_nic) {
        if (!take_first(oid, &nic, sizeof nic, &claimed, error)) {
            return false;
        }
        port->id = nic.port_id;
        port->mtu = nic.mtu;
        memcpy(port->mac, nic.mac, sizeof port->mac);
        return take_name(oid, nic.name, port, error);
    }
    if (!take_first(oid, &parameters, sizeof parameters, &claimed, error)) {
        return false;
    }
    port->id = parameters.port_id;
    port->is_validation = parameters.is_validation != 0;
    return take_name(oid, parameters.name, port, error);
}

bool
oid_unpack_answer(const struct xvs_oid *oid, struct xvs_view *view,
                  bool *found, struct error *error)
{
    *found = oid->written != 0;
    if (!*found) {
        return true;
    }
    if (oid->written > oid->capacity) {
        return wrong(oid, error, "the answer is longer than the buffer");
    }
    return take_custom(oid, 0, oid->written, oid->written, view, error);
}

bool
oid_unpack_enum(const struct xvs_oid *oid, struct xvs_guid *property,
                uint32_t *port_id, struct error *error)
{
    bool is_port = oid->code == XVS_OID_SWITCH_PORT_PROPERTY_ENUM;
    struct xvs_port_property_enum_parameters parameters;
    uint32_t claimed;

    if (!is_port && oid->code != XVS_OID_SWITCH_PROPERTY_ENUM) {
        return wrong(oid, error, "not an enumeration");
    }
    if (!take_form(oid, is_port, &parameters, sizeof parameters,
                   sizeof(struct xvs_property_enum_parameters), &claimed,
                   error)) {
        return false;
    }
    *property = parameters.property_id;
    *port_id = parameters.port_id;
    return (parameters.property_type == XVS_PROPERTY_TYPE_CUSTOM
            && parameters.serialization_version == XVS_SERIALIZATION_VERSION)
           || wrong(oid, error, "not a custom property of serialization "
                    "version 1");
}
